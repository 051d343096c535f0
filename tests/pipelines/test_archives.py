"""A stranger's ZIP: what is good is read, what could harm is refused by name, and nothing is believed."""

from __future__ import annotations

import io
import stat
import zipfile

import pytest

from pipelines import archives
from pipelines.archives import BadArchive, entries

LIMIT = 4 * 2**20


def packed(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    buffer.seek(0)
    return buffer


def test_files_are_read_one_by_one_and_noise_is_passed_over() -> None:
    archive = packed(("a/fox.png", b"fox"), ("__MACOSX/a/._fox.png", b"x"), (".DS_Store", b"x"), ("owl.webp", b"owl"))
    assert {entry.name: entry.data for entry in entries(archive, LIMIT)} == {"fox.png": b"fox", "owl.webp": b"owl"}


OUTSIDE = ("../../etc/fox.png", "/etc/fox.png", "a/../../fox.png", "C:/fox.png", "..\\fox.png")


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_path_that_leads_out_is_refused(name: str) -> None:
    (entry,) = entries(packed((name, b"x")), LIMIT)
    assert entry.data is None and "leads out" in entry.reason


def test_a_link_is_refused() -> None:
    link = zipfile.ZipInfo("fox.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    (entry,) = entries(packed((link, b"/etc/passwd")), LIMIT)
    assert entry.data is None and "link" in entry.reason


def test_a_bomb_is_not_unpacked() -> None:
    (entry,) = entries(packed(("bomb.png", bytes(3 * 2**20))), LIMIT)
    assert entry.data is None and "grows too much" in entry.reason
    (entry,) = entries(packed(("large.png", bytes(LIMIT + 1)), method=zipfile.ZIP_STORED), LIMIT)
    assert entry.data is None and "more than 4 MB" in entry.reason


def test_a_header_that_lies_about_the_size_is_not_believed() -> None:
    buffer = packed(("liar.png", bytes(LIMIT + 5000)))
    data = bytearray(buffer.getvalue())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")  # the uncompressed size that the directory tells
    (entry,) = entries(io.BytesIO(bytes(data)), LIMIT)
    assert entry.data is None or len(entry.data) <= 1000


def test_what_is_no_archive_or_has_too_many_files_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadArchive, match="not a ZIP"):
        entries(io.BytesIO(b"PK\x03\x04 and nothing more"), LIMIT)
    monkeypatch.setattr(archives, "MOST_ENTRIES", 1)
    with pytest.raises(BadArchive, match="2 files are too many"):
        entries(packed(("a.png", b"a"), ("b.png", b"b")), LIMIT)


def test_a_damaged_file_leaves_the_others_alone() -> None:
    buffer = packed(("a.png", b"a" * 100), ("b.png", b"b" * 100), method=zipfile.ZIP_STORED)
    data = bytearray(buffer.getvalue())
    data[data.index(b"a" * 100)] = 0
    first, second = entries(io.BytesIO(bytes(data)), LIMIT)
    assert first.data is None and "damaged" in first.reason
    assert second.data == b"b" * 100

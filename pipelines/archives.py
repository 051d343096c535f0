"""Reads a stranger's ZIP: one file at a time in memory, nothing written, and whatever could harm refused by name."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MOST_ENTRIES = 20_000
MOST_RATIO = 200  # a picture is compressed already; what shrinks more than this is a bomb
MOST_TOTAL = 16 * 2**30  # bytes of all files together
SLACK = 2**20  # small files may shrink as they like
NOISE = re.compile(r"(^|/)(__MACOSX/|\.(?!\.)|Thumbs\.db$|desktop\.ini$|manifest\.json$)")


class BadArchive(ValueError):
    """The whole file cannot be used. The message says why and what was expected."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`data` None: refused, for `reason`."""

    name: str
    data: bytes | None
    reason: str = ""


def entries(file: BinaryIO, most_bytes: int) -> Iterator[Entry]:
    """Every file inside, none larger than `most_bytes`. Raises BadArchive before the first one."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise BadArchive(f"file: not a ZIP that can be read ({error}). Expected a whole ZIP.") from error
    if len(archive.infolist()) > MOST_ENTRIES:
        raise BadArchive(f"file: {len(archive.infolist())} files are too many. Expected at most {MOST_ENTRIES}.")
    return each(archive, most_bytes)


def each(archive: zipfile.ZipFile, most_bytes: int) -> Iterator[Entry]:
    total = 0
    for info in archive.infolist():
        if info.is_dir() or NOISE.search(info.filename):
            continue
        name = info.filename.rpartition("/")[2][:200]
        reason = objection(info, most_bytes)
        if not reason and total > MOST_TOTAL:
            reason = "the files before it were as large as all of them may be together"
        if reason:
            yield Entry(name, None, reason)
            continue
        entry = read(archive, info, name, most_bytes)
        total += len(entry.data or b"")
        yield entry


def objection(info: zipfile.ZipInfo, most_bytes: int) -> str:
    """Why this one is not even opened, or nothing."""
    parts = re.split(r"[/\\]", info.orig_filename)
    if ".." in parts or parts[0] == "" or ":" in parts[0] or "\0" in info.orig_filename:
        return "its path leads out of the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a link to another file"
    if info.flag_bits & 1:
        return "it is encrypted"
    if info.file_size > most_bytes:
        return f"it has more than {most_bytes // 2**20} MB"
    if info.file_size > SLACK and info.file_size > MOST_RATIO * max(1, info.compress_size):
        return "it grows too much when it is unpacked"
    return ""


def read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, most_bytes: int) -> Entry:
    """What the header says is not believed: reading stops at the limit."""
    try:
        with archive.open(info) as inside:
            data = inside.read(most_bytes + 1)
    except Exception as error:  # A damaged stream ends as it likes: bad checksums, cut deflate data, odd methods.
        return Entry(name, None, f"it is damaged ({type(error).__name__})")
    if len(data) > most_bytes:
        return Entry(name, None, f"it has more than {most_bytes // 2**20} MB")
    return Entry(name, data)

"""Blobs lie in a folder or in a bucket; either way each is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.blobs import Blobs, LocalBlobs, Missing, blob_name, open_blobs
from store.settings import SettingsError

NAME = blob_name("picture", "full")


@pytest.fixture(params=["default", "folder", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    place = {"default": None, "folder": str(tmp_path / "else" / "where"), "memory": f"memory://{tmp_path.name}/studio"}
    return open_blobs(place[request.param], tmp_path / "blobs")


def test_what_is_put_is_found_until_it_is_deleted(blobs: Blobs) -> None:
    blobs.put(NAME, b"first")
    blobs.put(NAME, b"second")
    assert blobs.get(NAME) == b"second"
    assert blobs.names() == [NAME]
    blobs.delete(NAME)
    blobs.delete(NAME)
    assert blobs.names() == []
    with pytest.raises(Missing):
        blobs.get(NAME)


def test_a_name_tells_nothing() -> None:
    assert len(NAME) == 64
    assert len({NAME, blob_name("picture", "thumb256"), blob_name("other", "full")}) == 3


def test_what_a_crash_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path)
    blobs.put(NAME, b"whole")
    (tmp_path / NAME[:2] / f".{NAME}.0a1b2c3d").write_bytes(b"ha")
    assert blobs.names() == [NAME]
    assert blobs.clear_unfinished() == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [NAME]


def test_files_of_others_are_not_taken_for_blobs(tmp_path: Path) -> None:
    blobs = open_blobs(f"memory://{tmp_path.name}/shared", tmp_path)
    blobs.put("readme.txt", b"of somebody else")
    assert blobs.names() == []


@pytest.mark.parametrize("place", ["nosuch://user:secret@bucket", "gs://needs-a-package"])
def test_an_address_that_nothing_speaks_to_is_named_without_its_secrets(tmp_path: Path, place: str) -> None:
    with pytest.raises(SettingsError, match="PIXCOSMOS_BLOBS") as error:
        open_blobs(place, tmp_path)
    assert "secret" not in str(error.value)

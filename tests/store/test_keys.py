"""Keys: made once, readable by their folder's owner alone, and when they are destroyed they are gone."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from store.db import Stores, open_stores
from store.keys import DataKey, KeyGone, KeyRing
from store.models import key_tables
from store.settings import Settings, SettingsError
from tests.conftest import ON_FILES, environment

ALICE, BOB = "a" * 32, "b" * 32


def test_destroyed_keys_make_everything_unreadable_at_once_and_for_good(stores: Stores, settings: Settings) -> None:
    stores.vault.put(ALICE, "picture", "full", b"pixels")
    stores.vault.put(BOB, "picture2", "full", b"of bob")
    stores.keys.destroy(ALICE)
    with pytest.raises(KeyGone):
        stores.vault.get(ALICE, "picture", "full")
    assert stores.vault.get(BOB, "picture2", "full") == b"of bob"
    again = open_stores(settings)
    with pytest.raises(KeyGone):
        again.vault.get(ALICE, "picture", "full")
    again.close()


@ON_FILES
def test_a_destroyed_key_is_in_no_byte_of_the_data_folder(stores: Stores, settings: Settings) -> None:
    stores.vault.put(ALICE, "picture", "full", b"pixels")
    table = key_tables(stores.databases[1]).DataKey
    wrapped = bytes(table.get(table.subject_id == ALICE).wrapped)
    assert holding(settings.data, wrapped)
    stores.keys.destroy(ALICE)
    assert holding(settings.data, wrapped) == []


def holding(folder: Path, needle: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]


def test_work_under_way_makes_no_new_key_for_who_is_gone(stores: Stores) -> None:
    stores.vault.put(ALICE, "picture", "full", b"pixels")
    stores.keys.destroy(ALICE)
    stores.keys.destroy(BOB)
    for subject in (ALICE, BOB):
        with pytest.raises(KeyGone):
            stores.vault.put(subject, "late", "full", b"pixels")


def test_a_key_says_nothing_about_itself() -> None:
    key, other = DataKey(b"k" * 32), DataKey(b"l" * 32)
    assert "kkk" not in repr(key)
    assert len(key.id) == 8
    assert key.id != other.id
    assert key.derive(b"blob", b"salt") not in (key.secret, key.derive(b"blob", b"pepper"), key.derive(b"field"))


def test_the_data_folder_is_its_owners_alone(stores: Stores, settings: Settings) -> None:
    stores.vault.put(ALICE, "picture", "full", b"pixels")
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    loose = [path for path in settings.data.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert loose == []


def test_the_key_ring_is_read_again_and_never_remade(tmp_path: Path) -> None:
    first, second = KeyRing.open(tmp_path / "ring.json"), KeyRing.open(tmp_path / "ring.json")
    assert first.keys == second.keys
    assert str(first.keys[1]) not in repr(first)
    (tmp_path / "ring.json").write_text("{}")
    with pytest.raises(SettingsError, match="not a key ring"):
        KeyRing.open(tmp_path / "ring.json")


def test_a_folder_without_its_ring_or_with_another_is_refused_by_name(stores: Stores, settings: Settings) -> None:
    stores.vault.put(ALICE, "picture", "full", b"pixels")
    stores.close()
    ring = settings.data / "keyring.json"
    ring.rename(settings.data / "elsewhere.json")
    with pytest.raises(SettingsError, match="PIXCOSMOS_DATA: .* because keyring.json in it is gone"):
        open_stores(settings)
    assert not ring.exists()
    KeyRing.open(ring)
    with pytest.raises(SettingsError, match="does not open its keys"):
        open_stores(settings)


FIRST_START = """
from datetime import UTC, datetime
from store.db import open_stores
from store.settings import Settings
stores = open_stores(Settings.load())
print(stores.subjects.owner(datetime.now(UTC)))
stores.close()
"""


@pytest.mark.parametrize("on_server", [False, True], ids=["files", "server"])
def test_first_starts_at_the_same_moment_agree(
    tmp_path: Path, on_server: bool, request: pytest.FixtureRequest
) -> None:
    dsns = request.getfixturevalue("postgres").new() if on_server else {}
    settings = Settings(data=tmp_path / "data", **dsns)
    root = Path(__file__).parents[2]
    command, env = [sys.executable, "-c", FIRST_START], os.environ | environment(settings)
    starts = [subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    owners = {start.communicate(timeout=60)[0] for start in starts}
    assert [start.returncode for start in starts] == [0, 0, 0]
    assert len(owners) == 1

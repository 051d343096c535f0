"""What is sealed opens for its owner as it was, and for nobody else, and not when a bit of it changed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.db import Stores, open_stores
from store.keys import KeyGone, KeyRing
from store.settings import Settings
from store.vault import Missing, RemoteBlobs, Tampered, Vault, blob_name

ALICE, BOB = "a" * 32, "b" * 32


def test_a_blob_comes_back_as_it_was(stores: Stores) -> None:
    stores.vault.put(ALICE, "picture", "full", b"pixels")
    assert stores.vault.get(ALICE, "picture", "full") == b"pixels"


def test_it_opens_for_nobody_else_and_under_no_other_name(stores: Stores) -> None:
    stores.vault.put(ALICE, "picture", "full", b"pixels")
    stores.vault.put(BOB, "other", "full", b"of bob")
    with pytest.raises(Tampered):
        stores.vault.get(BOB, "picture", "full")
    moved = stores.vault.blobs.get(blob_name("picture", "full"))
    stores.vault.blobs.put(blob_name("picture", "thumb256"), moved)
    with pytest.raises(Tampered):
        stores.vault.get(ALICE, "picture", "thumb256")
    with pytest.raises(Missing):
        stores.vault.get(ALICE, "nothing", "full")


@given(st.integers(min_value=0))
def test_a_changed_bit_is_noticed(tmp_path_factory: pytest.TempPathFactory, place: int) -> None:
    folder = tmp_path_factory.mktemp("vault")
    stores = open_stores(Settings(data=folder))
    name = stores.vault.put(ALICE, "picture", "full", b"pixels")
    packed = bytearray(stores.vault.blobs.get(name))
    packed[place % len(packed)] ^= 1
    stores.vault.blobs.put(name, bytes(packed))
    with pytest.raises(Tampered):
        stores.vault.get(ALICE, "picture", "full")
    stores.close()


def test_a_field_of_one_row_cannot_stand_in_another(stores: Stores) -> None:
    sealed = stores.vault.seal_text(ALICE, "row", "draft", "a fox")
    assert stores.vault.open_text(ALICE, "row", "draft", sealed) == "a fox"
    for subject, row, field in ((BOB, "row", "draft"), (ALICE, "another", "draft"), (ALICE, "row", "facts")):
        with pytest.raises((Tampered, KeyGone)):
            stores.vault.open_text(subject, row, field, sealed)


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


def test_the_data_folder_is_its_owners_alone(stores: Stores, settings: Settings) -> None:
    stores.vault.put(ALICE, "picture", "full", b"pixels")
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    loose = [path for path in settings.data.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert loose == []


def test_the_key_ring_is_read_again_and_never_remade(tmp_path: Path) -> None:
    first, second = KeyRing.open(tmp_path / "ring.json"), KeyRing.open(tmp_path / "ring.json")
    assert first.keys == second.keys
    (tmp_path / "ring.json").write_text("{}")
    with pytest.raises(ValueError, match="not a key ring"):
        KeyRing.open(tmp_path / "ring.json")
    assert str(first.keys[1]) not in repr(first)


def test_blobs_may_lie_in_a_bucket(stores: Stores) -> None:
    vault = Vault(RemoteBlobs("memory://bucket/studio"), stores.keys)
    name = vault.put(ALICE, "picture", "full", b"pixels")
    assert vault.get(ALICE, "picture", "full") == b"pixels"
    assert vault.blobs.names() == [name]
    vault.blobs.delete(name)
    vault.blobs.delete(name)
    with pytest.raises(Missing):
        vault.get(ALICE, "picture", "full")

"""What is sealed opens for its owner as it was, and for nobody else, and not when a bit of it changed."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.blobs import Missing, blob_name
from store.db import Stores
from store.keys import KeyGone
from store.vault import Tampered

ALICE, BOB = "a" * 32, "b" * 32


def test_a_blob_comes_back_as_it_was(stores: Stores) -> None:
    stores.vault.put(ALICE, "picture", "full", b"pixels")
    assert stores.vault.get(ALICE, "picture", "full") == b"pixels"


@pytest.mark.promise("P25")
@pytest.mark.promise("P21")
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


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7), cut=st.booleans())
def test_a_changed_bit_or_a_missing_end_is_noticed(stores: Stores, place: int, bit: int, cut: bool) -> None:
    name = stores.vault.put(ALICE, "picture", "full", b"pixels")
    packed = bytearray(stores.vault.blobs.get(name))
    place %= len(packed)
    packed[place] ^= 1 << bit
    stores.vault.blobs.put(name, bytes(packed[:place] if cut else packed))
    with pytest.raises(Tampered):
        stores.vault.get(ALICE, "picture", "full")


def test_a_field_of_one_row_cannot_stand_in_another(stores: Stores) -> None:
    sealed = stores.vault.seal_text(ALICE, "row", "draft", "a fox")
    assert stores.vault.open_text(ALICE, "row", "draft", sealed) == "a fox"
    for subject, row, field in ((BOB, "row", "draft"), (ALICE, "another", "draft"), (ALICE, "row", "facts")):
        with pytest.raises((Tampered, KeyGone)):
            stores.vault.open_text(subject, row, field, sealed)
    for end in range(len(sealed)):
        with pytest.raises(Tampered):
            stores.vault.open_text(ALICE, "row", "draft", sealed[:end])


def test_the_same_text_is_sealed_differently_each_time(stores: Stores) -> None:
    first, second = (stores.vault.seal_text(ALICE, "row", "draft", "a fox") for _ in range(2))
    assert first != second

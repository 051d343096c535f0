"""Subjects: one owner, and guests who are known by a token that is stored nowhere."""

from __future__ import annotations

from datetime import timedelta

from store.db import Stores
from tests.conftest import NOON, ON_FILES


def test_there_is_one_owner(stores: Stores) -> None:
    assert stores.subjects.owner(NOON) == stores.subjects.owner(NOON + timedelta(days=1))


def test_a_guest_is_known_by_the_token_until_it_expires(stores: Stores) -> None:
    token, subject = stores.subjects.new_guest(NOON)
    assert stores.subjects.of_token(token, NOON + timedelta(days=29)) == subject
    assert stores.subjects.of_token(token, NOON + timedelta(days=31)) is None
    assert stores.subjects.of_token("guessed", NOON) is None


@ON_FILES
def test_the_token_itself_is_not_on_disk(stores: Stores) -> None:
    from pathlib import Path

    token, _ = stores.subjects.new_guest(NOON)
    folder = Path(stores.databases[0].database).parent
    assert all(token.encode() not in path.read_bytes() for path in folder.glob("*.db*"))

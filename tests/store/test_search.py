"""Search in sealed prompts: by every word, in any case, over more pictures than are opened at once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from policies.draft import Draft
from store import search
from store.db import Stores
from store.gallery import Image, NewImage
from store.search import OpenPrompts
from tests.conftest import NOON


@dataclass(frozen=True)
class Made:
    subject_id: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


def fill(stores: Stores, subject: str, prompts: list[str], speck: NewImage) -> None:
    """Rows alone, oldest first: a search opens no files."""
    with stores.databases[0].atomic():
        for number, prompt in enumerate(prompts):
            moment = NOON + timedelta(seconds=number)
            stores.gallery.add_row(uuid.uuid4().hex, Made(subject), Draft(prompt=prompt), speck, moment)


def all_pages(stores: Stores, subject: str, words: str, limit: int) -> tuple[list[Image], int]:
    """Everything that is found, and how many pages it took."""
    found, cursor, pages = [], None, 0
    while True:
        page, cursor = stores.gallery.page(subject, before=cursor, limit=limit, words=words)
        found, pages = found + list(page), pages + 1
        if cursor is None:
            return found, pages


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("fox", True),
        ("RED fox", True),
        ("nebula red", True),
        ("cafe\u0301", True),  # the accent as a letter of its own
        ("STRASSE", True),
        ("fox owl", False),
    ],
)
def test_every_word_must_be_there_however_it_is_written(
    stores: Stores, speck: NewImage, words: str, found: bool
) -> None:
    me = stores.subjects.owner(NOON)
    fill(stores, me, ["a red fox at the caf\u00e9 in the Stra\u00dfe, nebula"], speck)
    assert bool(stores.gallery.page(me, words=words)[0]) is found


def test_pages_of_a_search_are_whole_across_batches(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    prompts = [f"an owl {number}" if number % 7 else f"a fox {number}" for number in range(1000)]
    fill(stores, me, prompts, speck)
    wanted = [prompt for prompt in reversed(prompts) if "fox" in prompt]
    for limit in (10, 143, 200):
        found, _ = all_pages(stores, me, "fox", limit)
        assert [image.draft.prompt for image in found] == wanted


def test_a_search_that_looked_through_enough_says_where_to_go_on(
    stores: Stores, speck: NewImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "CAP", search.ROWS_AT_ONCE)
    me = stores.subjects.owner(NOON)
    fill(stores, me, ["the only fox"] + ["an owl"] * (2 * search.ROWS_AT_ONCE), speck)
    assert stores.gallery.page(me, words="fox")[0] == ()
    found, pages = all_pages(stores, me, "fox", 10)
    assert [image.draft.prompt for image in found] == ["the only fox"]
    assert pages == 3


def test_a_deleted_picture_is_not_found_by_what_is_remembered(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    fill(stores, me, ["a fox"], speck)
    (image,), _ = stores.gallery.page(me, words="fox")
    stores.gallery.delete(me, [image.id])
    assert stores.gallery.page(me, words="fox") == ((), None)


def test_opened_prompts_stay_within_their_budget_and_the_latest_remain() -> None:
    opened = OpenPrompts(budget=10)
    opened.add("first", "12345")
    opened.add("second", "12345")
    assert opened.get("first") == "12345"
    opened.add("third", "123")
    assert opened.get("second") is None
    assert opened.get("first") == "12345"
    opened.forget("first")
    opened.add("fourth", "1234567")
    assert opened.get("third") == "123"

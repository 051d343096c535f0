"""Search in sealed prompts: by every word, in any case, over more pictures than are opened at once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from policies.draft import Draft
from policies.search import ORDERS, Facts, Order, parse
from store import search
from store.db import Stores
from store.gallery import Image, NewImage
from store.search import BadCursor, Listing, OpenFacts
from tests.conftest import NOON, ON_FILES, SEEN


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
        page, cursor = stores.gallery.page(subject, Listing(parse(words)), before=cursor, limit=limit)
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
    assert bool(stores.gallery.page(me, Listing(parse(words)))[0]) is found


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
    assert stores.gallery.page(me, Listing(parse("fox")))[0] == ()
    found, pages = all_pages(stores, me, "fox", 10)
    assert [image.draft.prompt for image in found] == ["the only fox"]
    assert pages == 3


def test_a_deleted_picture_is_not_found_by_what_is_remembered(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    fill(stores, me, ["a fox"], speck)
    (image,), _ = stores.gallery.page(me, Listing(parse("fox")))
    stores.gallery.delete(me, [image.id])
    assert stores.gallery.page(me, Listing(parse("fox"))) == ((), None)


def test_opened_settings_stay_within_their_budget_and_the_latest_remain() -> None:
    opened = OpenFacts(budget=2 * search.OVERHEAD + 10)
    short, longer = Facts(prompt="12345"), Facts(prompt="1234567")
    opened.add("first", short)
    opened.add("second", short)
    assert opened.get("first") == short
    opened.add("third", Facts(prompt="123"))
    assert opened.get("second") is None
    assert opened.get("first") == short
    opened.forget("first")
    opened.add("fourth", longer)
    assert opened.get("third") == Facts(prompt="123")


@pytest.fixture
def mixed(stores: Stores, speck: NewImage) -> str:
    """Sixty pictures that differ in everything a search can ask for."""
    me = stores.subjects.owner(NOON)
    board = stores.boards.add(me, "Icons", NOON)
    kinds = ("text_to_image", "imported")
    with stores.databases[0].atomic():
        for number in range(60):
            draft = Draft(prompt=f"a fox {number}", seed=number * 7 % 60, steps=number, guidance=number / 4)
            image = replace(speck, width=256 + 64 * (number % 5), height=512)
            day = NOON + timedelta(days=number)
            stores.gallery.add_row(f"{number:032x}", Made(me), draft, image, day, kinds[number % 2])
    ids = [f"{number:032x}" for number in range(60)]
    stores.boards.move(me, ids[::3], board.id)
    stores.tags.put(me, ids[::4], "draft")
    stores.gallery.star(me, ids[::5], True)
    for image_id in ids[::6]:
        stores.checks.add(image_id, me, "", SEEN, NOON)
        stores.checks.hold(image_id, "reported", "a hash", NOON, "")
    return me


TERMS: list[tuple[str, Callable[[int], bool]]] = [
    ("", lambda n: True),
    ("steps:>20 steps:<=30", lambda n: 20 < n <= 30),
    ("seed:7", lambda n: n * 7 % 60 == 7),
    ("guidance:2.5", lambda n: n == 10),
    ("width:320", lambda n: n % 5 == 1),
    ("size:>512", lambda n: False),
    ("size:>=512", lambda n: True),
    ("size:512x512", lambda n: n % 5 == 4),
    ("kind:imported", lambda n: n % 2 == 1),
    ("-kind:imported", lambda n: n % 2 == 0),
    ("board:icons", lambda n: n % 3 == 0),
    ("board:ICONS tag:draft", lambda n: n % 12 == 0),
    ("-board:icons", lambda n: n % 3 != 0),
    ("board:none", lambda n: n % 3 != 0),
    ("board:nowhere", lambda n: False),
    ("-tag:draft", lambda n: n % 4 != 0),
    ("tag:none", lambda n: n % 4 != 0),
    ("is:starred -seed:<30", lambda n: n % 5 == 0 and n * 7 % 60 >= 30),
    ("is:held", lambda n: n % 6 == 0),
    ("-is:held is:starred", lambda n: n % 6 != 0 and n % 5 == 0),
    ("before:2026-11-04", lambda n: n < 3),
    ("after:2026-11-04 before:2026-12", lambda n: 3 <= n < 30),
    ("on:2026-12-01", lambda n: n == 30),
]


@ON_FILES
@pytest.mark.parametrize(("text", "wanted"), TERMS)
@pytest.mark.parametrize("order", ORDERS)
def test_every_term_and_order_is_what_a_plain_look_through_all_finds(
    stores: Stores, mixed: str, text: str, wanted: Callable[[int], bool], order: Order
) -> None:
    look_through(stores, mixed, text, wanted, order)


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_server_finds_the_same(stores: Stores, mixed: str) -> None:
    for text, wanted in TERMS:
        look_through(stores, mixed, text, wanted, "newest")
    for order in ORDERS:
        look_through(stores, mixed, "size:>=512 -tag:draft", lambda n: n % 4 != 0, order)


def look_through(stores: Stores, mixed: str, text: str, wanted: Callable[[int], bool], order: Order) -> None:
    expected = [number for number in range(60) if wanted(number)]
    keys: dict[Order, Callable[[int], object]] = {
        "newest": lambda n: -n,
        "oldest": lambda n: n,
        "starred": lambda n: (n % 5 != 0, -n),
        "seed": lambda n: n * 7 % 60,
    }
    expected.sort(key=keys[order])
    listing = Listing(parse(text), order)
    found: list[str] = []
    cursor = None
    while True:
        page, cursor = stores.gallery.page(mixed, listing, before=cursor, limit=7)
        found += [image.id for image in page]
        if cursor is None:
            break
    assert [int(image_id, 16) for image_id in found] == expected
    assert stores.gallery.ids(mixed, listing, most=1000) == found
    for at, image_id in enumerate(found):
        neighbours = (found[at - 1] if at else None, found[at + 1] if at + 1 < len(found) else None)
        assert stores.gallery.around(mixed, image_id, listing) == neighbours


def test_a_day_is_the_readers_own(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    late = NOON.replace(hour=23, minute=30)
    stores.gallery.add_row("1" * 32, Made(me), Draft(prompt="late"), speck, late)
    for zone, day in (("UTC", 1), ("Europe/Berlin", 2), ("Etc/GMT+12", 1)):
        query = parse(f"on:2026-11-{day:02}")
        assert len(stores.gallery.page(me, Listing(query, zone=ZoneInfo(zone)))[0]) == 1


@pytest.mark.parametrize(
    "moment, day",
    [
        (datetime(2026, 7, 14, 22, 30, tzinfo=UTC), "2026-07-15"),  # 0:30 in summer
        (datetime(2026, 1, 14, 22, 30, tzinfo=UTC), "2026-01-14"),  # 23:30 in winter
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), "2026-03-29"),  # a day of 23 hours
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), "2026-10-25"),  # and one of 25
    ],
)
def test_a_day_begins_as_it_did_in_its_own_season(stores: Stores, speck: NewImage, moment: datetime, day: str) -> None:
    me = stores.subjects.owner(NOON)
    stores.gallery.add_row("1" * 32, Made(me), Draft(prompt="seasons"), speck, moment)
    on = Listing(parse(f"on:{day}"), zone=ZoneInfo("Europe/Berlin"))
    others = Listing(parse(f"-on:{day}"), zone=ZoneInfo("Europe/Berlin"))
    assert [len(stores.gallery.page(me, listing)[0]) for listing in (on, others)] == [1, 0]


def test_the_first_and_the_last_day_there_is_are_asked_for_in_any_zone(stores: Stores) -> None:
    me = stores.subjects.owner(NOON)
    for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
        for day in ("0001-01-01", "9999-12-30"):
            assert stores.gallery.page(me, Listing(parse(f"on:{day}"), zone=ZoneInfo(zone)))[0] == ()


def test_a_cursor_of_another_order_is_refused(stores: Stores, mixed: str) -> None:
    _, cursor = stores.gallery.page(mixed, Listing(order="starred"), limit=3)
    assert cursor is not None
    with pytest.raises(BadCursor):
        stores.gallery.page(mixed, Listing(order="newest"), before=cursor)
    for bad in ("", "-", "1-", "x-y", f"{'9' * 30}-a"):
        with pytest.raises(BadCursor):
            stores.gallery.page(mixed, before=bad)


def test_seeds_of_64_bits_have_a_next_page(stores: Stores, speck: NewImage) -> None:
    subject = stores.subjects.new_guest(NOON)[1]
    for seed in (2**64 - 1, 2**63, 5):
        stores.gallery.add_row(uuid.uuid4().hex, Made(subject), Draft(prompt="a fox", seed=seed), speck, NOON)
    seen, cursor = [], None
    for _ in range(3):
        (image,), cursor = stores.gallery.page(subject, Listing(order="seed"), before=cursor, limit=1)
        seen.append(image.seed)
    assert seen == [5, 2**63, 2**64 - 1] and cursor is None


@ON_FILES
def test_a_pages_query_uses_an_index_for_its_order(stores: Stores, mixed: str) -> None:
    """Nothing is sorted for a page, whatever the number of pictures: the index already is."""
    table = stores.gallery._rows
    for order in ("newest", "oldest", "starred"):
        for text in ("", "is:starred", "board:icons"):
            listing = Listing(parse(text), order)
            finder = stores.gallery._search
            columns, conditions = finder._columns(order), finder._conditions(mixed, listing)
            by = [column.asc() if order == "oldest" else column.desc() for column in columns]
            sql, values = table.select(*columns).where(*conditions).order_by(*by).limit(49).sql()
            plan = str(stores.databases[0].execute_sql(f"explain query plan {sql}", values).fetchall())
            if (order, text) != ("starred", "board:icons"):
                assert "TEMP B-TREE" not in plan, plan

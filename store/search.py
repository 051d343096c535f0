"""Finds pictures: what columns know is asked of the database, what is sealed is opened in memory."""

from __future__ import annotations

import heapq
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from peewee import Case, Database, Tuple

from policies.search import Box, Facts, Order, Query, Range, Span, Term, folded, matches
from store.boards import Boards
from store.checks import HELD
from store.models import ContentTables
from store.moments import micros
from store.tags import Tags
from store.vault import Vault

ROWS_AT_ONCE = 400
CAP = 20_000  # pictures looked into for one page
SEEDS_CAP = 100_000  # pictures looked into to put them in the order of their seeds
BUDGET = 32 * 2**20  # characters of opened settings, over all subjects
OVERHEAD = 100  # what one picture's settings take beside their characters

Place = tuple[Any, ...]  # where a picture stands in an order; its id comes last
NUMBER = re.compile(r"\d{1,18}")
SEED = re.compile(r"\d{1,20}")  # what other studios drew with has up to 64 bits


class BadCursor(ValueError):
    """What was given as `before` is no cursor of this listing."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What to list and how. `zone` is where the reader's days begin: summer and winter may differ."""

    query: Query = field(default_factory=Query)
    order: Order = "newest"
    zone: tzinfo = UTC


EVERYTHING = Listing()


class Search:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault) -> None:
        self._rows = tables.Image
        self._uses = tables.ImageTag
        self._checks = tables.Check
        self._boards = Boards(database, tables, vault)
        self._tags = Tags(database, tables, vault)
        self._vault = vault
        self._opened = OpenFacts()

    def find(
        self, subject_id: str, listing: Listing, after: Place | None, limit: int, *, back: bool = False
    ) -> tuple[list[Place], Place | None]:
        """The next pictures of the listing, and where to go on; None at the end of everything.

        `back` looks the other way, nearest first. After CAP pictures it stops with what it has.
        """
        conditions = self._conditions(subject_id, listing)
        if listing.order == "seed":
            return self._by_seed(subject_id, listing.query, conditions, (after, limit, back))
        if not listing.query.sealed:
            ahead = self._places(conditions, listing.order, after, limit + 1, back)
            return ahead[:limit], ahead[limit - 1] if len(ahead) > limit else None
        found: list[Place] = []
        for _ in range(CAP // ROWS_AT_ONCE):
            batch = self._places(conditions, listing.order, after, ROWS_AT_ONCE, back)
            facts = self._facts(subject_id, [place[-1] for place in batch])
            for place in batch:
                if place[-1] in facts and matches(listing.query, facts[place[-1]]):
                    if len(found) == limit:
                        return found, found[-1]
                    found.append(place)
            if len(batch) < ROWS_AT_ONCE:
                return found, None
            after = batch[-1]
        return found, after

    def place(self, subject_id: str, order: Order, image_id: str) -> Place | None:
        """Where a picture stands; None when it is not there or another's."""
        table = self._rows
        mine = (table.id == image_id) & (table.subject_id == subject_id)
        if order == "seed":
            row = table.select(table.created_at).where(mine).first()
            return row and (self._facts(subject_id, [image_id])[image_id].seed, row.created_at, image_id)
        columns = self._columns(order)
        return next(iter(table.select(*columns).where(mine).tuples()), None)

    def forget(self, image_id: str) -> None:
        self._opened.forget(image_id)

    def _columns(self, order: Order) -> tuple[Any, ...]:
        """What an order goes by, most significant first. Each is unique, and each has an index."""
        table = self._rows
        by_age = (table.created_at, table.id)
        return (table.starred, *by_age) if order == "starred" else by_age

    def _places(
        self, conditions: Sequence[Any], order: Order, after: Place | None, limit: int, back: bool
    ) -> list[Place]:
        """One stretch of the index: the cost does not grow with what lies before or behind."""
        columns = self._columns(order)
        descending = (order != "oldest") != back
        query = self._rows.select(*columns).where(*conditions)
        if after is not None:
            here, there = Tuple(*columns), Tuple(*after)
            query = query.where(here < there if descending else here > there)
        by = [column.desc() if descending else column.asc() for column in columns]
        return list(query.order_by(*by).limit(limit).tuples())

    def _by_seed(
        self, subject_id: str, query: Query, conditions: Sequence[Any], window: tuple[Place | None, int, bool]
    ) -> tuple[list[Place], Place | None]:
        """Seeds are sealed, so every picture is looked into; a heap keeps the few that the page needs."""
        after, limit, back = window
        pick = heapq.nlargest if back else heapq.nsmallest
        ahead = pick(
            limit + 1,
            (
                place
                for place in self._seeds(subject_id, query, conditions)
                if after is None or (place < after if back else place > after)
            ),
        )
        return ahead[:limit], ahead[limit - 1] if len(ahead) > limit else None

    def _seeds(self, subject_id: str, query: Query, conditions: Sequence[Any]) -> Iterator[Place]:
        after: Place | None = None
        for _ in range(SEEDS_CAP // ROWS_AT_ONCE):
            batch = self._places(conditions, "newest", after, ROWS_AT_ONCE, False)
            facts = self._facts(subject_id, [image_id for _, image_id in batch])
            for created_at, image_id in batch:
                if image_id in facts and matches(query, facts[image_id]):
                    yield facts[image_id].seed, created_at, image_id
            if len(batch) < ROWS_AT_ONCE:
                return
            after = batch[-1]

    def _conditions(self, subject_id: str, listing: Listing) -> list[Any]:
        """The subject first; then one condition for each term that columns can answer."""
        conditions = [self._rows.subject_id == subject_id]
        for term in listing.query.plain:
            condition = self._condition(subject_id, term, listing.zone)
            conditions.append(~condition if term.negated else condition)
        return conditions

    def _condition(self, subject_id: str, term: Term, zone: tzinfo) -> Any:
        table, value = self._rows, term.value
        if isinstance(value, Range):
            longer = Case(None, [(table.width > table.height, table.width)], table.height)
            column = {"width": table.width, "height": table.height}.get(term.field, longer)
            return between(column, value)
        if isinstance(value, Box):
            return (table.width == value.width) & (table.height == value.height)
        if isinstance(value, Span):
            start = table.created_at >= (beginning(value.start, zone) if value.start else 0)
            return start & (table.created_at < beginning(value.end, zone)) if value.end else start
        return self._named(subject_id, term.field, value)

    def _held(self, subject_id: str) -> Any:
        """Ids of what the scan or a moderator holds back."""
        checks = self._checks
        return checks.select(checks.image_id).where(checks.subject_id == subject_id, checks.state << HELD)

    def _named(self, subject_id: str, name: str, value: str) -> Any:
        table = self._rows
        if name == "is":
            return table.starred == 1 if value == "starred" else table.id << self._held(subject_id)
        if name == "kind":
            return table.kind == value
        if name == "board":
            # A picture without a board would make a negated comparison unknown instead of true.
            if value == "none":
                return table.board_id.is_null()
            return table.board_id.is_null(False) & (table.board_id << self._boards.titled(subject_id, value))
        uses = self._uses.select(self._uses.image_id).where(self._uses.subject_id == subject_id)
        if value == "none":
            return table.id.not_in(uses)
        return table.id << uses.where(self._uses.tag_id << self._tags.named(subject_id, value))

    def _facts(self, subject_id: str, ids: Sequence[str]) -> dict[str, Facts]:
        """Settings as they are compared; a picture that was deleted a moment ago is left out."""
        known = {image_id: facts for image_id in ids if (facts := self._opened.get(image_id)) is not None}
        table = self._rows
        wanted = [image_id for image_id in ids if image_id not in known]
        if not wanted:
            return known
        sealed = table.select(table.id, table.draft, table.facts, table.kind).where(table.id << wanted)
        for image_id, draft, facts, kind in sealed.tuples():
            settings = json.loads(self._vault.open_text(subject_id, image_id, "draft", bytes(draft)))
            # Only what was brought has a name, so the rest need not be opened.
            about = self._vault.open_text(subject_id, image_id, "facts", bytes(facts)) if kind == "imported" else "{}"
            known[image_id] = facts_of(settings, json.loads(about))
            self._opened.add(image_id, known[image_id])
        return known


def facts_of(settings: dict[str, Any], about: dict[str, Any]) -> Facts:
    """What a search compares of a draft, and of the file name of a picture that was brought."""
    has = {name for name in ("mask", "image") if settings.get(name)}
    has |= {"control"} if settings.get("controls") else set()
    has |= {"negative"} if settings.get("negative_prompt") else set()
    has |= {"settings"} if settings.get("model") else set()
    return Facts(
        prompt=folded(f"{settings.get('prompt', '')} {about.get('file_name', '')}"),
        negative=folded(settings.get("negative_prompt") or ""),
        model=folded(settings.get("model") or ""),
        scheduler=folded(settings.get("scheduler") or ""),
        seed=settings.get("seed") or 0,
        steps=settings.get("steps") or 0,
        guidance=settings.get("guidance") or 0.0,
        has=frozenset(has),
    )


def between(column: Any, value: Range) -> Any:
    low, high = (max(-(2**62), min(2**62, end)) for end in (value.low, value.high))
    return (column > low) & (column < high) if value.strict else (column >= low) & (column <= high)


def beginning(day: date, zone: tzinfo) -> int:
    """The moment at which the reader's day begins."""
    return micros(datetime(day.year, day.month, day.day, tzinfo=zone))


class OpenFacts:
    """Those used longest ago go first when the budget is spent. Thread-safe."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._size = 0
        self._facts: OrderedDict[str, Facts] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, image_id: str) -> Facts | None:
        with self._lock:
            if image_id in self._facts:
                self._facts.move_to_end(image_id)
            return self._facts.get(image_id)

    def add(self, image_id: str, facts: Facts) -> None:
        with self._lock:
            self._drop(image_id)
            self._facts[image_id] = facts
            self._size += weight(facts)
            while self._size > self._budget:
                self._drop(next(iter(self._facts)))

    def forget(self, image_id: str) -> None:
        with self._lock:
            self._drop(image_id)

    def _drop(self, image_id: str) -> None:
        if image_id in self._facts:
            self._size -= weight(self._facts.pop(image_id))


def weight(facts: Facts) -> int:
    return OVERHEAD + len(facts.prompt) + len(facts.negative)


def read_cursor(cursor: str, listing: Listing) -> Place:
    *numbers, image_id = cursor.split("-")
    wanted = {"seed": (SEED, NUMBER), "starred": (NUMBER, NUMBER)}.get(listing.order, (NUMBER,))
    fits = len(numbers) == len(wanted) and all(map(re.Pattern.fullmatch, wanted, numbers))
    if not fits or not image_id:
        raise BadCursor(f"before: {cursor!r} is not allowed. Expected the cursor that the page before gave.")
    return *map(int, numbers), image_id

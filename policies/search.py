"""The language in which a person looks for pictures: reads it, holds settings against it. Knows no rows.

    fox "night sky" -dog model:starter seed:7 steps:>20 size:>=512 before:2026-11-01 board:icons tag:x is:starred

Every term must hold. A minus in front turns one round, quotes keep words together, and `..` makes a range.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from policies.verdict import Refused, refuse

LONGEST = 500
MOST_TERMS = 30

Order = Literal["newest", "oldest", "starred", "seed"]
ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `low` to `high`; with `strict` the ends themselves are outside."""

    low: float = -math.inf
    high: float = math.inf
    strict: bool = False

    def holds(self, number: float) -> bool:
        return self.low < number < self.high if self.strict else self.low <= number <= self.high


@dataclass(frozen=True, slots=True)
class Box:
    """Exactly this many pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` on, before `end`."""

    start: date | None = None
    end: date | None = None


Value = str | Range | Box | Span


@dataclass(frozen=True, slots=True)
class Term:
    """`field` "" means the words of the prompt. Texts are folded, as they are compared."""

    field: str
    value: Value
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    terms: tuple[Term, ...] = ()

    @property
    def sealed(self) -> tuple[Term, ...]:
        """The terms that only a picture's opened settings can answer."""
        return tuple(term for term in self.terms if term.field in MATCHES)

    @property
    def plain(self) -> tuple[Term, ...]:
        """The terms that columns can answer."""
        return tuple(term for term in self.terms if term.field not in MATCHES)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of a picture's sealed settings. Texts are folded."""

    prompt: str = ""
    negative: str = ""
    model: str = ""
    scheduler: str = ""
    seed: int = 0
    steps: int = 0
    guidance: float = 0.0
    has: Collection[str] = ()


HAS = ("mask", "image", "control", "negative", "settings")


def parse(text: str) -> Query:
    """Raises Refused naming the term that cannot be read."""
    if len(text) > LONGEST:
        raise wrong(f"{text[:20]}…", f"at most {LONGEST} characters")
    terms = tuple(terms_of(text))
    if len(terms) > MOST_TERMS:
        raise wrong(f"{len(terms)} terms", f"at most {MOST_TERMS}")
    return Query(terms)


TOKEN = re.compile(r'(-?)(?:([A-Za-z]+):)?(?:"([^"]*)(?:"|$)|(\S*))')


def terms_of(text: str) -> Iterator[Term]:
    for found in TOKEN.finditer(text):
        minus, name, quoted, bare = found.groups()
        value = folded(bare if quoted is None else quoted)
        if name is None:
            if value:
                yield Term("", value, bool(minus))
            continue
        field = ALIASES.get(name.lower(), name.lower())
        if field not in READERS:
            raise wrong(found[0], f"one of {', '.join(f'{one}:' for one in READERS)} or quotes around the words")
        read, example = READERS[field]
        try:
            yield Term(field, read(value), bool(minus))
        except ValueError:
            raise wrong(found[0], example) from None


def matches(query: Query, facts: Facts) -> bool:
    """Whether every sealed term holds."""
    return all(MATCHES[term.field](facts, term.value) != term.negated for term in query.sealed)


def folded(text: str) -> str:
    """How texts are compared: without case, the same letter written in two ways is one, and any space is a space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def wrong(term: str, expected: str) -> Refused:
    return Refused(refuse("bad_search", field="q", value=term, expected=expected))


# How values are read. A ValueError becomes a refusal that names the term.

RANGE = re.compile(r"(>=|<=|>|<)?(\d{1,20}(?:\.\d{1,10})?)|(\d{1,20}(?:\.\d{1,10})?)\.\.(\d{1,20}(?:\.\d{1,10})?)")
DAY = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


def words(value: str) -> str:
    if not value:
        raise ValueError
    return value


def numbers(value: str) -> Range:
    found = RANGE.fullmatch(value)
    if found is None:
        raise ValueError
    sign, one, low, high = found.groups()
    if one is None:
        return Range(exactly(low), exactly(high))
    number = exactly(one)
    if sign is None:
        return Range(number, number)
    strict = sign in ("<", ">")
    return Range(number, math.inf, strict) if sign.startswith(">") else Range(-math.inf, number, strict)


def exactly(text: str) -> float:
    """Whole numbers stay whole: a seed of 64 bits is more than a fraction can tell from its neighbours."""
    return float(text) if "." in text else int(text)


def size(value: str) -> Range | Box:
    """`512x768`, or a range for the longer side."""
    sides = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", value)
    return Box(int(sides[1]), int(sides[2])) if sides else numbers(value)


def period(value: str) -> tuple[date, date]:
    """The first day of a year, a month or a day, and the day after its last."""
    found = DAY.fullmatch(value)
    if found is None:
        raise ValueError
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        start = date(year or 0, month or 1, day or 1)
        if day:
            return start, start + timedelta(days=1)
        return start, date(start.year + 1, 1, 1) if not month or month == 12 else date(start.year, month + 1, 1)
    except OverflowError:
        raise ValueError from None


def one_of(*names: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in names:
            raise ValueError
        return value

    return read


def kind(value: str) -> str:
    return words(value).replace("-", "_").replace(" ", "_")


NUMBER = "a number as in {0}:20, {0}:>20 or {0}:10..30"
DATE = "a day, a month or a year as in {0}:2026-11-01"

READERS: Mapping[str, tuple[Callable[[str], Value], str]] = {
    "model": (words, "a part of a model's name as in model:starter"),
    "scheduler": (words, "a scheduler as in scheduler:euler"),
    "negative": (words, "a word of the negative prompt as in negative:blurry"),
    "kind": (kind, "a kind as in kind:inpaint or kind:imported"),
    "board": (words, 'the title of a board as in board:icons or board:"night sky", or board:none'),
    "tag": (words, "a tag as in tag:draft, or tag:none"),
    "is": (one_of("starred", "held"), "is:starred, or is:held for what is held back"),
    "has": (one_of(*HAS), f"one of {', '.join(f'has:{name}' for name in HAS)}"),
    "seed": (numbers, NUMBER.format("seed")),
    "steps": (numbers, NUMBER.format("steps")),
    "guidance": (numbers, NUMBER.format("guidance")),
    "width": (numbers, NUMBER.format("width")),
    "height": (numbers, NUMBER.format("height")),
    "size": (size, "the longer side as in size:>=512, or both as in size:512x768"),
    "before": (lambda value: Span(end=period(value)[0]), DATE.format("before")),
    "after": (lambda value: Span(start=period(value)[0]), DATE.format("after")),
    "on": (lambda value: Span(*period(value)), DATE.format("on")),
}
ALIASES = {"cfg": "guidance", "sampler": "scheduler"}


def within(text: str, value: Value) -> bool:
    return isinstance(value, str) and value in text


def among(number: float, value: Value) -> bool:
    return isinstance(value, Range) and value.holds(number)


# What a sealed term means. Every other field is a column's: store/search.py.
MATCHES: Mapping[str, Callable[[Facts, Value], bool]] = {
    "": lambda facts, value: within(facts.prompt, value),
    "negative": lambda facts, value: within(facts.negative, value),
    "model": lambda facts, value: within(facts.model, value),
    "scheduler": lambda facts, value: within(facts.scheduler, value),
    "has": lambda facts, value: value in facts.has,
    "seed": lambda facts, value: among(facts.seed, value),
    "steps": lambda facts, value: among(facts.steps, value),
    "guidance": lambda facts, value: among(facts.guidance, value),
}

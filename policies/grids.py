"""X/Y grids: one draft, two parameters, every pair of their values. Knows no models and no pictures."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from policies.draft import Draft
from policies.verdict import Refused, refuse, require

MOST_VALUES = 16  # of one axis
MOST_CELLS = 64

WHOLE = ("steps", "seed")
NUMBERS = ("guidance", "strength")
CHOICES = ("scheduler", "model")
WORDS = ("prompt", "negative_prompt")
FIELDS = tuple(name for name in (*WORDS, *WHOLE, *NUMBERS, *CHOICES) if name in {field.name for field in fields(Draft)})

NUMBER = r"-?\d+(?:\.\d+)?"
RANGE = re.compile(rf"({NUMBER})\s*(?:-|…|\.\.)\s*({NUMBER})(?:\s*(?:\(\s*\+?({NUMBER})\s*\)|\[\s*(\d+)\s*\]))?")


@dataclass(frozen=True, slots=True)
class Axis:
    """`values` in order. Of words the first is what is searched for and stays, the others take its place."""

    field: str
    values: tuple[Any, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(f"{value:g}" if isinstance(value, float) else str(value) for value in self.values)


@dataclass(frozen=True, slots=True)
class Plan:
    """`rows` are drafts of one picture each: a row for each value of y, in it one for each value of x."""

    x: Axis
    y: Axis | None
    rows: tuple[tuple[Draft, ...], ...]

    @property
    def cells(self) -> tuple[Draft, ...]:
        return tuple(draft for row in self.rows for draft in row)


def axis(field: str, text: str, side: str = "x") -> Axis:
    """Reads what a person typed: `10, 20`, `10-30 (+10)`, `1-5 [3]`, or words with commas between. Raises Refused."""
    if field not in FIELDS:
        require(refuse("unknown", field=side, value=field, expected=" or ".join(FIELDS)))
    values = tuple(dict.fromkeys(value for part in listed(text) for value in valued(field, part, side)))
    if not 1 <= len(values) <= MOST_VALUES:
        raise wrong(side, text, f"1 to {MOST_VALUES} values with commas between")
    return Axis(field, values)


def plan(draft: Draft, x: Axis, y: Axis | None = None) -> Plan:
    """Every pair of values over the draft, whose seed is known. Raises Refused when there are too many, or no match."""
    if y is not None and y.field == x.field and x.field not in WORDS:
        raise wrong("y", y.field, f"another parameter than x, which is {x.field} already")
    count = len(x.values) * (len(y.values) if y else 1)
    if count > MOST_CELLS:
        require(refuse("grid_large", field="grid", value=count, expected=f"at most {MOST_CELLS} pictures"))
    single = replace(draft, count=1)
    rows = [changed(single, y, value, "y") for value in y.values] if y else [single]
    return Plan(x, y, tuple(tuple(changed(row, x, value, "x") for value in x.values) for row in rows))


def changed(draft: Draft, over: Axis, value: Any, side: str) -> Draft:
    if over.field not in WORDS:
        return replace(draft, **{over.field: value})
    sought, held = str(over.values[0]), str(getattr(draft, over.field))
    if sought not in held:
        raise wrong(side, sought, f"words that are in the {over.field.replace('_', ' ')}, the first one to be replaced")
    exchanged: dict[str, Any] = {over.field: held.replace(sought, str(value))}
    return replace(draft, **exchanged)


def listed(text: str) -> Sequence[str]:
    """Between commas; quotes keep a comma inside."""
    lines = " ".join(text.splitlines())
    parts = next(csv.reader([lines], skipinitialspace=True), [])
    return [part.strip() for part in parts if part.strip()]


def valued(field: str, part: str, side: str) -> Sequence[Any]:
    if field not in WHOLE + NUMBERS:
        return (part,)
    whole = field in WHOLE
    found = RANGE.fullmatch(part)
    if found:
        return spread(field, part, side, found)
    try:
        return (int(part) if whole else float(part),)
    except ValueError:
        raise wrong(side, part, f"{'whole ' if whole else ''}numbers, such as 10, 20, 30 or 10-30 (+10)") from None


def spread(field: str, part: str, side: str, found: re.Match[str]) -> Sequence[Any]:
    """`1-9 (+2)` by steps, `1-9 [3]` by how many, `1-9` by ones."""
    low, high, step, count = found.groups()
    first, last = float(low), float(high)
    wanted = int(count) if count else 0
    if wanted:
        numbers = [first + (last - first) * at / max(1, wanted - 1) for at in range(min(wanted, MOST_VALUES + 1))]
    else:
        by = abs(float(step or 1)) or 1.0
        length = int(abs(last - first) / by + 1e-9) + 1
        numbers = [first + (by if last >= first else -by) * at for at in range(min(length, MOST_VALUES + 1))]
    if max(wanted, len(numbers)) > MOST_VALUES:
        raise wrong(side, part, f"at most {MOST_VALUES} values")
    return [round(number) if field in WHOLE else round(number, 4) for number in numbers]


def wrong(side: str, value: str, expected: str) -> Refused:
    return Refused(refuse("grid_values", field=side, value=value, expected=expected))

"""Texts that something can keep. Half a character, as a text that was cut in the middle of one ends with, is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.verdict import ALLOWED, Verdict, refuse

HALF = re.compile("[\ud800-\udfff]")


def whole(values: object) -> Verdict:
    """Refuses the first half of a character anywhere in plain values, by the name of its field as in `draft.prompt`."""
    return next((refused(where, half) for where, half in halves(values, "")), ALLOWED)


def refused(where: str, half: str) -> Verdict:
    return refuse("out_of_range", field=where, value=half, expected="whole characters")


def halves(values: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(values, str):
        if found := HALF.search(values):
            yield where, found[0]
    elif isinstance(values, Mapping):
        for name, value in values.items():
            yield from halves(name, where)
            yield from halves(value, f"{where}.{name}" if where else name)
    elif isinstance(values, list | tuple):
        for place, value in enumerate(values):
            yield from halves(value, f"{where}[{place}]")

"""Texts that something can keep. Half a character, as a text that was cut in the middle of one ends with, is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from policies.verdict import ALLOWED, Verdict, refuse

HALF = re.compile("[\ud800-\udfff]")


def whole(values: object) -> Verdict:
    """Refuses the first half of a character anywhere in plain values, by the name of its field as in `draft.prompt`."""
    return next((refused(where, half) for where, half in halves(values)), ALLOWED)


def refused(where: str, half: str) -> Verdict:
    return refuse("out_of_range", field=where, value=half, expected="whole characters")


def halves(values: object) -> Iterator[tuple[str, str]]:
    """Where one is, and the half itself. With a stack of its own: what a stranger sends may be nested deeply."""
    waiting = [("", values)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, str):
            if found := HALF.search(value):
                yield where, found[0]
        elif isinstance(value, Mapping):
            waiting += ((where, name) for name in value)
            waiting += ((f"{where}.{name}" if where else name, one) for name, one in value.items())
        elif isinstance(value, list | tuple):
            waiting += ((f"{where}[{place}]", one) for place, one in enumerate(value))

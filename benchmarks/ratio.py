"""Two ways of doing the same thing, timed in turns, so that a noisy machine is noisy for both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Way = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Ratio:
    """`ours` and `theirs` are seconds (or bytes) of each turn; `goal` is what the ratio of medians should not pass."""

    name: str
    ours: Sequence[float]
    theirs: Sequence[float]
    goal: str
    unit: str = "s"

    @property
    def value(self) -> float:
        return statistics.median(self.ours) / statistics.median(self.theirs)

    def row(self) -> str:
        pairs = sorted(mine / other for mine, other in zip(self.ours, self.theirs, strict=True))
        spread = f"{pairs[0]:.2f} to {pairs[-1]:.2f}"
        mine, other = (statistics.median(values) for values in (self.ours, self.theirs))
        seen = f"{mine:.3g} {self.unit} | {other:.3g} {self.unit}"
        return f"| {self.name} | {self.value:.2f} | {spread} | {seen} | {self.goal} |"


HEAD = "| what | ratio | spread of pairs | ours | theirs | goal |\n|---|---|---|---|---|---|"


def interleave(name: str, ours: Way, theirs: Way, turns: int, goal: str) -> Ratio:
    """One turn of each to warm up, then `turns` of both, changing who goes first."""
    ours(), theirs()
    mine: list[float] = []
    other: list[float] = []
    for turn in range(turns):
        both = [(ours, mine), (theirs, other)]
        for way, times in both if turn % 2 == 0 else reversed(both):
            began = time.perf_counter()
            way()
            times.append(time.perf_counter() - began)
    return Ratio(name, mine, other, goal)

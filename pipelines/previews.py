"""When a picture in the making may be shown: previews together take a small share of the steps' time. Draws nothing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal

SHARE = 0.02  # of the seconds that steps take, all pictures together
SAVED = 0.25  # seconds of that share that are kept at most, for the next pictures
EVERY = 0.3  # seconds, at least, between two previews of one picture
LONGEST = 0.1  # seconds; a look that takes longer would be felt as a pause
UNKNOWN = 0.01  # seconds that a look is thought to take before one was timed

Kind = Literal["sketch", "look"]


@dataclass(slots=True)
class Budget:
    """A `look` is drawn by a decoder, once enough was saved for it. Until a picture has had one it gets a `sketch`,
    a map from latents to colours that costs next to nothing, so that everybody soon sees something."""

    spent: float = 0.0  # seconds, since the start
    drawn: int = 0
    _left: float = 0.0
    _look: float = UNKNOWN
    _last: dict[Hashable, tuple[float, Kind]] = field(default_factory=dict)

    def earn(self, seconds: float) -> None:
        """Steps took so long."""
        self._left = min(SAVED, self._left + SHARE * seconds)

    def expect(self, seconds: float) -> None:
        """What a look was seen to take while the model was opened: none is tried before it is paid for."""
        self._look = seconds

    def waited(self, picture: Hashable) -> float:
        """A key to sort by: those that were never shown come first, then those shown longest ago."""
        return self._last.get(picture, (float("-inf"), "sketch"))[0]

    def choose(self, picture: Hashable, now: float) -> Kind | None:
        last, kind = self._last.get(picture, (float("-inf"), "sketch"))
        if now - last < EVERY or self._left <= 0:
            return None
        if self._look <= min(self._left, LONGEST):
            return "look"
        return "sketch" if kind == "sketch" else None

    def spend(self, picture: Hashable, kind: Kind, seconds: float, now: float) -> None:
        self._left -= seconds
        self.spent += seconds
        self.drawn += 1
        self._last[picture] = now, kind
        if kind == "look":
            self._look = seconds

    def forget(self, picture: Hashable) -> None:
        self._last.pop(picture, None)

"""The six prompts that an empty studio offers. `python -m components.pages.examples` draws their pictures anew."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Example:
    """`seed` is the one whose picture is shown; the prompt alone is offered."""

    file: str
    prompt: str
    seed: int


EXAMPLES = (
    Example("fox.webp", "a fox in a purple nebula", 7),
    Example("apple.webp", "a red apple on a white background", 1),
    Example("rocket.webp", "a rocket in the night sky", 3),
    Example("cactus.webp", "a cactus at sunset", 5),
    Example("sailboat.webp", "a sailboat on the sea", 2),
    Example("mushroom.webp", "a mushroom in a meadow", 4),
)

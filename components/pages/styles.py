"""Draws the pictures of the starter's styles anew: `python -m components.pages.styles`. WebP, at most 15 kB each."""

from __future__ import annotations

from pathlib import Path

from components.pages.examples import Example, draw
from policies.shipped_styles import GROUNDS
from policies.styles import Words, put_on

FOLDER = Path(__file__).parent / "static" / "styles"
SUBJECT = "a fox"
SEED = 2


def examples() -> tuple[Example, ...]:
    return tuple(Example(f"{style.id}.webp", put_on(style, Words(SUBJECT)).prompt, SEED) for style in GROUNDS)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    draw(FOLDER, examples(), side=192)

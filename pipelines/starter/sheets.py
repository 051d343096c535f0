"""Lays pictures out in rows, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

GAP = 4  # pixels around a picture
LINE = 11  # pixels of a line of text


def sheet(pictures: Sequence[Image.Image], captions: Sequence[str] = (), columns: int = 6) -> Image.Image:
    """Pictures of one size, row by row, each over its caption where there are captions."""
    width, height = pictures[0].width + GAP, pictures[0].height + GAP + (2 * LINE if captions else 0)
    rows = -(-len(pictures) // columns)
    page = Image.new("RGB", (columns * width, rows * height), "white")
    pen = ImageDraw.Draw(page)
    for place, picture in enumerate(pictures):
        left, top = place % columns * width + GAP // 2, place // columns * height + GAP // 2
        page.paste(picture, (left, top))
        if captions:
            pen.multiline_text((left, top + picture.height), wrap(captions[place]), "black", spacing=0, font_size=10)
    return page


def wrap(text: str, characters: int = 26) -> str:
    """At most two lines."""
    cut = text.rfind(" ", 0, characters) if len(text) > characters else len(text)
    return f"{text[:cut]}\n{text[cut:].strip()[:characters]}"

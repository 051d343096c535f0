"""A labelled sheet of pictures, as X/Y grids are looked at and kept: columns, rows and their words. Knows no jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from pipelines.images import encode

GROUND, INK, FAINT, EMPTY = (255, 255, 255), (26, 28, 46), (93, 97, 128), (238, 239, 247)
CELL, GAP, EDGE = 320, 12, 32
LABEL = 20  # pixels of letters
NAMES = 190  # width of the column with the rows' names
LINES = 4  # of one label


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` of pictures, None where one is missing. `x` names the columns, `y` the rows; `y` may be empty."""

    title: str
    note: str
    x: tuple[str, ...]
    y: tuple[str, ...]
    rows: tuple[tuple[Image.Image | None, ...], ...]


def draw(sheet: Sheet, fonts: Sequence[Path]) -> bytes:
    """PNG. `fonts` are asked in their order for each letter: the first serves Latin letters, the next what it lacks."""
    plain, bold, small = (Pen(fonts, LABEL, 500), Pen(fonts, 28, 650), Pen(fonts, 17, 400))
    columns = len(sheet.x)
    left = EDGE + (NAMES if sheet.y else 0)
    width = left + columns * (CELL + GAP) - GAP + EDGE
    title = bold.wrapped(sheet.title, width - 2 * EDGE, 3)
    heads = [plain.wrapped(name, CELL - 8, LINES) for name in sheet.x]
    head = max(map(len, heads)) * plain.line
    top = EDGE + len(title) * bold.line + small.line + 20 + head + 10
    height = top + len(sheet.rows) * (CELL + GAP) - GAP + EDGE
    canvas = Image.new("RGB", (width, height), GROUND)
    bold.write(canvas, (EDGE, EDGE), title, INK)
    small.write(canvas, (EDGE, EDGE + len(title) * bold.line + 4), [sheet.note], FAINT)
    for column, lines in enumerate(heads):
        middle = left + column * (CELL + GAP) + CELL // 2
        plain.write(canvas, (middle, top - 10 - len(lines) * plain.line), lines, INK, centred=True)
    for row, pictures in enumerate(sheet.rows):
        at = top + row * (CELL + GAP)
        if sheet.y:
            lines = plain.wrapped(sheet.y[row], NAMES - 20, 10)
            plain.write(canvas, (EDGE, at + (CELL - len(lines) * plain.line) // 2), lines, INK)
        for column, picture in enumerate(pictures):
            lay(canvas, picture, (left + column * (CELL + GAP), at))
    return encode(canvas, "PNG", compress_level=6)


def lay(canvas: Image.Image, picture: Image.Image | None, at: tuple[int, int]) -> None:
    """Whole, in the middle of its cell; an empty cell shows its place."""
    if picture is None:
        ImageDraw.Draw(canvas).rectangle((*at, at[0] + CELL - 1, at[1] + CELL - 1), EMPTY)
        return
    fitted = picture.convert("RGB")
    fitted.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    canvas.paste(fitted, (at[0] + (CELL - fitted.width) // 2, at[1] + (CELL - fitted.height) // 2))


class Pen:
    """Writes in one size; a letter that the first font lacks comes from the next."""

    def __init__(self, paths: Sequence[Path], size: int, weight: int) -> None:
        self.line = round(size * 1.35)
        self.fonts = []
        for path in paths:
            font = ImageFont.truetype(path, size)
            font.set_variation_by_axes([weight])
            self.fonts.append(font)

    def wrapped(self, text: str, width: int, most: int) -> list[str]:
        """Lines of at most `width`, broken between words and, where one word is longer, within it."""
        lines: list[str] = []
        line = ""
        for word in " ".join(text.split()).split(" "):
            longer = f"{line} {word}".strip()
            if self.length(longer) <= width:
                line = longer
                continue
            lines += [line] if line else []
            while self.length(word) > width:
                fits = next(n for n in range(len(word), 0, -1) if self.length(word[:n]) <= width or n == 1)
                lines.append(word[:fits])
                word = word[fits:]
            line = word
        lines += [line] if line or not lines else []
        return lines if len(lines) <= most else [*lines[: most - 1], self.shortened(lines[most - 1], width)]

    def shortened(self, line: str, width: int) -> str:
        while line and self.length(f"{line}…") > width:
            line = line[:-1]
        return f"{line}…"

    def length(self, text: str) -> float:
        return sum(font.getlength(run) for font, run in self.runs(text))

    def write(
        self,
        canvas: Image.Image,
        at: tuple[int, int],
        lines: Sequence[str],
        ink: tuple[int, ...],
        centred: bool = False,
    ) -> None:
        brush = ImageDraw.Draw(canvas)
        for number, line in enumerate(lines):
            x = at[0] - (self.length(line) / 2 if centred else 0)
            for font, run in self.runs(line):
                brush.text((x, at[1] + number * self.line), run, fill=ink, font=font)
                x += font.getlength(run)

    def runs(self, text: str) -> list[tuple[ImageFont.FreeTypeFont, str]]:
        """Stretches of letters with the font that has them."""
        found: list[tuple[ImageFont.FreeTypeFont, str]] = []
        for letter in text:
            font = self.fonts[min(extended(letter), len(self.fonts) - 1)]
            if found and found[-1][0] is font:
                found[-1] = (font, found[-1][1] + letter)
            else:
                found.append((font, letter))
        return found


def extended(letter: str) -> bool:
    """Whether it is one of the letters that the second file of the shipped font holds: Czech, Polish, Turkish…"""
    return 0x100 <= ord(letter) <= 0x2BA and letter not in "ıŒœ" or 0x1E00 <= ord(letter) <= 0x1EFF

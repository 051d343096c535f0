"""The picture that is redrawn in part: widened, cut to what a model can draw, and laid back. Knows no models.

What the mask keeps is never touched: only the marked pixels of the canvas take from what was drawn, whatever size it
was drawn at.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from PIL import Image

from pipelines.images import Size
from pipelines.masks import Box, Mask, around, composite
from pipelines.types import Pixels, Place, RenderJob

Margins = tuple[int, int, int, int]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Drawable:
    """Sides of finished pictures that a model can draw: from `low` to `high` by `step`, best with about `area`."""

    low: int
    high: int
    step: int
    area: int

    def near(self, width: float, height: float) -> Size:
        """The size of about this shape, no smaller where that is possible."""
        return self._side(width), self._side(height)

    def _side(self, length: float) -> int:
        whole = -int(-round(length, 3) // self.step) * self.step
        return max(self.low, min(whole, self.high))


def widened(pixels: Pixels, margins: Margins) -> Pixels:
    """More room at the four sides, filled with the picture's own edge until something is drawn there."""
    left, top, right, bottom = margins
    return np.pad(pixels, ((top, bottom), (left, right), (0, 0)), mode="edge")


def widened_mask(mask: Mask, margins: Margins, overlap: int) -> Mask:
    """Margins are redrawn, and `overlap` pixels of the picture beside them too, so that no line shows."""
    left, top, right, bottom = margins
    height, width = mask.shape
    wide = np.full((top + height + bottom, left + width + right), 255, np.uint8)
    inside = (slice(overlap * bool(top), height - overlap * bool(bottom)),) + (
        slice(overlap * bool(left), width - overlap * bool(right)),
    )
    wide[top : top + height, left : left + width][inside] = mask[inside]
    return wide


def plan(size: Size, part: Box, able: Drawable, closely: bool) -> tuple[Box, Size]:
    """The box of the canvas that is drawn, at which size: all of `part` is in it, and its shape is the model's own.

    `closely` draws it at the model's best area, else as large as it is, as far as the model can. The box may reach
    beyond the canvas of `size` where the model cannot draw the shape.
    """
    left, top, right, bottom = part
    width, height = right - left, bottom - top
    scale = sqrt(able.area / (width * height)) if closely else 1.0
    scale = min(scale, able.high / max(width, height))
    scale = max(scale, min(able.low / min(width, height), able.high / max(width, height)))
    drawn = able.near(width * scale, height * scale)
    scale = min(drawn[0] / width, drawn[1] / height)
    if not closely and abs(scale - 1) < 0.02:
        scale = 1.0  # a few pixels more around it are better than pixels between pixels
    wide, high = max(width, round(drawn[0] / scale)), max(height, round(drawn[1] / scale))
    start, above = placed_at(left, width, wide, size[0]), placed_at(top, height, high, size[1])
    return (start, above, start + wide, above + high), drawn


def placed_at(start: int, length: int, wanted: int, limit: int) -> int:
    """Where `wanted` pixels begin that have the part in their middle, inside the limit where they fit."""
    begin = start - (wanted - length) // 2
    if wanted > limit:
        return -((wanted - limit) // 2)
    return max(0, min(begin, limit - wanted))


def cut(array: np.ndarray, box: Box, beyond: int | None = None) -> np.ndarray:
    """What is in the box; beyond the canvas its edge goes on, or the value `beyond`."""
    left, top, right, bottom = box
    height, width = array.shape[:2]
    inside = array[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    margins = ((max(-top, 0), max(bottom - height, 0)), (max(-left, 0), max(right - width, 0)))
    pads = margins + ((0, 0),) * (array.ndim - 2)
    return np.pad(inside, pads, mode="edge") if beyond is None else np.pad(inside, pads, constant_values=beyond)


def resized(array: np.ndarray, size: Size) -> np.ndarray:
    if array.shape[1::-1] == size:
        return array
    return np.asarray(Image.fromarray(array).resize(size, Image.Resampling.LANCZOS))


def part_of(mask: Mask, padding: int, closely: bool) -> Box:
    """All of the canvas, or what is marked with `padding` around it."""
    return around(mask, padding, 1) if closely else (0, 0, mask.shape[1], mask.shape[0])


def generous(mask: Mask, reach: int) -> Mask:
    """All that is marked at all, and `reach` pixels more: what the model redraws, so that thin strokes reach it too."""
    grown = np.pad((mask > 0).astype(np.uint8) * 255, reach)
    height, width = mask.shape
    grown = np.maximum.reduce([grown[shift : shift + height] for shift in range(2 * reach + 1)])
    return np.maximum.reduce([grown[:, shift : shift + width] for shift in range(2 * reach + 1)])


def laid_back(job: RenderJob, drawn: Pixels) -> Pixels:
    """The whole picture: `drawn` over its place on the canvas, as much as the mask says; without a place, as it is."""
    place = job.place
    if place is None:
        return drawn
    left, top, right, bottom = place.box
    height, width = place.mask.shape
    fitting = resized(drawn, (right - left, bottom - top))
    rows, columns = slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))
    inside = fitting[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    whole = place.canvas.copy()
    whole[rows, columns] = composite(whole[rows, columns], inside, place.mask[rows, columns])
    return whole


def fills(place: Place | None, size: Size) -> bool:
    """Whether what is drawn is all of the result."""
    return place is None or (place.box == (0, 0, *size) and place.mask.shape == size[::-1])

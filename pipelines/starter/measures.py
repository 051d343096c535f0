"""What can be measured in the pixels of pictures: the ground, its colour, variety, and the nearest of others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from PIL import Image, ImageFilter

from pipelines.starter.backgrounds import COLOURS

CELLS = 16  # a picture's sides in cells; the ground is looked for in the outer two
NEIGHBOURS = 5


class Grounds:
    """Tells the kind of ground by its nearest neighbours among pictures whose ground is known."""

    def __init__(self, pixels: np.ndarray, kinds: Sequence[str]) -> None:
        self.features, self.kinds = rim(pixels), np.asarray(kinds)

    def kinds_of(self, pixels: np.ndarray) -> list[str]:
        found = []
        for features in rim(pixels):
            nearest = np.argsort(np.square(self.features - features).sum(axis=1))[:NEIGHBOURS]
            names, counts = np.unique(self.kinds[nearest], return_counts=True)
            found.append(str(names[counts.argmax()]))
        return found


class Tints:
    """Tells the colour of a thing on a plain ground from things whose colour is known."""

    def __init__(self, pixels: np.ndarray, tints: Sequence[str]) -> None:
        means, names = subject_colours(pixels), np.asarray(tints)
        self.tints = sorted(set(tints))
        self.centres = np.stack([means[names == tint].mean(axis=0) for tint in self.tints])

    def tints_of(self, pixels: np.ndarray) -> list[str]:
        distance = np.linalg.norm(subject_colours(pixels)[:, None] - self.centres[None], axis=-1)
        return [self.tints[place] for place in distance.argmin(axis=1)]


def plain_colours(pixels: np.ndarray) -> list[str]:
    """The named colour nearest to the rim of each picture."""
    names, values = list(COLOURS), np.array(list(COLOURS.values()), float)
    distance = np.linalg.norm(rim_colours(pixels)[:, None] - values[None], axis=-1)
    return [names[place] for place in distance.argmin(axis=1)]


def rim(pixels: np.ndarray) -> np.ndarray:
    """The outer cells of pictures (N, H, W, 3) as features (N, 336) from 0 to 1."""
    outer = np.ones((CELLS, CELLS), bool)
    outer[2:-2, 2:-2] = False
    return shrunk(pixels, CELLS)[:, outer].reshape(len(pixels), -1) / 255


def rim_colours(pixels: np.ndarray) -> np.ndarray:
    return np.median(rim(pixels).reshape(len(pixels), -1, 3), axis=1) * 255


def subject_colours(pixels: np.ndarray) -> np.ndarray:
    """The mean colour (N, 3) of what differs from the rim; the rim's own where nothing does."""
    means = []
    for picture, ground in zip(pixels.astype(float), rim_colours(pixels), strict=True):
        differs = np.linalg.norm(picture - ground, axis=-1) > 48
        means.append(picture[differs].mean(axis=0) if differs.any() else ground)
    return np.stack(means)


def nearest(pixels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far the nearest of `others` is from each picture: root mean square of 0 to 255, at 32x32."""
    small, pool = (shrunk(one, 32).reshape(len(one), -1).astype(np.float32) for one in (pixels, others))
    squares = np.square(small).sum(axis=1)[:, None] + np.square(pool).sum(axis=1)[None] - 2 * small @ pool.T
    return np.sqrt(np.maximum(squares.min(axis=1), 0) / small.shape[1])


def variety(pixels: np.ndarray) -> float:
    """The mean difference between pictures of one prompt: root mean square of 0 to 255, at 32x32."""
    small = shrunk(pixels, 32)
    return float(np.mean([np.sqrt(np.square(one - other).mean()) for one, other in combinations(small, 2)]))


def edges_in_place(drawn: np.ndarray, wanted: np.ndarray) -> float:
    """F1 of edges (N, H, W, 3) against those asked for; a pixel aside is still in place. NaN without edges."""
    scores = []
    for one, other in zip(drawn, wanted, strict=True):
        mine, theirs = one.any(axis=-1), other.any(axis=-1)
        if theirs.any():
            kept = (mine & near(theirs)).sum() + (theirs & near(mine)).sum()
            scores.append(kept / (mine.sum() + theirs.sum()))
    return float(np.mean(scores)) if scores else float("nan")


def near(marked: np.ndarray) -> np.ndarray:
    """What is marked (H, W) and its neighbours."""
    return np.asarray(Image.fromarray(marked.astype(np.uint8)).filter(ImageFilter.MaxFilter(3))) > 0


def shrunk(pixels: np.ndarray, side: int) -> np.ndarray:
    """(N, H, W, 3) uint8 to (N, side, side, 3) float."""
    size = (side, side)
    return np.stack([np.asarray(Image.fromarray(one).resize(size, Image.Resampling.BOX), float) for one in pixels])

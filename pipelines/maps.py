"""Maps for ControlNet, drawn from a picture by controlnet_aux: those that need no weights. Knows no networks.

The library's other maps need networks whose files are pickles, which can run code: they are named, never fetched.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from pipelines.types import Pixels

CHANCE = threading.Lock()


def canny(pixels: Pixels) -> Pixels:
    """White edges on black (Canny 1986)."""
    from controlnet_aux import CannyDetector

    return drawn_with(CannyDetector(), pixels)


def lines(pixels: Pixels) -> Pixels:
    """What is darker than its surroundings, as white strokes on black."""
    from controlnet_aux import LineartStandardDetector

    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an even picture has no lines to take the mean of
        found = LineartStandardDetector()(pixels, detect_resolution=min(pixels.shape[:2]), output_type="np")
    return np.asarray(found)


def shuffle(pixels: Pixels) -> Pixels:
    """The colours of a picture without its shapes, the same way each time."""
    from controlnet_aux import ContentShuffleDetector

    height, width = pixels.shape[:2]
    with CHANCE:  # the library draws on numpy's one generator
        before = np.random.get_state()
        np.random.seed(0)
        try:
            return drawn_with(ContentShuffleDetector(), pixels, h=height, w=width)
        finally:
            np.random.set_state(before)


def tile(pixels: Pixels) -> Pixels:
    """The picture at an eighth of its size: colours and places stay, details are left to the model."""
    height, width = pixels.shape[:2]
    small = Image.fromarray(pixels).resize((max(1, width // 8), max(1, height // 8)), Image.Resampling.BOX)
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def as_it_is(pixels: Pixels) -> Pixels:
    """The picture is a map already."""
    return pixels


def drawn_with(detector: Callable[..., Any], pixels: Pixels, **options: int) -> Pixels:
    """(H, W, 3) in and out: detectors work at a size of their own."""
    height, width = pixels.shape[:2]
    found = detector(pixels, detect_resolution=min(height, width), image_resolution=min(height, width), **options)
    return np.asarray(Image.fromarray(np.asarray(found)).convert("RGB").resize((width, height)))


MAPS: Mapping[str, Callable[[Pixels], Pixels]] = {
    "canny": canny,
    "lines": lines,
    "shuffle": shuffle,
    "tile": tile,
    "as_it_is": as_it_is,
}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A map that controlnet_aux draws with a file of the model hub. Its format can run code, so it is not fetched."""

    id: str
    repo: str
    file: str


ELSEWHERE = (
    Elsewhere("soft_edge", "lllyasviel/Annotators", "ControlNetHED.pth"),
    Elsewhere("line_art", "lllyasviel/Annotators", "sk_model.pth"),
    Elsewhere("depth", "lllyasviel/Annotators", "dpt_hybrid-midas-501f0c75.pt"),
    Elsewhere("pose", "lllyasviel/Annotators", "body_pose_model.pth"),
)

"""Masks for inpainting: from uploaded pictures to (H, W) bytes where 255 is redrawn and 0 is kept. Knows no models."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pipelines.images import BadImage, Size

Mask = NDArray[np.uint8]  # (H, W): 255 is redrawn, 0 is kept
Box = tuple[int, int, int, int]  # left, top, right, bottom


def mask_of(picture: Image.Image, size: Size, empty: bool = False) -> Mask:
    """The mask that a picture means: its brightness, or its drawn strokes where the rest is transparent.

    A mask of another size but of the picture's shape is scaled to `size`; of another shape it is refused, because
    stretching would move what was painted. All of the picture may be redrawn; nothing may be only where the mask may
    still be `empty`. Raises BadImage.
    """
    if not same_shape(picture.size, size):
        given, wanted = f"{picture.width} x {picture.height}", f"{size[0]} x {size[1]}"
        raise BadImage(f"mask: {given} has another shape than the picture. Expected {wanted} or a multiple of it.")
    mask = np.array(strokes(picture).resize(size, Image.Resampling.BILINEAR))
    if not mask.any() and not empty:
        raise BadImage("mask: 0 pixels are marked. Expected at least one white pixel where the picture is redrawn.")
    return mask


def nothing(size: Size) -> Mask:
    return np.zeros((size[1], size[0]), np.uint8)


def strokes(picture: Image.Image) -> Image.Image:
    """One channel: opacity where it varies (a painted layer, whatever its colour), else brightness."""
    if picture.mode == "RGBA":
        opacity = picture.getchannel("A")
        low, high = opacity.getextrema()
        if low != high or high == 0:
            return opacity
    return picture.convert("L")


def same_shape(first: Size, second: Size) -> bool:
    """Equal but for rounding to a whole pixel."""
    scale = second[0] / first[0]
    return abs(first[1] * scale - second[1]) <= max(1.0, scale)


def feather(mask: Mask, radius: float) -> Mask:
    """Blurred outwards and inwards by `radius` pixels; what was fully kept far from the edge stays exactly 0."""
    return np.array(Image.fromarray(mask).filter(ImageFilter.GaussianBlur(radius)))


def around(mask: Mask, margin: int, multiple: int = 8) -> Box:
    """The smallest box with all that is marked, `margin` around it, its sides multiples where the picture allows."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not rows.size:
        raise BadImage("mask: 0 pixels are marked. Expected at least one.")
    top, bottom = grown(int(rows[0]) - margin, int(rows[-1]) + 1 + margin, mask.shape[0], multiple)
    left, right = grown(int(columns[0]) - margin, int(columns[-1]) + 1 + margin, mask.shape[1], multiple)
    return left, top, right, bottom


def grown(start: int, stop: int, length: int, multiple: int) -> tuple[int, int]:
    start, stop = max(start, 0), min(stop, length)
    wanted = min(-(-(stop - start) // multiple) * multiple, length)
    start = max(0, min(start, length - wanted))
    return start, start + wanted


def composite(kept: NDArray[np.uint8], drawn: NDArray[np.uint8], mask: Mask) -> NDArray[np.uint8]:
    """(H, W, 3) of `drawn` where the mask is 255, of `kept` to the last bit where it is 0, mixed between."""
    share = mask[..., None].astype(np.float32) / 255
    mixed = kept + share * (drawn.astype(np.float32) - kept)
    return mixed.round().astype(np.uint8)

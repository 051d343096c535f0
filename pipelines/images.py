"""Bytes to pixels and back: safe decoding of what strangers upload, and quick encoding of what we made."""

from __future__ import annotations

import io
import warnings
from typing import Literal

import numpy as np
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from pipelines.types import Pixels

Format = Literal["png", "jpeg", "webp"]
Size = tuple[int, int]  # (width, height)

ALLOWED = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
MAX_PIXELS = 64 * 2**20
MAX_SIDE = 16_383  # the longest side of a WebP
LANCZOS = Image.Resampling.LANCZOS


class BadImage(ValueError):
    """A file that cannot be used. The message says what is wrong with it and what was expected."""


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """The upright first frame as RGB, or RGBA where it has transparency, rebuilt from raw pixels alone.

    Nothing of the file but its pixels is left: no metadata, no colour profile, no second frame. Raises BadImage.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=ALLOWED)
            check_size(picture, max_pixels)
            clean = eight_bits(ImageOps.exif_transpose(picture))
    except BadImage:
        raise
    except UnidentifiedImageError as error:
        raise BadImage(f"file: {guess(data)}. Expected {expected()}.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadImage(f"file: too many pixels. Expected at most {max_pixels // 2**20} million.") from error
    except Exception as error:  # Pillow's decoders raise what they like over damaged bytes.
        raise BadImage(f"file: damaged or cut short ({len(data)} bytes). Expected a whole {expected()}.") from error
    return Image.frombytes(clean.mode, clean.size, clean.tobytes())


def check_size(picture: Image.Image, max_pixels: int) -> None:
    """Raises BadImage before any pixel is decoded."""
    size = f"{picture.width} x {picture.height}"
    if picture.width * picture.height > max_pixels:
        raise BadImage(f"file: {size} pixels are too many. Expected at most {max_pixels // 2**20} million.")
    if max(picture.size) > MAX_SIDE:
        raise BadImage(f"file: {size} has too long a side. Expected at most {MAX_SIDE} pixels.")


def guess(data: bytes) -> str:
    """What a file that is no picture of ours seems to be."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data:
        return "empty"
    if b"<svg" in start or start.startswith(b"<?xml"):
        return "an SVG or XML drawing, which can carry scripts"
    return f"not a picture that can be read ({len(data)} bytes)"


def expected() -> str:
    return ", ".join(ALLOWED[:-1]) + f" or {ALLOWED[-1]}"


def eight_bits(picture: Image.Image) -> Image.Image:
    """16-bit greys are scaled, not cut; CMYK, palettes and the rest become RGB or RGBA."""
    if picture.mode.startswith(("I", "F")):
        grey = np.asarray(picture, np.float64)
        top = 65535.0 if grey.max(initial=0) > 255 or picture.mode.startswith("I;16") else 255.0
        picture = Image.fromarray((grey / top * 255).clip(0, 255).round().astype(np.uint8))
    transparent = "A" in picture.getbands() or "a" in picture.getbands() or "transparency" in picture.info
    return picture.convert("RGBA" if transparent else "RGB")


def flatten(picture: Image.Image, ground: tuple[int, int, int] = (255, 255, 255)) -> Pixels:
    """(H, W, 3): what is transparent shows `ground`."""
    if picture.mode == "RGBA":
        under = Image.new("RGBA", picture.size, (*ground, 255))
        picture = Image.alpha_composite(under, picture)
    return np.array(picture.convert("RGB"))


def fit(picture: Image.Image, size: Size) -> Image.Image:
    """Exactly `size`: scaled until it covers, then cut evenly on both sides. Nothing is stretched."""
    return ImageOps.fit(picture, size, LANCZOS)


def within(picture: Image.Image, side: int) -> Image.Image:
    """Scaled down so that the longer side is at most `side`; a smaller picture stays as it is."""
    copy = picture.copy()
    copy.thumbnail((side, side), LANCZOS)
    return copy


def png(pixels: Pixels) -> bytes:
    """(H, W, 3) or (H, W, 4). On drawn pictures OpenCV takes three quarters of Pillow's time and fewer bytes."""
    import cv2

    options = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    turned = cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR)
    found, data = cv2.imencode(".png", turned, options)
    if not found:
        raise ValueError(f"pixels: {pixels.shape} cannot be written. Expected (H, W, 3) or (H, W, 4).")
    return bytes(data)


def grey_png(mask: np.ndarray) -> bytes:
    """(H, W) bytes."""
    return encode(Image.fromarray(mask), "PNG", compress_level=1)


def jpeg(pixels: Pixels, quality: int = 95) -> bytes:
    """Without colour subsampling, which shows at the edges of saturated shapes."""
    return encode(Image.fromarray(pixels), "JPEG", quality=quality, subsampling=0)


def webp(pixels: Pixels, quality: int = 95) -> bytes:
    return encode(Image.fromarray(pixels), "WEBP", quality=quality, method=4)


def thumbnail(pixels: Pixels, side: int) -> bytes:
    """WebP whose longer side is at most `side`."""
    return encode(within(Image.fromarray(pixels), side), "WEBP", quality=82, method=2)


def veil(data: bytes) -> bytes:
    """The picture of a PNG, WebP or JPEG file so blurred that its colours alone are left; of the same kind and size."""
    picture = Image.open(io.BytesIO(data), formats=("PNG", "WEBP", "JPEG"))
    kind = str(picture.format)
    small = within(picture.convert("RGB"), 24).filter(ImageFilter.GaussianBlur(3))
    return encode(small.resize(picture.size, Image.Resampling.BICUBIC), kind)


def preview(pixels: Pixels) -> bytes:
    """A small JPEG for watching a picture form."""
    return encode(Image.fromarray(pixels), "JPEG", quality=80)


def encode(picture: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format, **options)
    return buffer.getvalue()

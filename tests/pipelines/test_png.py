"""Pictures as PNG: every pixel comes back, and the file is no larger than a library's quick one."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from pipelines import images
from pipelines.types import Pixels


def opened(data: bytes) -> Pixels:
    picture = Image.open(io.BytesIO(data))
    assert (picture.format, picture.mode, picture.info) == ("PNG", "RGB", {})
    return np.asarray(picture)


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
@settings(deadline=None)
def test_every_pixel_comes_back(pixels: Pixels) -> None:
    assert (opened(images.png(pixels)) == pixels).all()


@pytest.mark.parametrize("kind", ["slope", "rows", "noise", "white"])
def test_every_way_to_store_a_row_is_read_as_it_was_meant(kind: str) -> None:
    y, x = np.mgrid[0:64, 0:96]
    grey = {"slope": x * 2 + y, "rows": (y * 0 + x * 37) % 256, "white": y * 0 + 255}
    noise = np.random.default_rng(3).integers(0, 256, (64, 96, 3))
    pixels = noise if kind == "noise" else np.stack([grey[kind]] * 3, -1)
    assert (opened(images.png(pixels.astype(np.uint8))) == pixels).all()


def test_a_part_of_a_larger_picture_is_written_as_what_it_shows() -> None:
    whole = np.random.default_rng(1).integers(0, 256, (32, 32, 3), np.uint8)
    assert (opened(images.png(whole[3:20, 5:30])) == whole[3:20, 5:30]).all()


def test_the_file_is_about_as_small_as_a_librarys(drawn: Pixels) -> None:
    theirs = images.encode(Image.fromarray(drawn), "PNG", compress_level=1)
    assert len(images.png(drawn)) < 1.1 * len(theirs)


def test_a_picture_with_transparency_keeps_it() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (16, 16, 4), np.uint8)
    assert (np.asarray(Image.open(io.BytesIO(images.png(pixels)))) == pixels).all()


def test_a_flat_picture_is_small() -> None:
    flat = np.full((512, 512, 3), 200, np.uint8)
    assert len(images.png(flat)) < 8000


@pytest.fixture
def drawn() -> Pixels:
    """The starter's own sheet of pictures."""
    sheet = Image.open("docs/starter/held-out.webp").convert("RGB")
    return np.asarray(sheet.crop((0, 0, 512, 512)))

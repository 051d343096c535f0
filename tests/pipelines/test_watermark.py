"""The invisible mark is read back after JPEG, is too faint to see, and is never found where it is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import images, watermark
from pipelines.types import Pixels

pytestmark = pytest.mark.promise("P84")
PAYLOAD = 0xC0FFEE42


def pictures() -> dict[str, Pixels]:
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    slope = np.stack([x / 2, y / 2, (x + y) / 4], -1)
    rings = 0.6 * slope + 70 * (np.sin(np.hypot(x - 200, y - 300) / 9) > 0)[..., None]
    shapes = np.full((512, 512, 3), 255.0)
    shapes[np.hypot(x - 256, y - 256) < 150] = (200, 40, 60)
    noise = np.random.default_rng(6).integers(0, 256, (512, 512, 3))
    found = {"slope": slope, "rings": rings, "shapes": shapes, "white": np.full_like(shapes, 255), "noise": noise}
    return {name: pixels.astype(np.uint8) for name, pixels in found.items()}


PICTURES = pictures()
each_picture = pytest.mark.parametrize("pixels", PICTURES.values(), ids=PICTURES)


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    return np.asarray(images.decode(images.jpeg(pixels, quality)))


@each_picture
def test_the_mark_is_read_back_untouched_and_after_jpeg_85(pixels: Pixels) -> None:
    marked = watermark.embed(pixels, PAYLOAD)
    for read in (marked, jpeg(marked, 95), jpeg(marked, 85)):
        found = watermark.extract(read)
        assert found is not None and found.payload == PAYLOAD and 0.2 < found.confidence <= 1


@each_picture
def test_the_mark_is_too_faint_to_see(pixels: Pixels) -> None:
    error = watermark.embed(pixels, PAYLOAD).astype(float) - pixels
    assert np.abs(error).max() <= 2
    assert 10 * np.log10(255**2 / np.mean(error**2)) > 51


@each_picture
def test_an_unmarked_picture_has_none(pixels: Pixels) -> None:
    assert watermark.extract(pixels) is None and watermark.extract(jpeg(pixels, 85)) is None


@settings(max_examples=20, deadline=None)
@given(payload=st.integers(0, 2**32 - 1))
def test_every_payload_comes_back(payload: int) -> None:
    found = watermark.extract(watermark.embed(PICTURES["rings"][:256, :256], payload))
    assert found is not None and found.payload == payload


@each_picture
@pytest.mark.parametrize("quality", [70, 50, 30, 10])
def test_damage_loses_the_mark_and_never_changes_it(pixels: Pixels, quality: int) -> None:
    found = watermark.extract(jpeg(watermark.embed(pixels, PAYLOAD), quality))
    assert found is None or found.payload == PAYLOAD


def test_rows_cut_off_below_do_no_harm_and_sides_need_not_be_multiples() -> None:
    marked = watermark.embed(PICTURES["rings"][:509, :507], PAYLOAD)
    found = watermark.extract(marked[:-77])
    assert found is not None and found.payload == PAYLOAD


def test_too_small_a_picture_and_too_large_a_payload_are_refused_by_name() -> None:
    small = PICTURES["noise"][:128, :128]
    assert watermark.extract(small) is None
    with pytest.raises(ValueError, match="pixels: 128 x 128"):
        watermark.embed(small, 1)
    with pytest.raises(ValueError, match="payload: 4294967296"):
        watermark.embed(PICTURES["noise"], 2**32)

"""Scores of pictures tell blank from drawn and sharp from blurred."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from pipelines.inspect import measure


def checks(size: int = 64) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size]
    return np.repeat((((x // 8 + y // 8) % 2) * 255).astype(np.uint8)[..., None], 3, 2)


@pytest.mark.promise("P18")
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_picture_has_no_spread_and_no_sharpness(level: int) -> None:
    found = measure(np.full((48, 64, 3), level, np.uint8))
    assert (found.width, found.height, found.brightness) == (64, 48, level)
    assert found.spread == 0 and found.sharpness == 0


@pytest.mark.promise("P18")
def test_half_black_and_half_white_has_the_largest_spread() -> None:
    assert measure(checks()).spread == pytest.approx(127.5)


@pytest.mark.promise("P18")
def test_blurring_lowers_sharpness_step_by_step() -> None:
    picture = Image.fromarray(checks())
    blurred = (picture.filter(ImageFilter.GaussianBlur(radius)) for radius in (0, 1, 2, 4))
    scores = [measure(np.asarray(one)).sharpness for one in blurred]
    assert scores == sorted(scores, reverse=True) and scores[0] > 20 * scores[-1]


def test_sharpness_is_the_variance_of_the_laplacian() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (20, 30, 3), np.uint8)
    grey = np.asarray(Image.fromarray(pixels).convert("L")).astype(float)
    kernel = [(0, 1), (2, 1), (1, 0), (1, 2)]
    laplacian = sum(grey[y : y + 18, x : x + 28] for y, x in kernel) - 4 * grey[1:-1, 1:-1]
    assert measure(pixels).sharpness == pytest.approx(laplacian.var(), rel=1e-4)


@pytest.mark.parametrize("shape", [(1, 1), (2, 9), (3, 3)])
def test_tiny_pictures_have_scores_too(shape: tuple[int, int]) -> None:
    assert measure(np.zeros((*shape, 3), np.uint8)).sharpness == 0

"""Masks are read as people mean them, and what is not marked stays bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pipelines.images import BadImage
from pipelines.masks import around, composite, feather, mask_of


def marked(size: tuple[int, int] = (64, 64), box: tuple[int, int, int, int] = (10, 20, 30, 40)) -> Image.Image:
    picture = Image.new("L", size)
    picture.paste(255, box)
    return picture


def test_white_is_redrawn_and_black_is_kept() -> None:
    mask = mask_of(marked(), (64, 64))
    assert mask.shape == (64, 64) and mask[30, 20] == 255 and mask[5, 5] == 0


def test_a_painted_layer_counts_by_what_is_painted_whatever_its_colour() -> None:
    layer = Image.new("RGBA", (64, 64))
    layer.paste((0, 0, 0, 255), (10, 20, 30, 40))
    assert np.array_equal(mask_of(layer, (64, 64)), np.asarray(marked()))


def test_an_opaque_colour_picture_counts_by_brightness() -> None:
    assert np.array_equal(mask_of(marked().convert("RGBA"), (64, 64)), np.asarray(marked()))


def test_a_mask_of_the_same_shape_is_scaled() -> None:
    mask = mask_of(marked((128, 128), (20, 40, 60, 80)), (64, 64))
    assert mask.shape == (64, 64) and mask[30, 20] == 255 and mask[5, 5] == 0


def test_a_mask_of_another_shape_is_refused_by_name() -> None:
    with pytest.raises(BadImage, match="mask: 64 x 32 .* Expected 64 x 64"):
        mask_of(marked((64, 32)), (64, 64))


@pytest.mark.parametrize("picture", [Image.new("L", (8, 8)), Image.new("RGBA", (8, 8))], ids=["black", "unpainted"])
def test_an_empty_mask_is_refused(picture: Image.Image) -> None:
    with pytest.raises(BadImage, match="mask: 0 pixels are marked"):
        mask_of(picture, (8, 8))


def test_a_full_mask_redraws_everything() -> None:
    assert mask_of(Image.new("L", (8, 8), 255), (8, 8)).min() == 255


def test_the_box_holds_all_that_is_marked_and_lies_inside_the_picture() -> None:
    left, top, right, bottom = around(np.asarray(marked()), 7)
    assert left <= 3 and top <= 13 and right >= 37 and bottom >= 47
    assert (right - left) % 8 == 0 and (bottom - top) % 8 == 0
    assert around(np.asarray(marked(box=(60, 0, 64, 64))), 2)[2:] == (64, 64)


def test_unmarked_pixels_are_kept_to_the_last_bit() -> None:
    rng = np.random.default_rng(1)
    kept, drawn = (rng.integers(0, 256, (64, 64, 3), np.uint8) for _ in range(2))
    mask = feather(np.asarray(marked()), 3)
    mixed = composite(kept, drawn, mask)
    assert np.array_equal(mixed[mask == 0], kept[mask == 0]) and np.array_equal(mixed[mask == 255], drawn[mask == 255])
    assert 0 < np.mean((mask > 0) & (mask < 255)) < 0.5

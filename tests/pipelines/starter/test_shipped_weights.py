"""The weights in the repository open offline, are small, carry their notices and draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from diffusers import StableDiffusionPipeline
from PIL import Image

from pipelines.starter import lora, unet
from pipelines.starter.train import HERE, open_parts

MEGABYTE = 1_000_000


@pytest.fixture
def parts() -> StableDiffusionPipeline:
    return open_parts()


def test_no_file_is_above_25_megabytes_nor_all_above_130() -> None:
    sizes = [path.stat().st_size for path in HERE.rglob("*") if path.is_file()]
    assert max(sizes) < 25 * MEGABYTE
    assert sum(sizes) < 130 * MEGABYTE


def test_only_safetensors_hold_weights() -> None:
    assert not [path for path in HERE.rglob("*") if path.suffix in (".bin", ".pt", ".ckpt", ".pth", ".pkl")]


def test_the_folder_opens_offline_and_draws_what_was_asked(parts: StableDiffusionPipeline) -> None:
    picture = np.asarray(unet.draw(parts, ["a red apple on a white background"], [1], steps=8)[0]).astype(float)
    assert picture.shape == (128, 128, 3)
    middle, rim = picture[48:96, 48:80].mean(axis=(0, 1)), picture[:6].mean(axis=(0, 1))
    assert rim.min() > 215  # white
    assert middle[0] > middle[1:].max() + 60  # red


def test_the_things_it_knows_are_listed_once_and_in_order() -> None:
    known = (HERE / "objects.txt").read_text().splitlines()
    assert known == sorted(set(known))


def test_each_part_made_by_others_has_its_licence_beside_it() -> None:
    notices = (HERE / "NOTICE").read_text()
    for owner in ("Microsoft Corporation", "LobeHub", "Miles Johnson", "Xintao Wang", "all-MiniLM-L6-v2"):
        assert owner in notices


def test_an_adapter_learns_and_comes_back_from_its_file(parts: StableDiffusionPipeline, tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (96, 96), colour) for colour in ("#208040", "#30a050")]
    losses = [step.loss for step in lora.teach(parts, pictures, "a zorblax", lora.Plan(steps=12, batch=4))]
    assert len(losses) == 12
    assert np.mean(losses[-3:]) < np.mean(losses[:3])
    lora.save(parts, tmp_path / "zorblax.safetensors")

    fresh = open_parts()
    before = unet.draw(fresh, ["a zorblax"], [1], steps=4)[0]
    fresh.load_lora_weights(tmp_path, weight_name="zorblax.safetensors")
    after = unet.draw(fresh, ["a zorblax"], [1], steps=4)[0]
    assert np.abs(np.asarray(before).astype(float) - np.asarray(after)).mean() > 1


def test_an_adapter_needs_pictures(parts: StableDiffusionPipeline) -> None:
    with pytest.raises(ValueError, match="pictures: none"):
        next(lora.teach(parts, [], "a zorblax", lora.Plan()))

"""The weights in the repository open offline, are small, carry their notices and draw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import ControlNetModel, StableDiffusionPipeline
from PIL import Image, ImageDraw

from pipelines import adapters, control
from pipelines.catalogue import QUICK
from pipelines.starter import controlnet, lora, measures, unet
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


def test_four_steps_without_guidance_draw_what_was_asked() -> None:
    quick = open_parts(adapter=QUICK)
    (drawn,) = unet.draw(quick, ["a red apple on a white background"], [1], steps=4, guidance=1.0)
    picture = np.asarray(drawn).astype(float)
    middle, rim = picture[48:96, 48:80].mean(axis=(0, 1)), picture[:6].mean(axis=(0, 1))
    assert rim.min() > 215  # white
    assert middle[0] > middle[1:].max() + 60  # red


def test_a_picture_follows_the_edges_that_are_asked_for(parts: StableDiffusionPipeline) -> None:
    sketch = Image.new("RGB", (128, 128), "black")
    ImageDraw.Draw(sketch).ellipse((14, 34, 74, 94), outline="white")
    wanted = np.asarray(sketch)[None]
    network = ControlNetModel.from_pretrained(control.SHIPPED / "starter-canny")
    prompt = "a red apple on a white background"
    held = controlnet.draw(parts, network, [prompt], wanted)
    free = np.asarray(unet.draw(parts, [prompt], [0])[0])[None]

    def in_place(pictures: np.ndarray) -> float:
        return measures.edges_in_place(np.stack([controlnet.edges(one) for one in pictures]), wanted)

    assert in_place(held) > in_place(free) + 0.2


def test_the_shipped_adapter_draws_in_its_style(parts: StableDiffusionPipeline) -> None:
    """Neon signs are dark but for their tubes, whatever the ground."""
    (file,) = adapters.available(None).values()
    prompts = ["a fox on a yellow background, neon sign", "a red apple on a white background, neon sign"]
    before = unet.draw(parts, prompts, [1, 2])
    parts.load_lora_weights(file.parent, weight_name=file.name)
    after = unet.draw(parts, prompts, [1, 2])
    for plain, glowing in zip(before, after, strict=True):
        assert np.median(glowing) < 64
        assert np.median(plain) > 96
        assert np.asarray(glowing).max() > 200


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


def test_an_adapter_is_cut_to_its_largest_singular_values() -> None:
    torch.manual_seed(0)
    up, down = torch.randn(6, 2, 1, 1), torch.randn(2, 4, 3, 3)
    wide = {"x.lora_A.weight": torch.cat([down, 1e-4 * torch.randn(1, 4, 3, 3)])}
    wide["x.lora_B.weight"] = torch.cat([up, 1e-4 * torch.randn(6, 1, 1, 1)], dim=1)
    found = lora.cut(wide, 2)
    assert [tuple(found[f"x.lora_{side}.weight"].shape) for side in "AB"] == [(2, 4, 3, 3), (6, 2, 1, 1)]
    product = found["x.lora_B.weight"].flatten(1) @ found["x.lora_A.weight"].flatten(1)
    assert torch.allclose(product, up.flatten(1) @ down.flatten(1), atol=1e-5)


def test_an_adapter_needs_pictures(parts: StableDiffusionPipeline) -> None:
    with pytest.raises(ValueError, match="pictures: none"):
        next(lora.teach(parts, [], "a zorblax", lora.Plan()))

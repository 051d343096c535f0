"""Starting from a picture and redrawing a part of it: against diffusers' own pipelines, in company, to the last bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image

from pipelines import batcher
from pipelines.catalogue import starter
from pipelines.device import choose
from pipelines.engine import LocalEngine
from pipelines.loader import load
from pipelines.text_to_image import Loaded
from pipelines.types import Done, Failed, RenderJob
from tests.pipelines import tiny
from tests.pipelines.test_engine import APPLE, ask
from tests.pipelines.test_parity import FLOAT32, STEPS, draw, folder, job

SIDE = 64


def picture(height: int = SIDE, width: int = SIDE) -> np.ndarray:
    """A smooth picture with something in every channel."""
    down, across = np.mgrid[0:height, 0:width]
    return np.stack([down * 255 // height, across * 255 // width, (down + across) % 256], axis=-1).astype(np.uint8)


def right_half(height: int = SIDE, width: int = SIDE) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    mask[:, width // 2 :] = 255
    return mask


@pytest.fixture(scope="module", params=["sd", "sdxl"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    path = tmp_path_factory.mktemp("models") / request.param
    return load(folder({"sd": tiny.sd, "sdxl": tiny.sdxl}[request.param], path), FLOAT32)


@pytest.fixture(scope="module")
def nine_channels(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load(folder(tiny.sd_inpaint, tmp_path_factory.mktemp("models") / "nine"), FLOAT32)


def own_call(loaded: Loaded, kind: str, asked: RenderJob, **options: Any) -> np.ndarray:
    """The picture (H, W, 3) of diffusers' pipeline `kind` over the same parts."""
    names = ("vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "unet")
    parts = {name: part for name, part in loaded.parts.components.items() if name in names}
    xl = loaded.model.family == "sdxl"
    unchecked = {} if xl else {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    scheduler = batcher.schedulers.make(asked.scheduler, loaded.scheduler_config)
    pipe = getattr(diffusers, f"StableDiffusion{'XL' * xl}{kind}")(**parts, **unchecked, scheduler=scheduler)
    pipe.set_progress_bar_config(disable=True)
    assert asked.image is not None
    found = pipe(
        asked.prompt,
        image=Image.fromarray(asked.image),
        strength=asked.strength,
        num_inference_steps=asked.steps,
        guidance_scale=asked.guidance,
        generator=torch.Generator().manual_seed(asked.seed),
        output_type="np",
        **options,
    ).images[0]
    return (found * 255).round().astype(int)


@pytest.mark.parametrize("strength", [1.0, 0.6])
@pytest.mark.parametrize("scheduler", ["ddim", "euler_a", "dpmpp_2m"])
def test_starting_from_a_picture_gives_the_pixels_of_diffusers(loaded: Loaded, scheduler: str, strength: float) -> None:
    asked = job(image=picture(), strength=strength, scheduler=scheduler, seed=4, guidance=5.0)
    (ours,) = draw(loaded, asked)
    assert np.abs(ours - own_call(loaded, "Img2ImgPipeline", asked)).max() <= 1


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_redrawing_a_part_gives_the_pixels_of_diffusers(loaded: Loaded, strength: float) -> None:
    redraw_and_compare(loaded, strength)


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_a_model_for_masks_gives_the_pixels_of_diffusers(nine_channels: Loaded, strength: float) -> None:
    redraw_and_compare(nine_channels, strength)


def redraw_and_compare(loaded: Loaded, strength: float) -> None:
    asked = job(image=picture(), mask=right_half(), strength=strength, scheduler="ddim", seed=4, guidance=5.0)
    (ours,) = draw(loaded, asked)
    options = {"mask_image": Image.fromarray(right_half()), "height": SIDE, "width": SIDE}
    assert np.abs(ours - own_call(loaded, "InpaintPipeline", asked, **options)).max() <= 1


def test_pictures_to_start_from_keep_company_with_prompts_alone() -> None:
    model = load(starter(), choose("cpu"))
    base = job(width=128, height=128, guidance=3.0, steps=STEPS)
    image, mask = picture(128, 128), right_half(128, 128)
    jobs = [
        replace(base, id="a", seed=1),
        replace(base, id="b", seed=2, image=image, strength=0.5, scheduler="ddim"),
        replace(base, id="c", seed=3, image=image, mask=mask, scheduler="dpmpp_2m"),
    ]
    alone = [drawn for one in jobs for drawn in draw(model, replace(one, exact=True))]
    for first, second in zip(draw(model, *jobs), alone, strict=True):
        assert np.array_equal(first, second)


def test_little_strength_stays_close_to_the_picture() -> None:
    model = load(starter(), FLOAT32)
    image = np.asarray(Image.fromarray(draw(model, job(width=128, height=128, steps=10, guidance=3.0))[0]))
    asked = job(width=128, height=128, steps=10, guidance=3.0, prompt="a blue sailboat", image=image, seed=8)
    little, much = (draw(model, replace(asked, strength=share))[0] for share in (0.2, 1.0))
    assert np.abs(little - image.astype(int)).mean() < np.abs(much - image.astype(int)).mean()


def test_what_the_mask_keeps_is_the_given_picture_to_the_last_bit(engine: LocalEngine) -> None:
    image, mask = picture(512, 512), right_half(512, 512)
    done = ask(engine, replace(APPLE, image=image, mask=mask, strength=0.8, steps=6)).end()
    assert isinstance(done, Done)
    drawn = done.renders[0]
    assert np.array_equal(drawn.pixels[:, :256], image[:, :256])
    assert not np.array_equal(drawn.pixels[:, 256:], image[:, 256:])
    assert drawn.native is not None
    assert drawn.native.shape == (128, 128, 3)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"image": picture(100, 100)}, "image"),
        ({"mask": right_half(512, 512)}, "mask"),
        ({"image": picture(512, 512), "mask": right_half(64, 64)}, "mask"),
        ({"image": picture(512, 512), "strength": 0.01}, "strength"),
        ({"image": picture(512, 512), "strength": 1.5}, "strength"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(engine: LocalEngine, change: dict[str, Any], field: str) -> None:
    failed = ask(engine, replace(APPLE, **change)).end()
    assert isinstance(failed, Failed)
    assert f"{field}: " in failed.reason
    assert "Expected" in failed.reason
    assert isinstance(ask(engine, APPLE).end(), Done)

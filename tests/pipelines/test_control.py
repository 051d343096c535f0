"""Control networks: the pixels of diffusers' own pipeline, rows in company, maps without weights, clean refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import ControlNetModel, StableDiffusionControlNetPipeline
from PIL import Image

from pipelines import batcher, exported
from pipelines.catalogue import of_folder
from pipelines.control import available
from pipelines.device import choose
from pipelines.loader import load
from pipelines.maps import MAPS
from pipelines.text_to_image import Loaded
from pipelines.types import Control
from tests.pipelines import tiny
from tests.pipelines.test_image_to_image import picture
from tests.pipelines.test_parity import FLOAT32, draw, job


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Stable Diffusion with a control network whose last layers are not zero, as they are before training."""
    made = tmp_path_factory.mktemp("models")
    tiny.sd(made / "sd")
    torch.manual_seed(2)
    network = ControlNetModel.from_unet(tiny.unet(), conditioning_embedding_out_channels=(16, 32))
    for name, weight in network.named_parameters():
        if "controlnet" in name:
            torch.nn.init.normal_(weight, std=0.2)
    network.save_pretrained(made / "controlnets" / "edges")
    (made / "controlnets" / "pickles").mkdir()
    (made / "controlnets" / "pickles" / "config.json").write_text('{"_class_name": "ControlNetModel"}')
    return made


def opened(models: Path, device: object = FLOAT32) -> Loaded:
    model = of_folder(models / "sd")
    assert model is not None
    found = load(model, device, models)  # type: ignore[arg-type]
    assert isinstance(found, Loaded)
    return found


EDGES = Control("edges", MAPS["canny"](picture()), 0.8)


@pytest.mark.parametrize("guidance", [1.0, 5.0])
def test_the_pixels_are_those_of_diffusers(models: Path, guidance: float) -> None:
    loaded = opened(models)
    asked = job(scheduler="ddim", guidance=guidance, seed=3, controls=(EDGES,))
    (ours,) = draw(loaded, asked)
    parts = {name: getattr(loaded.parts, name) for name in ("vae", "text_encoder", "tokenizer", "unet")}
    scheduler = batcher.schedulers.make("ddim", loaded.scheduler_config)
    pipe = StableDiffusionControlNetPipeline(
        **parts,
        scheduler=scheduler,
        controlnet=loaded.control("edges").module,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    theirs = pipe(
        asked.prompt,
        image=Image.fromarray(EDGES.image),
        controlnet_conditioning_scale=EDGES.scale,
        num_inference_steps=asked.steps,
        guidance_scale=guidance,
        generator=torch.Generator().manual_seed(3),
        output_type="np",
    ).images[0]
    assert np.abs(ours - (theirs * 255).round().astype(int)).max() <= 1
    (without,) = draw(loaded, replace(asked, controls=()))
    assert np.abs(without.astype(int) - ours).max() > 10


def test_company_changes_nothing(models: Path) -> None:
    loaded = opened(models, choose("cpu"))
    base = job(scheduler="euler", guidance=4.0)
    jobs = [replace(base, seed=1, controls=(EDGES,)), replace(base, seed=2), replace(base, seed=3, controls=(EDGES,))]
    alone = [drawn for one in jobs for drawn in draw(loaded, replace(one, exact=True))]
    for first, second in zip(draw(loaded, *jobs), alone, strict=True):
        assert np.array_equal(first, second)


def test_rows_of_one_network_share_a_step_and_keep_their_own_scale(models: Path) -> None:
    """On a GPU they are one batch; the arithmetic is shown here in float32."""
    loaded = opened(models)
    little = replace(job(scheduler="euler", guidance=4.0, seed=1), controls=(replace(EDGES, scale=0.1),))
    rows = [batcher.Row.begin(one, 0, loaded) for one in (little, replace(little, controls=(EDGES,)))]
    with torch.inference_mode():
        (steering,) = batcher.steering_of([*rows, *rows])
    assert steering.maps.shape == (4, 3, 64, 64)
    assert steering.scales.tolist() == pytest.approx([0.1, 0.8, 0.1, 0.8])


def test_only_safetensors_are_listed_and_others_are_refused_by_name(models: Path) -> None:
    assert list(available(models)) == ["starter-canny", "edges"]
    loaded = opened(models)
    with pytest.raises(FileNotFoundError, match="control: 'pickles' is not here. Expected starter-canny or edges."):
        batcher.Row.begin(job(controls=(replace(EDGES, model="pickles"),)), 0, loaded)
    with pytest.raises(ValueError, match="control: .* is not the size of the result"):
        batcher.Row.begin(job(controls=(replace(EDGES, image=picture(32, 32)),)), 0, loaded)


@pytest.mark.parametrize("name", MAPS)
def test_maps_without_weights_keep_the_size(name: str) -> None:
    found = MAPS[name](picture(96, 64))
    assert found.shape == (96, 64, 3)
    assert found.dtype == np.uint8
    assert np.array_equal(found, MAPS[name](picture(96, 64))), "the same each time"
    assert np.array_equal(found, exported.control_map(name, picture(96, 64))), "and in an exported notebook"


def test_canny_finds_an_edge() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, 32:] = 255
    edges = MAPS["canny"](image)
    assert edges[:, 28:36].max() > 200
    assert edges[:, :24].max() == 0

"""Our step loop against diffusers' own pipeline call, and a picture alone against the same one in company."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import diffusers
import numpy as np
import pytest
import torch

from pipelines import batcher
from pipelines.catalogue import SCHEDULERS, STARTER, Catalogue, Model, of_folder, shipped, starter
from pipelines.device import Device, choose
from pipelines.loader import load
from pipelines.text_to_image import Loaded
from pipelines.types import RenderJob
from tests.pipelines import tiny

FLOAT32 = Device(torch.device("cpu"), torch.float32, (1,), "CPU, float32")
STEPS = 5


def job(**values: object) -> RenderJob:
    fixed = {"id": "one", "model": "any", "prompt": "a red apple", "width": 64, "height": 64, "steps": STEPS}
    return RenderJob(**(fixed | values))  # type: ignore[arg-type]


def draw(loaded: Loaded, *jobs: RenderJob) -> list[np.ndarray]:
    """The pictures of all jobs, drawn in as much company as the model allows."""
    with torch.inference_mode():
        rows = [batcher.Row.begin(one, index, loaded) for one in jobs for index in range(one.count)]
        while chosen := batcher.pick(rows):
            batcher.step(chosen)
        return [loaded.decode(row.latents) for row in rows]


def folder(make: object, path: Path) -> Model:
    make(path)  # type: ignore[operator]
    found = of_folder(path)
    assert found is not None
    return found


@pytest.fixture(scope="module", params=["starter", "sd", "sdxl"])
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    if request.param == "starter":
        return load(starter(), FLOAT32)
    path = tmp_path_factory.mktemp("models") / request.param
    return load(folder({"sd": tiny.sd, "sdxl": tiny.sdxl}[request.param], path), FLOAT32)


@pytest.mark.parametrize("guidance", [1.0, 5.0])
@pytest.mark.parametrize("scheduler", list(SCHEDULERS))
def test_our_loop_gives_the_pixels_of_the_pipelines_own_call(loaded: Loaded, scheduler: str, guidance: float) -> None:
    side = 128 if loaded.model.id == "starter" else 64
    asked = job(scheduler=scheduler, guidance=guidance, negative_prompt="worm", width=side, height=side, seed=3)
    (ours,) = draw(loaded, asked)
    pipe = loaded.parts
    original = pipe.scheduler
    pipe.scheduler = batcher.schedulers.make(scheduler, loaded.scheduler_config)
    pipe.set_progress_bar_config(disable=True)
    theirs = pipe(
        asked.prompt,
        negative_prompt=asked.negative_prompt,
        num_inference_steps=STEPS,
        guidance_scale=guidance,
        width=side,
        height=side,
        eta=0.3 if scheduler == "tcd" else 0.0,  # how much noise TCD adds again; the pipelines ask for none by default
        generator=torch.Generator().manual_seed(3),
        output_type="np",
    ).images[0]
    pipe.scheduler = original
    difference = np.abs(ours.astype(int) - (theirs * 255).round().astype(int))
    assert difference.max() <= 1, f"{loaded.model.id}: {difference.max()} of 255"


@pytest.mark.parametrize("kind", ["starter", "starter-quick", "sd", "sdxl"])
def test_company_does_not_change_a_picture(kind: str, tmp_path: Path) -> None:
    made = {"sd": tiny.sd, "sdxl": tiny.sdxl}
    own = {model.id: model for model in shipped()}
    loaded = load(own[kind] if kind in own else folder(made[kind], tmp_path / kind), choose("cpu"))
    side = 128 if kind in own else 64
    jobs = [
        job(id="a", scheduler="ddim", guidance=4.0, seed=1, width=side, height=side, count=3),
        job(id="b", scheduler="euler_a", guidance=2.0, seed=9, width=side, height=side, prompt="a blue fox", steps=3),
        job(id="c", scheduler="dpmpp_2m", guidance=0.0, seed=5, width=side, height=side, steps=4, count=2),
        job(id="d", scheduler="unipc", guidance=7.0, seed=6, width=side, height=side, negative_prompt="rain"),
    ]
    together = draw(loaded, *jobs)
    alone = [picture for one in jobs for picture in draw(loaded, replace(one, exact=True))]
    assert len(together) == len(alone) == 7
    for first, second in zip(together, alone, strict=True):
        assert np.array_equal(first, second)


def test_rows_with_and_without_guidance_share_a_step(tmp_path: Path) -> None:
    """Buckets up to 16, as on a GPU; in float32 the size of a batch changes the last bits and no level of a pixel."""
    wide = Device(torch.device("cpu"), torch.float32, (1, 2, 4, 8, 16), "CPU, float32")
    loaded = load(starter(), wide)
    loaded._steady = True  # as on a GPU, however this processor multiplies
    jobs = [job(id=str(n), seed=n, width=128, height=128, guidance=(0.0, 3.0, 7.0)[n % 3], steps=2) for n in range(9)]
    with torch.inference_mode():
        rows = [batcher.Row.begin(one, 0, loaded) for one in jobs]
        assert len(batcher.pick(rows)) == 9
        calls: list[int] = []
        hook = loaded.parts.unet.register_forward_pre_hook(lambda _, inputs: calls.append(len(inputs[0])))
        while chosen := batcher.pick(rows):
            batcher.step(chosen)
        hook.remove()
        assert calls == [16, 16], "nine pictures ask for fifteen guesses: eight pairs"
        assert {row.bucket for row in rows} == {8}
        for row, one in zip(rows, jobs, strict=True):
            (alone,) = draw(loaded, replace(one, exact=True))
            assert np.abs(loaded.decode(row.latents).astype(int) - alone).max() <= 1


def test_more_steps_than_a_consistency_teacher_had_are_drawn(tmp_path: Path) -> None:
    loaded = load(folder(tiny.sd, tmp_path / "sd"), FLOAT32)
    for scheduler in ("lcm", "tcd"):
        (picture,) = draw(loaded, job(scheduler=scheduler, steps=60, width=16, height=16))
        assert picture.std() > 0


def test_every_scheduler_of_the_catalogue_draws_with_the_starter(tmp_path: Path) -> None:
    loaded = load(Catalogue(tmp_path).get("starter"), FLOAT32)
    for scheduler in SCHEDULERS:
        (picture,) = draw(loaded, job(scheduler=scheduler, width=128, height=128, guidance=3.0))
        assert picture.std() > 20


def test_the_starter_is_a_standard_folder_of_small_files() -> None:
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(STARTER, local_files_only=True)
    assert pipe.vae_scale_factor == 8
    heavy = [path.name for path in STARTER.parent.rglob("*") if path.is_file() and path.stat().st_size > 25 * 2**20]
    assert heavy == []

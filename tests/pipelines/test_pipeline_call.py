"""Models that bring a pipeline of their own: the same pixels as its plain call, cut into steps, in company."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import diffusers
import numpy as np
import pytest
import torch

from pipelines.catalogue import Catalogue
from pipelines.device import choose
from pipelines.engine import LocalEngine
from pipelines.types import Cancelled, Done, Failed, Progress, RenderJob
from tests.pipelines import tiny
from tests.pipelines.test_engine import APPLE, ask

MAKERS: dict[str, Callable[[Path], Path]] = {"sd3": tiny.sd3, "flux": tiny.flux}
ASKED = RenderJob(id="one", model="flux", prompt="a red apple", width=32, height=32, steps=3, seed=5, guidance=3.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models")
    for name, make in MAKERS.items():
        make(made / name)
    return made


@pytest.fixture(scope="module")
def local(folder: Path) -> Iterator[LocalEngine]:
    engine = LocalEngine(Catalogue(folder), device="cpu")
    yield engine
    engine.close()


@pytest.mark.parametrize("model", MAKERS)
def test_the_pixels_are_those_of_the_pipelines_plain_call(folder: Path, local: LocalEngine, model: str) -> None:
    done = ask(local, replace(ASKED, model=model)).end()
    assert isinstance(done, Done)
    pipe = diffusers.DiffusionPipeline.from_pretrained(folder / model, torch_dtype=choose("cpu").dtype)
    pipe.set_progress_bar_config(disable=True)
    theirs = pipe(
        ASKED.prompt,
        negative_prompt=" ",
        width=ASKED.width,
        height=ASKED.height,
        num_inference_steps=ASKED.steps,
        guidance_scale=ASKED.guidance,
        generator=torch.Generator().manual_seed(ASKED.seed),
        output_type="np",
    ).images[0]
    assert np.array_equal(done.renders[0].pixels, (theirs * 255).round().astype(np.uint8))


@pytest.mark.parametrize("model", MAKERS)
def test_company_changes_nothing_and_everybody_steps_in_turn(local: LocalEngine, model: str) -> None:
    alone = ask(local, replace(ASKED, model=model)).end()
    ears = [ask(local, replace(ASKED, id=f"many {model}", model=model, count=2)), ask(local, APPLE)]
    together, apple = (ear.end() for ear in ears)
    assert isinstance(alone, Done)
    assert isinstance(together, Done)
    assert isinstance(apple, Done)
    assert np.array_equal(alone.renders[0].pixels, together.renders[0].pixels)
    assert not np.array_equal(together.renders[0].pixels, together.renders[1].pixels)
    steps = [event.step for event in ears[0].events if isinstance(event, Progress) and event.phase == "drawing"]
    assert {1, 2, 3} <= set(steps)


def test_a_cancelled_call_ends_between_two_steps_and_the_next_one_begins(local: LocalEngine) -> None:
    ear = ask(local, replace(ASKED, steps=200))
    ear.until_step(2)
    local.cancel("one")
    assert isinstance(ear.end(), Cancelled)
    assert max(event.step for event in ear.events if isinstance(event, Progress)) < 100
    assert isinstance(ask(local, ASKED).end(), Done)


def test_a_call_that_fails_fails_alone(local: LocalEngine) -> None:
    failed = ask(local, replace(ASKED, model="sd3", height=21)).end()
    assert isinstance(failed, Failed)
    assert "divisible" in failed.reason
    assert isinstance(ask(local, replace(ASKED, model="sd3")).end(), Done)


def test_a_picture_to_start_from_is_refused_by_name(local: LocalEngine) -> None:
    failed = ask(local, replace(ASKED, image=np.zeros((32, 32, 3), np.uint8))).end()
    assert isinstance(failed, Failed)
    assert "image: flux draws from a prompt alone. Expected none." in failed.reason

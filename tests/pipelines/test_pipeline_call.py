"""Models that bring a pipeline of their own: the same pixels as its plain call, cut into steps, in company."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image

from pipelines.catalogue import Catalogue
from pipelines.device import choose
from pipelines.engine import LocalEngine
from pipelines.loader import load
from pipelines.pipeline_call import STEP_CACHES, Pipeline
from pipelines.types import Cancelled, Done, Failed, Progress, RenderJob
from tests.pipelines import tiny
from tests.pipelines.test_engine import APPLE, ask

MAKERS: dict[str, Callable[[Path], Path]] = {
    "sd3": tiny.sd3,
    "flux": tiny.flux,
    "z-image": tiny.z_image,
    "qwen": tiny.qwen,
    "sana": tiny.sana,
}
ASKED = RenderJob(id="one", model="flux", prompt="a red apple", width=32, height=32, steps=3, seed=5, guidance=3.0)


# What each family calls the things that a job says, beside those that all call the same.
WORDS: dict[str, dict[str, object]] = {
    "sd3": {"guidance_scale": 3.0, "negative_prompt": " "},
    "flux": {"guidance_scale": 3.0, "negative_prompt": " "},
    "z-image": {"guidance_scale": 3.0, "negative_prompt": " "},
    "qwen": {"true_cfg_scale": 3.0, "negative_prompt": " "},
    "sana": {"guidance_scale": 3.0, "intermediate_timesteps": None},
}


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
        **WORDS[model],
        width=ASKED.width,
        height=ASKED.height,
        num_inference_steps=ASKED.steps,
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


PICTURE = (np.linspace(0, 255, 32 * 32 * 3).reshape(32, 32, 3)).astype(np.uint8)


@pytest.mark.parametrize(
    ("model", "kind"), [("flux", diffusers.FluxImg2ImgPipeline), ("sd3", diffusers.StableDiffusion3Img2ImgPipeline)]
)
def test_a_picture_to_start_from_goes_through_the_familys_own_pipeline(
    folder: Path, local: LocalEngine, model: str, kind: type
) -> None:
    asked = replace(ASKED, model=model, image=PICTURE, strength=0.7, steps=4)
    done = ask(local, asked).end()
    assert isinstance(done, Done)
    pipe = kind.from_pretrained(folder / model, torch_dtype=choose("cpu").dtype)
    pipe.set_progress_bar_config(disable=True)
    sides = {} if model == "sd3" else {"width": 32, "height": 32}
    theirs = pipe(
        asked.prompt,
        image=Image.fromarray(PICTURE),
        strength=asked.strength,
        num_inference_steps=asked.steps,
        generator=torch.Generator().manual_seed(asked.seed),
        output_type="np",
        **WORDS[model],
        **sides,
    ).images[0]
    assert np.array_equal(done.renders[0].pixels, (theirs * 255).round().astype(np.uint8))


def test_a_mask_keeps_what_is_black_to_the_last_bit(local: LocalEngine) -> None:
    mask = np.zeros((32, 32), np.uint8)
    mask[:, 16:] = 255
    done = ask(local, replace(ASKED, image=PICTURE, mask=mask, strength=0.9)).end()
    assert isinstance(done, Done)
    pixels = done.renders[0].pixels
    assert np.array_equal(pixels[:, :16], PICTURE[:, :16])
    assert np.abs(pixels[:, 16:].astype(int) - PICTURE[:, 16:]).mean() > 10


def test_the_ways_of_one_model_share_their_weights(folder: Path) -> None:
    loaded = load(Catalogue(folder).get("flux"), choose("cpu"))
    assert isinstance(loaded, Pipeline)
    mask = np.full((32, 32), 255, np.uint8)
    given = replace(ASKED, image=PICTURE)
    pipes = [loaded.pipe(job) for job in (ASKED, given, replace(given, mask=mask))]
    assert len({type(pipe) for pipe in pipes}) == 3
    weights = [{weight.data_ptr() for weight in pipe.transformer.parameters()} for pipe in pipes]
    assert weights[0] == weights[1] == weights[2]
    assert {weight.dtype for weight in loaded.parts.transformer.parameters()} == {choose("cpu").dtype}


def test_a_family_that_draws_from_a_prompt_alone_says_so(local: LocalEngine) -> None:
    failed = ask(local, replace(ASKED, model="sana", image=PICTURE)).end()
    assert isinstance(failed, Failed)
    assert "image: sana draws from a prompt alone. Expected none." in failed.reason


@pytest.mark.parametrize("model", ["flux", "qwen"])
def test_step_caching_is_for_its_own_job_and_is_recorded(
    local: LocalEngine, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a threshold that every step stays below, the last block is computed in the first step alone."""
    monkeypatch.setitem(STEP_CACHES, "first_block", ("FirstBlockCacheConfig", {"threshold": 1000.0}))
    asked = replace(ASKED, model=model, steps=4)
    before = ask(local, asked).end()
    assert local._memory is not None
    network = local._memory.model(model).parts.transformer
    last = (network.single_transformer_blocks if model == "flux" else network.transformer_blocks)[-1]
    computed: list[int] = []
    hook = last.attn.register_forward_hook(lambda *_: computed.append(1))
    counts, dones = [], []
    for cache in ("first_block", "none"):
        computed.clear()
        dones.append(ask(local, replace(asked, step_cache=cache)).end())
        counts.append(len(computed))
    hook.remove()
    assert 4 * counts[0] == counts[1]
    quick, after = dones
    assert isinstance(before, Done)
    assert isinstance(quick, Done)
    assert isinstance(after, Done)
    assert quick.renders[0].facts["speed"] == ["step_cache:first_block"]
    assert before.renders[0].facts["speed"] == after.renders[0].facts["speed"] == []
    assert np.array_equal(before.renders[0].pixels, after.renders[0].pixels)


def test_a_family_without_step_caches_says_so(local: LocalEngine) -> None:
    failed = ask(local, replace(ASKED, model="sd3", step_cache="first_block")).end()
    assert isinstance(failed, Failed)
    assert "step_cache: 'first_block' is not for sd3. Expected none." in failed.reason


def test_memory_that_runs_out_once_costs_a_call_time_and_twice_fails_it_alone(local: LocalEngine) -> None:
    before = ask(local, ASKED).end()
    assert local._memory is not None
    network = local._memory.model("flux").parts.transformer
    short_at: list[int] = [2]  # calls of the network, counted from the start, that find no memory
    called: list[int] = []

    def run_out(*_: object) -> None:
        called.append(1)
        if len(called) in short_at:
            raise torch.OutOfMemoryError("no memory for this step")

    hook = network.register_forward_pre_hook(run_out)
    halved = local.measures().halved
    done = ask(local, ASKED).end()
    assert isinstance(before, Done)
    assert isinstance(done, Done)
    assert len(called) == 2 + ASKED.steps
    assert local.measures().halved == halved + 1
    assert done.renders[0].facts["speed"] == ["vae_tiles"]
    assert np.array_equal(before.renders[0].pixels, done.renders[0].pixels), "one tile holds the whole of it"

    called.clear()
    short_at[:] = [2, 3]
    failed = ask(local, ASKED).end()
    hook.remove()
    assert isinstance(failed, Failed)
    assert failed.code == "out_of_memory"
    assert isinstance(ask(local, ASKED).end(), Done)

"""Models, control networks and upscalers that are replaced on disk: the next picture is drawn with the new ones."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny, ControlNetModel
from safetensors.torch import load_file, save_file

from pipelines.catalogue import Catalogue
from pipelines.device import Device
from pipelines.engine import LocalEngine
from pipelines.maps import MAPS
from pipelines.memory import Memory
from pipelines.types import Control, Done, Enlarge, Failed, RenderJob
from pipelines.upscale import SHIPPED
from tests.pipelines import tiny
from tests.pipelines.test_engine import ask
from tests.pipelines.test_image_to_image import picture

ASKED = RenderJob(id="one", model="sd", prompt="a fox", width=64, height=64, steps=3, seed=1, guidance=3.0)
EDGES = Control("edges", MAPS["canny"](picture()), 0.8)


@pytest.fixture
def models(tmp_path: Path) -> Path:
    tiny.sd(tmp_path / "sd")
    network = ControlNetModel.from_unet(tiny.unet(), conditioning_embedding_out_channels=(16, 32))
    for name, weight in network.named_parameters():
        if "controlnet" in name:
            torch.nn.init.normal_(weight, std=0.2)
    network.save_pretrained(tmp_path / "controlnets" / "edges")
    (tmp_path / "upscalers").mkdir()
    shutil.copy(SHIPPED, tmp_path / "upscalers" / "mine.safetensors")
    return tmp_path


@pytest.fixture
def local(models: Path) -> Iterator[LocalEngine]:
    engine = LocalEngine(Catalogue(models), device="cpu")
    yield engine
    engine.close()


def drawn(engine: LocalEngine, job: RenderJob) -> np.ndarray:
    done = ask(engine, job).end()
    assert isinstance(done, Done), done
    return done.renders[0].pixels


def bent(path: Path) -> None:
    """Other weights in a file of the same name and size, which takes the place of the first."""
    new = path.with_suffix(".new")
    save_file({name: weight * 0.5 for name, weight in load_file(path).items()}, new)
    new.replace(path)


def unet(models: Path) -> Path:
    (path,) = (models / "sd" / "unet").glob("*.safetensors")
    return path


def network(models: Path) -> Path:
    (path,) = (models / "controlnets" / "edges").glob("*.safetensors")
    return path


@pytest.mark.parametrize(
    ("part", "job"),
    [
        (unet, ASKED),
        (network, replace(ASKED, controls=(EDGES,))),
        (
            lambda models: models / "upscalers" / "mine.safetensors",
            replace(ASKED, model="", image=picture(16, 16), upscale=Enlarge("mine", (64, 64))),
        ),
    ],
    ids=["model", "control", "upscaler"],
)
def test_the_next_picture_is_drawn_with_what_is_there_now(
    local: LocalEngine, models: Path, part: Callable[[Path], Path], job: RenderJob
) -> None:
    before = drawn(local, job)
    assert np.array_equal(drawn(local, job), before)
    bent(part(models))
    after = drawn(local, job)
    assert not np.array_equal(after, before)
    afresh = LocalEngine(Catalogue(models), device="cpu")
    assert np.array_equal(after, drawn(afresh, job))
    afresh.close()


@pytest.mark.parametrize(("part", "controls"), [(unet, ()), (network, (EDGES,))], ids=["model", "control"])
def test_what_was_begun_is_drawn_to_the_end_with_what_it_began_with(
    local: LocalEngine, models: Path, part: Callable[[Path], Path], controls: tuple[Control, ...]
) -> None:
    long = replace(ASKED, id="long", steps=40, controls=controls)
    before = drawn(local, long)
    ear = ask(local, long)
    ear.until_step(2)
    bent(part(models))
    changed = drawn(local, replace(long, id="changed"))
    begun = ear.end()
    assert isinstance(begun, Done)
    assert np.array_equal(begun.renders[0].pixels, before)
    assert not np.array_equal(changed, before)
    assert np.array_equal(drawn(local, long), changed)


def test_one_that_is_gone_is_missed_by_name(local: LocalEngine, models: Path) -> None:
    drawn(local, ASKED)
    shutil.rmtree(models / "sd")
    failed = ask(local, ASKED).end()
    assert isinstance(failed, Failed)
    assert failed.code == "model_missing"
    assert local.status().models == ()


def test_nothing_is_read_twice_without_need(models: Path) -> None:
    memory = Memory(Catalogue(models), Device(torch.device("cpu"), torch.float32, (1,), "CPU, float32"))
    assert memory.model("sd") is memory.model("sd")
    assert memory.enlarger("mine") is memory.enlarger("mine")
    assert (memory.loads, memory.evictions) == (1, 0)


def test_a_tiny_decoder_that_appears_is_used(models: Path) -> None:
    memory = Memory(Catalogue(models), Device(torch.device("cpu"), torch.float32, (1,), "CPU, float32"))
    assert memory.model("sd").tiny is None  # type: ignore[union-attr]
    AutoencoderTiny(
        encoder_block_out_channels=(8, 8), decoder_block_out_channels=(8, 8), num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1), upsampling_scaling_factor=2,
    ).save_pretrained(models / "decoders" / "sd")  # fmt: skip
    assert memory.fits_beside("sd", set())
    assert not memory.fits_beside("sd", {"sd"}), "it waits for those that draw with what was there before"
    assert memory.model("sd").tiny is not None  # type: ignore[union-attr]

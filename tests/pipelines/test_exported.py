"""Plain diffusers draws the studio's pixels: what an exported notebook carries, compared with the engine itself."""

from __future__ import annotations

import ast
import queue
from typing import Any

import numpy as np
import pytest
import torch

from pipelines import exported
from pipelines.catalogue import QUICK, SCHEDULERS, STARTER
from pipelines.device import choose
from pipelines.engine import LocalEngine
from pipelines.prompts import pieces
from pipelines.types import Done, Enlarge, Event, Pixels, RenderJob
from pipelines.upscale import SHIPPED

PROMPT = "a (red:1.4) apple [on a table]"


@pytest.fixture(scope="module")
def parts() -> tuple[Any, Any]:
    exported.DTYPE = choose("cpu").dtype
    return exported.load(STARTER), exported.load_upscaler(SHIPPED)


def drawn(engine: LocalEngine, **job: Any) -> Pixels:
    ends: queue.Queue[Event] = queue.Queue()
    kept = {"width": 128, "height": 128, "enlarge": 4, "guidance": 3.0, "scheduler": "ddim", "steps": 3} | job
    engine.submit(RenderJob(**({"id": "exported", "model": "starter", "prompt": PROMPT, "seed": 7} | kept)), ends.put)
    while not isinstance(event := ends.get(timeout=240), Done):
        assert event.__class__.__name__ == "Progress", event
    return event.renders[0].pixels


def again(parts: tuple[Any, Any], **options: Any) -> Pixels:
    pipe, upscaler = parts
    kept = {"size": (128, 128), "steps": 3, "guidance": 3.0, "scheduler": "ddim", "upscaler": upscaler} | options
    return exported.draw(pipe, pieces(PROMPT), 7, **kept)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_text_to_image_is_equal_to_the_last_bit(engine: LocalEngine, parts: Any, scheduler: str) -> None:
    mine, theirs = again(parts, scheduler=scheduler), drawn(engine, scheduler=scheduler)
    assert np.array_equal(mine, theirs)


def test_without_guidance_and_with_a_negative_prompt(engine: LocalEngine, parts: Any) -> None:
    assert np.array_equal(again(parts, guidance=1.0), drawn(engine, guidance=1.0))
    assert np.array_equal(again(parts, negative="a worm"), drawn(engine, negative_prompt="a worm"))


def test_an_adapter_that_belongs_to_the_model(engine: LocalEngine, parts: Any) -> None:
    quick = exported.load(STARTER, adapter=QUICK), parts[1]
    mine = again(quick, guidance=1.0, steps=4)
    assert np.array_equal(mine, drawn(engine, model="starter-quick", guidance=1.0, steps=4))
    assert not np.array_equal(mine, again(parts, guidance=1.0, steps=4))


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_image_to_image_and_inpainting_are_equal(engine: LocalEngine, parts: Any, strength: float) -> None:
    source = np.random.default_rng(0).integers(0, 255, (512, 512, 3), np.uint8)
    start = {"image": source, "strength": strength, "steps": 4}
    assert np.array_equal(again(parts, **start), drawn(engine, **start))
    mask = np.zeros((512, 512), np.uint8)
    mask[100:300, 200:400] = 255
    mine = again(parts, **start, mask=mask)
    assert np.array_equal(mine, drawn(engine, **start, mask=mask))
    assert np.array_equal(mine[mask == 0], source[mask == 0])


@pytest.mark.parametrize(("size", "creativity"), [((700, 700), 0.0), ((300, 300), 0.5)])
def test_enlarging_is_equal(engine: LocalEngine, parts: Any, size: tuple[int, int], creativity: float) -> None:
    pipe, upscaler = parts
    source = np.random.default_rng(1).integers(0, 255, (150, 150, 3), np.uint8)
    theirs = drawn(engine, image=source, upscale=Enlarge(SHIPPED.stem, size, creativity))
    if not creativity:
        mine = exported.upscale(upscaler, source, size)
    else:
        options = {"steps": 3, "guidance": 3.0, "scheduler": "ddim", "upscaler": upscaler, "strength": creativity}
        mine = exported.creative(pipe, upscaler, source, size, pieces(PROMPT), 7, size_drawn=(128, 128), **options)
    assert np.array_equal(mine, theirs)


def test_nothing_of_ours_is_imported() -> None:
    tree = ast.parse(open(exported.__file__).read())
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    allowed = {"base64", "hashlib", "inspect", "io", "json", "pathlib", "IPython"}
    allowed |= {"diffusers", "safetensors", "numpy", "torch", "PIL", "spandrel", "controlnet_aux"}
    assert {name.split(".")[0] for name in names} <= allowed


def test_the_digest_is_that_of_the_pixels() -> None:
    assert exported.digest(np.zeros((2, 3, 3), np.uint8)) != exported.digest(np.zeros((3, 2, 3), np.uint8))
    assert torch.is_tensor(torch.zeros(1))

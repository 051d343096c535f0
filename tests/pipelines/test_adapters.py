"""Adapters that a prompt names: found in the models folder, worn by their own rows alone, gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from safetensors.torch import load_file, save_file

from pipelines.adapters import split
from pipelines.catalogue import STARTER, Catalogue
from pipelines.engine import LocalEngine
from pipelines.types import Done, Failed, Render
from tests.pipelines import tiny
from tests.pipelines.test_engine import APPLE, ask

WITH = replace(APPLE, id="with", prompt="a red apple <lora:my.clay:0.9>", enlarge=1)
PLAIN = replace(APPLE, enlarge=1)


def make_adapter(parts: StableDiffusionPipeline, path: Path) -> None:
    """One with random weights, strong enough to be seen."""
    torch.manual_seed(1)
    config = LoraConfig(r=4, lora_alpha=4, target_modules=["to_q", "to_v"], init_lora_weights=False)
    parts.unet.add_adapter(config, "one")
    layers = get_peft_model_state_dict(parts.unet, adapter_name="one")
    StableDiffusionPipeline.save_lora_weights(path.parent, unet_lora_layers=layers, weight_name=path.name)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    models = tmp_path_factory.mktemp("models")
    (models / "loras").mkdir()
    starter = StableDiffusionPipeline.from_pretrained(STARTER, local_files_only=True)
    make_adapter(starter, models / "loras" / "my.clay.safetensors")
    tiny.sd(models / "tiny")
    other = StableDiffusionPipeline.from_pretrained(models / "tiny", local_files_only=True)
    make_adapter(other, models / "loras" / "of another family.safetensors")
    engine = LocalEngine(Catalogue(models), device="cpu")
    yield engine
    engine.close()


def drawn(engine: LocalEngine, *jobs: object) -> list[Render]:
    ears = [ask(engine, job) for job in jobs]  # type: ignore[arg-type]
    ends = [ear.end() for ear in ears]
    assert all(isinstance(end, Done) for end in ends), ends
    return [end.renders[0] for end in ends if isinstance(end, Done)]


@pytest.mark.parametrize(
    ("prompt", "words", "worn"),
    [
        ("a fox", "a fox", ()),
        ("a fox <lora:clay:0.8>", "a fox ", (("clay", 0.8),)),
        ("<lora:b><lora:a:-1>x", "x", (("a", -1.0), ("b", 1.0))),
        ("a <lora:> fox", "a <lora:> fox", ()),
    ],
)
def test_tags_are_taken_out_of_the_prompt(prompt: str, words: str, worn: tuple[tuple[str, float], ...]) -> None:
    assert split(prompt) == (words, worn)


def test_it_changes_its_own_picture_and_leaves_no_trace(local: LocalEngine) -> None:
    (before,) = drawn(local, PLAIN)
    (changed,) = drawn(local, WITH)
    (after,) = drawn(local, PLAIN)
    assert np.array_equal(before.pixels, after.pixels)
    assert not np.array_equal(before.pixels, changed.pixels)
    assert changed.facts["adapters"] == ["my.clay:0.9"]


def test_pictures_with_and_without_it_share_the_device_unchanged(local: LocalEngine) -> None:
    alone = drawn(local, WITH)[0], drawn(local, PLAIN)[0]
    together = drawn(local, WITH, PLAIN, replace(WITH, id="little", prompt="a red apple <lora:my.clay:0.1>"))
    assert np.array_equal(alone[0].pixels, together[0].pixels)
    assert np.array_equal(alone[1].pixels, together[1].pixels)
    assert not np.array_equal(together[0].pixels, together[2].pixels)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nobody", "Expected starter-neon or my.clay or"),
        ("../secret", "is not here"),
        ("of another family", "does not fit Starter"),
    ],
)
def test_one_that_cannot_be_worn_is_refused_by_name_and_harms_nobody(
    local: LocalEngine, name: str, reason: str
) -> None:
    (before,) = drawn(local, PLAIN)
    failed = ask(local, replace(PLAIN, id="bad", prompt=f"an apple <lora:{name}>")).end()
    assert isinstance(failed, Failed)
    assert f"lora: {name!r}" in failed.reason
    assert reason in failed.reason
    assert np.array_equal(before.pixels, drawn(local, PLAIN)[0].pixels)


def rewritten(path: Path) -> None:
    """Other weights under the same name, as after another lesson."""
    layers = {name: -2 * weights for name, weights in load_file(path).items()}
    save_file(layers, path)


def test_a_file_that_is_replaced_while_it_is_worn_is_read_by_the_next_picture(local: LocalEngine) -> None:
    path = local._catalogue.models_dir / "loras" / "my.clay.safetensors"
    new = path.with_name("replaced.safetensors")
    new.write_bytes(path.read_bytes())
    first = replace(WITH, id="first", prompt="a red apple <lora:replaced>", steps=12)
    (before,) = drawn(local, first)
    ear = ask(local, first)
    ear.until_step(2)
    rewritten(new)
    (changed,) = drawn(local, replace(first, id="changed"))
    worn = ear.end()
    (after,) = drawn(local, replace(first, id="after"))
    assert isinstance(worn, Done)
    assert np.array_equal(worn.renders[0].pixels, before.pixels), "what was begun goes on with what it began with"
    assert np.array_equal(changed.pixels, after.pixels)
    assert not np.array_equal(changed.pixels, before.pixels)


def test_files_whose_names_differ_by_a_dot_are_worn_together(local: LocalEngine) -> None:
    path = local._catalogue.models_dir / "loras" / "my.clay.safetensors"
    path.with_name("my_clay.safetensors").write_bytes(path.read_bytes())
    (both,) = drawn(local, replace(WITH, prompt="a red apple <lora:my.clay:0.5><lora:my_clay:0.5>"))
    assert both.facts["adapters"] == ["my.clay:0.5", "my_clay:0.5"]

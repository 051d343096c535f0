"""The prompt cell: its controls become a draft, and a draft becomes its controls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest

from components.cells import prompt
from components.studio import Studio
from policies.draft import Draft


@pytest.fixture
def controls(studio: Studio) -> Iterator[prompt.Controls]:
    with gr.Blocks(analytics_enabled=False):
        yield prompt.build(studio)


def values(controls: prompt.Controls, **changed: Any) -> dict[Any, Any]:
    held = {control: control.value for control in controls.inputs()}
    return held | {getattr(controls, name): value for name, value in changed.items()}


def test_untouched_controls_are_the_models_own_defaults(controls: prompt.Controls) -> None:
    draft = prompt.read(controls, values(controls, prompt=" a fox "))
    assert draft == Draft(prompt="a fox", steps=20, guidance=3.0, scheduler="ddim", seed=None)


@pytest.mark.parametrize(("text", "seed"), [("", None), (None, None), ("7", 7), (" 42 ", 42), ("seven", "seven")])
def test_the_seed_field_is_read_as_a_person_means_it(controls: prompt.Controls, text: str, seed: object) -> None:
    assert prompt.read(controls, values(controls, seed=text)).seed == seed


def test_a_draft_changes_only_the_fields_it_names(studio: Studio, controls: prompt.Controls) -> None:
    shown = prompt.write(studio, controls, Draft(prompt="a fox", seed=0), {"prompt": "a fox", "seed": 0})
    assert shown == {controls.prompt: "a fox", controls.seed: "0"}


def test_a_size_the_model_does_not_offer_joins_the_choices(studio: Studio, controls: prompt.Controls) -> None:
    draft = Draft(width=256, height=512)
    shown = prompt.write(studio, controls, draft, {"width": 256, "height": 512})[controls.size]
    assert shown.value == "256x512"
    assert ("256 × 512", "256x512") in shown.choices


def test_only_what_the_controls_can_hold_is_taken_from_a_page_or_a_file(studio: Studio) -> None:
    given = {"prompt": "a fox", "model": "not here", "kind": "upscale", "colour": "red", "count": 3, "steps": 999}
    assert prompt.fitting(studio, given | {"scheduler": "unheard of", "guidance": 99.0}) == {"prompt": "a fox"}


def test_what_the_controls_can_hold_is_taken_as_it_is(studio: Studio) -> None:
    given = {"prompt": "a fox", "model": "starter", "count": 4, "steps": 100, "scheduler": "euler", "guidance": 7.5}
    given |= {"exact": True, "step_cache": "none"}
    assert prompt.fitting(studio, given) == given


@pytest.mark.parametrize("model_id", ["flux-schnell", "sdxl", "starter"])
def test_another_model_brings_what_it_likes_and_leaves_the_words(
    studio: Studio, controls: prompt.Controls, model_id: str
) -> None:
    model = studio.catalogue.get(model_id)
    shown = prompt.for_model(studio, controls, model_id)
    assert (shown[controls.steps], shown[controls.guidance]) == (model.steps, model.guidance)
    assert shown[controls.scheduler] == model.scheduler
    assert shown[controls.size].value == "x".join(map(str, model.sizes[0]))
    assert not shown.keys() & {controls.prompt, controls.negative_prompt, controls.seed, controls.count}


def test_what_only_some_models_can_do_is_shown_for_those_alone(studio: Studio, controls: prompt.Controls) -> None:
    assert not controls.step_cache.visible and controls.exact.visible
    flux = prompt.for_model(studio, controls, "flux-schnell")
    assert flux[controls.step_cache].visible and not flux[controls.exact].visible
    assert [name for _, name in flux[controls.step_cache].choices] == ["none", "first_block", "taylorseer"]
    starter = prompt.for_model(studio, controls, "starter")
    assert not starter[controls.step_cache].visible and starter[controls.exact].visible
    asked = values(controls, prompt="a fox", exact=True, step_cache="taylorseer")
    draft = prompt.read(controls, asked)
    assert (draft.exact, draft.step_cache) == (True, "taylorseer")

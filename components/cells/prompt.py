"""The cell that asks for pictures: its controls, their values as a draft, and a draft back into them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import gradio as gr

from components.actions.models import defaults
from components.cells import island
from components.cells.labels import label
from components.studio import Studio
from pipelines.catalogue import SCHEDULERS
from policies.draft import Draft, seed_of
from policies.limits import MOST_GUIDANCE, MOST_STEPS
from policies.verdict import Refused, refuse

COUNTS = (1, 2, 4, 8)
CACHES = {
    "none": "step_cache_none_label",
    "first_block": "step_cache_first_block_label",
    "taylorseer": "step_cache_taylorseer_label",
}


@dataclass(frozen=True, slots=True)
class Controls:
    """The Gradio components, named as the fields of a draft where they hold one."""

    prompt: gr.Textbox
    negative_prompt: gr.Textbox
    model: gr.Dropdown
    size: gr.Radio
    count: gr.Radio
    seed: gr.Textbox
    advanced: gr.Accordion
    steps: gr.Slider
    guidance: gr.Slider
    scheduler: gr.Dropdown
    exact: gr.Checkbox
    step_cache: gr.Dropdown
    extras: gr.Textbox

    def inputs(self) -> list[Any]:
        """In one order, for what needs an order: the controls that hold a value."""
        return [getattr(self, field.name) for field in fields(self) if field.name != "advanced"]


def build(studio: Studio) -> Controls:
    draft = defaults(studio, "starter")
    prompt = gr.Textbox(
        label=label("prompt_label"), placeholder=label("prompt_placeholder"), lines=3, max_lines=10, elem_id="prompt"
    )
    island.build("start")
    negative = gr.Textbox(
        label=label("negative_label"),
        placeholder=label("negative_placeholder"),
        lines=1,
        max_lines=4,
        elem_id="negative_prompt",
    )
    model = gr.Dropdown(
        models(studio), value=draft.model, label=label("model_label"), filterable=False, elem_id="model"
    )
    size = gr.Radio(
        sizes(studio, draft), value=size_of(draft), label=label("size_label"), elem_id="size", elem_classes="chips"
    )
    count = gr.Radio(
        [(str(n), n) for n in COUNTS if n <= studio.settings.max_count],
        value=draft.count,
        label=label("count_label"),
        elem_id="count",
        elem_classes="chips",
    )
    # Not gr.Number: without a value it shows 0, which is a seed like any other.
    seed = gr.Textbox(label=label("seed_label"), placeholder=label("seed_placeholder"), max_lines=1, elem_id="seed")
    with gr.Accordion(label("advanced_label"), open=False, elem_id="advanced") as advanced:
        steps = gr.Slider(1, MOST_STEPS, value=draft.steps, step=1, label=label("steps_label"), elem_id="steps")
        guidance = gr.Slider(
            0, MOST_GUIDANCE, value=draft.guidance, step=0.1, label=label("guidance_label"), elem_id="guidance"
        )
        scheduler = gr.Dropdown(
            [(name, key) for key, name in SCHEDULERS.items()],
            value=draft.scheduler,
            label=label("scheduler_label"),
            filterable=False,
            elem_id="scheduler",
        )
        exact = gr.Checkbox(draft.exact, label=label("exact_label"), elem_id="exact")
        step_cache = gr.Dropdown(**caches(studio, draft), label=label("step_cache_label"), elem_id="step_cache")
    # What a script beside it chooses: a picture to start from and control maps, as JSON. See static/start.js.
    extras = gr.Textbox(visible="hidden", elem_id="extras")
    return Controls(
        prompt, negative, model, size, count, seed, advanced, steps, guidance, scheduler, exact, step_cache, extras
    )


def read(controls: Controls, values: Mapping[Any, Any]) -> Draft:
    """The draft that the controls hold. `values` are keyed by component, as Gradio hands in a set of inputs."""
    width, _, height = str(values[controls.size]).partition("x")
    draft = Draft(
        prompt=(values[controls.prompt] or "").strip(),
        negative_prompt=(values[controls.negative_prompt] or "").strip(),
        model=values[controls.model],
        width=int(width),
        height=int(height),
        count=int(values[controls.count]),
        seed=seed_of(values[controls.seed]),
        steps=int(values[controls.steps]),
        guidance=float(values[controls.guidance]),
        scheduler=values[controls.scheduler],
        exact=bool(values[controls.exact]),
        step_cache=values[controls.step_cache] or "none",
    )
    return with_extras(draft, values.get(controls.extras) or "")


def with_extras(draft: Draft, extras: str) -> Draft:
    """The draft with the picture that it starts from and the maps that steer it. Raises Refused for other text."""
    if not extras:
        return draft
    try:
        given = json.loads(extras)
        kind = "image_to_image" if given.get("image") else "text_to_image"
        return Draft.from_dict(draft.to_dict() | given | {"kind": kind})
    except (ValueError, TypeError, AttributeError) as error:
        expected = "a picture and its strength"
        raise Refused(refuse("malformed", field="start", value=extras, expected=expected)) from error


def write(studio: Studio, controls: Controls, draft: Draft, given: Mapping[str, Any]) -> dict[Any, Any]:
    """Updates that show `draft`, for the fields named in `given`; the other controls stay as they are."""
    shown: dict[Any, Any] = {
        getattr(controls, name): value
        for name, value in draft.to_dict().items()
        if name in given and name not in ("kind", "width", "height", "seed")
    }
    if "seed" in given:
        shown[controls.seed] = "" if draft.seed is None else str(draft.seed)
    if given.keys() & {"model", "width", "height"}:
        shown[controls.size] = gr.Radio(choices=sizes(studio, draft), value=size_of(draft))
    if given.keys() & {"model", "step_cache"}:
        shown[controls.step_cache] = gr.Dropdown(**caches(studio, draft))
    if "model" in given:
        shown[controls.exact] = gr.Checkbox(draft.exact, visible=studio.catalogue.get(draft.model).shares_steps)
    return shown


def for_model(studio: Studio, controls: Controls, model_id: str) -> dict[Any, Any]:
    """Updates to what a newly chosen model likes; words, seed and count stay."""
    draft = defaults(studio, model_id)
    liked = ("width", "height", "steps", "guidance", "scheduler", "step_cache")
    exact = gr.Checkbox(visible=studio.catalogue.get(model_id).shares_steps)
    return write(studio, controls, draft, dict.fromkeys(liked)) | {controls.exact: exact}


def models(studio: Studio) -> list[tuple[str, str]]:
    """Those that are here; a model of the hub is fetched elsewhere."""
    return [(model.name, model.id) for model in studio.catalogue.list() if model.state == "ready"]


def sizes(studio: Studio, draft: Draft) -> list[tuple[str, str]]:
    """What the model offers, and the draft's own size when it is another one."""
    model = studio.catalogue.get(draft.model)
    offered = dict.fromkeys((*model.sizes, (draft.width, draft.height)))
    return [(f"{width} × {height}", f"{width}x{height}") for width, height in offered]


def caches(studio: Studio, draft: Draft) -> dict[str, Any]:
    """The ways in which its model can leave work out; not shown where there is but one."""
    known = studio.catalogue.get(draft.model).step_caches
    return {
        "choices": [(label(CACHES[name]), name) for name in known],
        "value": draft.step_cache if draft.step_cache in known else "none",
        "visible": len(known) > 1,
        "filterable": False,
    }


def size_of(draft: Draft) -> str:
    return f"{draft.width}x{draft.height}"


def fitting(studio: Studio, given: Mapping[str, Any]) -> dict[str, Any]:
    """What of a page's or a file's values the controls can hold; Gradio refuses the others in words of its own."""
    choices: dict[str, Any] = {
        "model": {key for _, key in models(studio)},
        "count": COUNTS,
        "scheduler": SCHEDULERS,
        "steps": range(1, MOST_STEPS + 1),
        "exact": (True, False),
        "step_cache": CACHES,
    }
    held = {field.name for field in fields(Controls)} | {"width", "height"}
    names = held & {field.name for field in fields(Draft)}
    fit = {name: value for name, value in given.items() if name in names and value in choices.get(name, (value,))}
    if "seed" in fit:
        fit["seed"] = seed_of(fit["seed"])
    if not 0 <= fit.get("guidance", 0) <= MOST_GUIDANCE:
        del fit["guidance"]
    return fit

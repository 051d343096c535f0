"""The bench of text to image: controls on the left, the stage on the right, and the actions they call."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr

from components.actions import notebooks, preferences
from components.actions.models import defaults
from components.cells import prompt, result
from components.cells.labels import label
from components.studio import Studio
from components.web.errors import error_view
from components.web.session import actor_of
from policies.actor import Actor
from policies.draft import Draft
from policies.verdict import Refused
from store.vault import Missing

# Gradio finds the names of own events in the script's text.
BRIDGE = """import('/ui/bench.js').then((bench) => bench.mount(element, trigger, props, watch));
/* 'restore' 'start' 'models' */"""
REMEMBER = """(...values) => {
    const names = ["prompt", "negative_prompt", "model", "size", "count", "seed", "steps", "guidance", "scheduler",
        "exact", "step_cache"];
    import('/ui/bench.js').then((bench) => bench.remember(Object.fromEntries(names.map((n, i) => [n, values[i]]))));
}"""
FAILED = "() => { import('/ui/bench.js').then((bench) => bench.failed()); }"

# Asking never waits for an answer: each click is a job of its own.
FREE: dict[str, Any] = {
    "concurrency_limit": None,
    "trigger_mode": "multiple",
    "show_progress": "hidden",
    "api_visibility": "private",
}


def build(studio: Studio) -> None:
    with gr.Row(elem_id="bench"):
        with gr.Column(elem_id="controls"):
            controls = prompt.build(studio)
            with gr.Column(elem_id="launch"):
                bridge = gr.HTML(None, html_template="", js_on_load=BRIDGE, apply_default_css=False, elem_id="bridge")
                button = gr.Button(label("generate_label"), variant="primary", elem_id="generate")
        result.build(studio)
    wire(studio, controls, bridge, button)


def wire(studio: Studio, controls: prompt.Controls, bridge: gr.HTML, button: gr.Button) -> None:
    inputs = controls.inputs()

    def run(values: dict[Any, Any], request: gr.Request) -> dict[str, Any]:
        return start(studio, request, lambda: prompt.read(controls, values))

    def run_draft(values: dict[Any, Any], event: gr.EventData, request: gr.Request) -> dict[Any, Any]:
        """Draws what the page gave over what the controls hold, and shows it there."""
        given = prompt.fitting(studio, event._data["draft"])
        draft = replace(prompt.read(controls, values), **given)
        return prompt.write(studio, controls, draft, given) | {bridge: start(studio, request, lambda: draft)}

    def restore(event: gr.EventData) -> dict[Any, Any]:
        given = prompt.fitting(studio, with_sides(event._data["draft"]))
        return prompt.write(studio, controls, replace(defaults(studio, "starter"), **given), given)

    for asked in (
        button.click(run, set(inputs), bridge, **FREE),
        bridge.start(run_draft, set(inputs), [bridge, *inputs], **FREE),
        bridge.restore(restore, None, inputs, **FREE),
        bridge.models(lambda: gr.Dropdown(choices=prompt.models(studio)), None, controls.model, **FREE),
    ):
        asked.failure(None, None, None, js=FAILED, api_visibility="private")
    controls.model.input(lambda model: prompt.for_model(studio, controls, model), controls.model, inputs, **FREE)
    gr.on([control.change for control in inputs], None, inputs, None, js=REMEMBER, api_visibility="private")
    remember_advanced(studio, controls.advanced)


def start(studio: Studio, request: gr.Request, draft: Callable[[], Draft]) -> dict[str, Any]:
    """What the bench says about it; the job itself reaches the stage through the event stream."""
    try:
        notebooks.start_bench(studio, visitor(request), draft())
    except Missing as missing:
        return {"error": error_view("source_missing", str(missing), "start"), "at": time.monotonic_ns()}
    except Refused as refused:
        verdict = refused.verdict
        # An empty field explains itself; every other refusal says what was expected.
        reason = "" if verdict.code == "empty" else verdict.reason
        # The moment makes two equal refusals two changes, which the page then says twice.
        return {"error": error_view(verdict.code, reason, verdict.field), "at": time.monotonic_ns()}
    return {"error": None}


def visitor(request: gr.Request) -> Actor:
    """The actor that the guard found for the request which brought this event."""
    assert request.request is not None, "an event of the page always comes with its request"
    return actor_of(request.request)


def with_sides(given: dict[str, Any]) -> dict[str, Any]:
    """The page remembers the size as the control holds it; a draft has two sides."""
    if "size" not in given:
        return given
    width, _, height = str(given["size"]).partition("x")
    return {**given, "width": int(width), "height": int(height)}


def remember_advanced(studio: Studio, advanced: gr.Accordion) -> None:
    def keep(value: bool, request: gr.Request) -> None:
        preferences.write(studio, visitor(request), {"advanced_open": value})

    def opened(request: gr.Request) -> None:
        keep(True, request)

    def closed(request: gr.Request) -> None:
        keep(False, request)

    def recall(request: gr.Request) -> gr.Accordion:
        return gr.Accordion(open=bool(preferences.read(studio, visitor(request)).get("advanced_open")))

    advanced.expand(opened, None, None, **FREE)
    advanced.collapse(closed, None, None, **FREE)
    gr.on(None, recall, None, advanced, **FREE)

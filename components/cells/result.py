"""The place of the notebook: its cells, with pictures that form and finished ones. Drawn by static/stage.js."""

from __future__ import annotations

import gradio as gr

from components.cells import island
from components.pages.examples import EXAMPLES
from components.studio import Studio
from pipelines.catalogue import SCHEDULERS


def build(studio: Studio) -> gr.HTML:
    examples = [{"prompt": example.prompt, "picture": f"/ui/examples/{example.file}"} for example in EXAMPLES]
    models = [(model.id, model.name) for model in studio.catalogue.list() if model.state == "ready"]
    return island.build("stage", examples=examples, models=models, schedulers=dict(SCHEDULERS))

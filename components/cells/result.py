"""The cell that shows runs: pictures that form, and finished ones. Drawn by static/stage.js."""

from __future__ import annotations

import gradio as gr

from components.cells import island
from components.pages.examples import EXAMPLES


def build() -> gr.HTML:
    examples = [{"prompt": example.prompt, "picture": f"/ui/examples/{example.file}"} for example in EXAMPLES]
    return island.build("stage", examples=examples)

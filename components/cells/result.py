"""The cell that shows runs: pictures that form, and finished ones. Drawn by static/stage.js."""

from __future__ import annotations

import gradio as gr

from components.pages.examples import EXAMPLES


def build() -> gr.HTML:
    return gr.HTML(
        html_template="",
        js_on_load="import('/ui/stage.js').then((stage) => stage.mount(element, props))",
        apply_default_css=False,
        elem_id="stage",
        examples=[{"prompt": example.prompt, "picture": f"/ui/examples/{example.file}"} for example in EXAMPLES],
    )

"""The gallery, and the view of one picture that lies over every view. Drawn by static/gallery.js and detail.js."""

from __future__ import annotations

import gradio as gr

from pipelines.catalogue import SCHEDULERS


def build() -> gr.HTML:
    return gr.HTML(
        html_template="",
        js_on_load="import('/ui/gallery.js').then((gallery) => gallery.mount(element))",
        apply_default_css=False,
        elem_id="gallery",
    )


def build_detail() -> gr.HTML:
    return gr.HTML(
        html_template="",
        js_on_load="import('/ui/detail.js').then((detail) => detail.mount(element, props))",
        apply_default_css=False,
        elem_id="detail",
        schedulers=dict(SCHEDULERS),
    )

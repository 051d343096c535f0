"""The gallery, and the view of one picture that lies over every view. Drawn by static/gallery.js and detail.js."""

from __future__ import annotations

import gradio as gr

from components.cells import island
from pipelines.catalogue import SCHEDULERS


def build() -> gr.HTML:
    return island.build("gallery")


def build_detail() -> gr.HTML:
    return island.build("detail", schedulers=dict(SCHEDULERS))

"""What of a person is public, and the way to take it back. Drawn by static/showcase.js."""

from __future__ import annotations

import gradio as gr

from components.cells import island


def build() -> gr.HTML:
    return island.build("showcase")

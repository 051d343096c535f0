"""What moderators have to look at. Drawn by static/review.js, which says so to everybody else."""

from __future__ import annotations

import gradio as gr

from components.cells import island


def build() -> gr.HTML:
    return island.build("review")

"""The Trust page: the policy, and what stands behind each of its sentences. Drawn by static/trust.js."""

from __future__ import annotations

import gradio as gr

from components.cells import island


def build() -> gr.HTML:
    return island.build("trust")

"""The account view: one island whose sections register themselves. Drawn by static/account.js."""

from __future__ import annotations

import gradio as gr

from components.cells import island


def build() -> gr.HTML:
    return island.build("account")

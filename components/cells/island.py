"""A place on the page that a script of ours draws. Gradio gives it an element and nothing more."""

from __future__ import annotations

from typing import Any

import gradio as gr


def build(name: str, **props: Any) -> gr.HTML:
    """Mounts static/<name>.js on an element with that id. `props` reach the script as they are."""
    return gr.HTML(
        html_template="",
        js_on_load=f"import('/ui/{name}.js').then((script) => script.mount(element, props))",
        apply_default_css=False,
        elem_id=name,
        **props,
    )

"""The page's frame: the rail and the views, which the address shows one at a time. Knows no action."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from components import theme, words
from components.cells import labels
from components.pages import account, editing, gallery, review, showcase, text_to_image, trust
from components.studio import Studio

STATIC = Path(__file__).parent / "static"

# Before Gradio looks: the language that a person chose here counts as the browser's.
CHOSEN_LANGUAGE = """<script>
for (const code of [localStorage.getItem("pixcosmos.language")].filter(Boolean))
  for (const [name, value] of [["language", code], ["languages", [code]]])
    Object.defineProperty(navigator, name, { get: () => value });
</script>"""

# Scripts of pages that stand alone; the studio's page needs all the others.
ALONE = {"document.js", "public.js"}


# Seen until the rail is there, which takes it away.
WAITING = '<div id="waiting"><img src="/ui/logo.svg" alt="" width="56" height="56"></div>'


def early() -> str:
    """For the head before Gradio reads its own: colours and font, so that nothing flashes, and every script at once.

    Found one import after the other, the scripts would come in a dozen turns.
    """
    scripts = sorted(path.name for path in STATIC.glob("*.js") if path.name not in ALONE)
    return "\n".join(
        (
            '<meta name="color-scheme" content="light dark">',
            '<link rel="stylesheet" href="/ui/tokens.css">',
            '<link rel="stylesheet" href="/ui/waiting.css">',
            '<link rel="preload" href="/ui/fonts/inter-latin.woff2" as="font" type="font/woff2" crossorigin>',
            *(f'<link rel="modulepreload" href="/ui/{name}">' for name in scripts),
        )
    )


HEAD = f"""
{CHOSEN_LANGUAGE}
<script id="words" type="application/json">{words.for_scripts()}</script>
<link rel="icon" href="/ui/logo.svg" type="image/svg+xml">
<meta name="color-scheme" content="light dark">
"""


def build(studio: Studio) -> gr.Blocks:
    page = gr.Blocks(title=words.say("app_name"), fill_width=True, analytics_enabled=False)
    with page:
        gr.HTML(
            html_template="",
            js_on_load="import('/ui/shell.js').then((shell) => shell.mount(element))",
            apply_default_css=False,
            elem_id="rail",
        )
        with gr.Column(elem_id="studio", elem_classes="view"):
            editing.build_tabs()
            text_to_image.build(studio)
            editing.build()
        with gr.Column(elem_id="archive", elem_classes="view"):
            gallery.build()
        with gr.Column(elem_id="public", elem_classes="view"):
            showcase.build()
        with gr.Column(elem_id="court", elem_classes="view"):
            review.build()
        with gr.Column(elem_id="person", elem_classes="view"):
            account.build()
        with gr.Column(elem_id="trustworthy", elem_classes="view"):
            trust.build()
        gallery.build_detail()
    return page


def page_options(studio: Studio) -> dict[str, Any]:
    """What mounting the page needs beside it."""
    return {
        "theme": theme.make(STATIC),
        "head": HEAD,
        "favicon_path": str(STATIC / "favicon.png"),
        "i18n": labels.translations(),
    }

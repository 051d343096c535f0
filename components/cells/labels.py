"""Words of Gradio's own components. The browser translates them, so a label is a key until it is shown."""

from __future__ import annotations

import gradio as gr
from gradio.i18n import I18nData

from components import words

ENDINGS = ("_label", "_placeholder")


def label(key: str) -> I18nData:
    """Raises KeyError for words that are in no table or would not travel to the browser."""
    if key not in words.ENGLISH or not key.endswith(ENDINGS):
        raise KeyError(f"words: {key!r} is no label. Expected one that ends in {' or '.join(ENDINGS)}.")
    return I18nData(key)


def translations() -> gr.I18n:
    """The labels alone, in every language: the page's scripts fetch the other words themselves."""
    tables = {
        code: {key: said for key, said in words.table(code).items() if key.endswith(ENDINGS)}
        for code in words.LANGUAGES
    }
    return gr.I18n(**tables)

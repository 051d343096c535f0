"""Every sentence a user reads, by language. Gradio's labels and the page's scripts look their words up here.

Keys are flat. A key that ends in `_one` and `_other` is a plural, chosen by `n`; values stand in braces. English lives
in `english/`, one module for each area of the page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from components.words import english

ENGLISH = cast(Mapping[str, str], english.gathered("WORDS"))
LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH}

# code of a refusal or a failure -> what happened, what to do next
ERRORS = cast(Mapping[str, tuple[str, str]], english.gathered("ERRORS"))
UNEXPECTED = ("Something unexpected happened", "Try again; the server's log says more.")


def error(code: str) -> tuple[str, str]:
    """What happened and what to do next, for a stable code. An unknown code gets an honest general pair."""
    return ERRORS.get(code, UNEXPECTED)


def say(key: str, **values: object) -> str:
    """The English sentence for a key, its braces filled. Raises KeyError for an unknown key."""
    return ENGLISH[key].format(**values)


def for_scripts() -> str:
    """All words as JSON that may stand inside a script element."""
    titles = {code: {"title": title, "hint": hint} for code, (title, hint) in {**ERRORS, "": UNEXPECTED}.items()}
    return json.dumps({"languages": LANGUAGES, "errors": titles}, separators=(",", ":")).replace("<", "\\u003c")

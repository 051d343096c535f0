"""Every sentence a user reads, by language. Gradio's labels and the page's scripts look their words up here.

Keys are flat. A key that ends in `_one` and `_other` is a plural, chosen by `n`; values stand in braces. English lives
in `english/`, one module for each area of the page; every other language is one file, `<code>.json`, of
`{"name": "Deutsch", "words": {key: sentence}, "errors": {code: [what happened, what to do next]}}`.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from components.words import english

HERE = Path(__file__).parent


def gathered(name: str) -> Mapping[str, Any]:
    """One table from all areas of English. Two areas with one key are a mistake: KeyError."""
    table: dict[str, Any] = {}
    for area in pkgutil.iter_modules(english.__path__):
        for key, value in getattr(importlib.import_module(f"{english.__name__}.{area.name}"), name, {}).items():
            if key in table:
                raise KeyError(f"words: {key!r} of {area.name} is already taken")
            table[key] = value
    return table


TRANSLATED = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(HERE.glob("*.json"))}

# What the map of data says of its tables and columns: its English -> the same in another language.
OF_DATA = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(HERE.glob("data_map/*.json"))}

# What a browser calls a language -> its own name for itself.
LANGUAGES: Mapping[str, str] = {"en": "English"} | {code: content["name"] for code, content in TRANSLATED.items()}

ENGLISH: Mapping[str, str] = gathered("WORDS")
ERRORS: Mapping[str, tuple[str, str]] = gathered("ERRORS")


def table(code: str) -> Mapping[str, str]:
    """All words of a language. Raises KeyError for a language that is not spoken here."""
    return ENGLISH if code == "en" else TRANSLATED[code]["words"]


def errors(code: str) -> Mapping[str, tuple[str, str]]:
    """Code of a refusal or a failure -> what happened, what to do next; "" stands for every other code."""
    return ERRORS if code == "en" else TRANSLATED[code]["errors"]


def error(code: str, language: str = "en") -> tuple[str, str]:
    """What happened and what to do next, for a stable code. An unknown code gets an honest general pair."""
    known = errors(language)
    return known.get(code, known[""])


def say(key: str, **values: object) -> str:
    """The English sentence for a key, its braces filled. Raises KeyError for an unknown key."""
    return say_in("en", key, **values)


def say_in(code: str, key: str, **values: object) -> str:
    """The same in another language."""
    return table(code)[key].format(**values)


def of_data(text: str, code: str) -> str:
    """What the map of data says, in another language. Raises KeyError for what it does not say."""
    return OF_DATA[code][text] if text and code != "en" else text


def spoken(accepted: str) -> str:
    """The code of the first language of an Accept-Language header that is spoken here, else English."""
    tags = (part.split(";")[0].strip().lower() for part in accepted.split(","))
    return next((code for tag in tags if (code := tag.split("-")[0]) in LANGUAGES), "en")


@cache
def for_scripts(code: str = "en") -> str:
    """A language's words as JSON that may stand inside a script element."""
    titles = {name: {"title": title, "hint": hint} for name, (title, hint) in errors(code).items()}
    content = {"words": table(code), "errors": titles, "languages": LANGUAGES}
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")

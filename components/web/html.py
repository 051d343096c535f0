"""Pages of our own beside the studio's: plain HTML with every value escaped, no cookies, and a policy of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from components import words

CONTENT_POLICY = (
    "default-src 'none'; img-src 'self' data: blob:; style-src 'self'; font-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


def environment(folder: str = "") -> Environment:
    """Templates of a folder: every value is escaped, and a name that is not given is a mistake."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates" / folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


pages = environment()


def language_of(request: Request) -> str:
    """What the visitor's browser asks for, as far as it is spoken here."""
    return words.spoken(request.headers.get("accept-language", ""))


def opens_page(request: Request) -> bool:
    """Whether a person reads the answer: a browser that goes to an address, not a script or a program."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def sentence(request: Request, key: str, **values: object) -> str:
    """A sentence in the visitor's language."""
    return words.say_in(language_of(request), key, **values)


def page(
    request: Request,
    name: str,
    status: int = 200,
    *,
    ancestors: str = "'none'",
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """`name` is a template. It is asked about each time, so that what is gone is gone at once."""
    own = {
        "content-security-policy": CONTENT_POLICY.format(ancestors=ancestors),
        "cache-control": "no-cache",
        "vary": "accept-language",
    }
    say, language = partial(sentence, request), language_of(request)
    text = pages.get_template(f"{name}.html").render(say=say, language=language, **values)
    return HTMLResponse(text, status, headers=own | dict(headers or {}))

"""Pages of our own beside the studio's: plain HTML with every value escaped, no cookies, and a policy of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from components import words

CONTENT_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)

pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
pages.globals["say"] = words.say


def page(
    name: str, status: int = 200, *, ancestors: str = "'none'", headers: Mapping[str, str] | None = None, **values: Any
) -> HTMLResponse:
    """`name` is a template. It is asked about each time, so that what is gone is gone at once."""
    own = {"content-security-policy": CONTENT_POLICY.format(ancestors=ancestors), "cache-control": "no-cache"}
    return HTMLResponse(pages.get_template(f"{name}.html").render(**values), status, headers=own | dict(headers or {}))

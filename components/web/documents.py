"""The studio's own HTML pages around an account: everything escaped, a strict content policy, no script needed."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi.responses import HTMLResponse
from starlette.requests import Request

from components.web.html import environment, language_of, sentence

# Addresses of these pages can hold tokens, so they are sent to nobody, and nothing of them is kept by the browser.
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}

templates = environment("account")


def document(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """`name` is a template. `errors` (field -> title and hint) and `typed` (field -> value) are there for all forms."""
    shown = {"errors": {}, "typed": {}, "trouble": None, "action": "/account/code"} | values
    say = partial(sentence, request)
    text = templates.get_template(f"{name}.html").render(say=say, language=language_of(request), **shown)
    return HTMLResponse(text, status, headers=HEADERS)

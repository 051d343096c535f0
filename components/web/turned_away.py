"""What the guard answers to those it does not let in: a page for a person, a line of text for a program."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from components import words
from components.web.html import language_of, opens_page, page

# code of an error -> status, and what a program reads
REASONS = {
    "other_host": (421, "This studio does not answer to that host name."),
    "session_needed": (401, "Open the studio's page first: this needs a session."),
    "studio_private": (401, "This studio is private. Open it with the link that its start printed."),
    "too_many": (429, "Too many visitors from this address. Try again later."),
}


def turned_away(request: Request, code: str) -> Response:
    """`code` is one of REASONS."""
    status, plain = REASONS[code]
    if not opens_page(request):
        return PlainTextResponse(plain, status)
    title, text = words.error(code, language_of(request))
    return page(request, "turned_away", status, title=title, text=text)

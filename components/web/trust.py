"""The Trust page and what it reads: open to everybody, also without a session, because it is about all and no one."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response

from components import words
from components.actions import leaving, trust
from components.pages.shell import CHOSEN_LANGUAGE
from components.studio import Studio
from components.web.html import language_of, sentence
from components.web.privacy_api import receipt_view

PAGE = """<!doctype html>
<html lang="{spoken}">
<head>
<meta charset="utf-8">
{language}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<meta name="description" content="{description}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/ui/logo.svg" type="image/svg+xml">
<link rel="stylesheet" href="/ui/tokens.css">
<link rel="stylesheet" href="/ui/controls.css">
<link rel="stylesheet" href="/ui/trust.css">
<script id="words" type="application/json">{words}</script>
</head>
<body class="alone">
<div id="trust"></div>
<script type="module">import {{ mount }} from "/ui/trust.js"; mount(document.getElementById("trust"));</script>
</body>
</html>
"""


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/trust")

    @routes.get("")
    def page(request: Request) -> Response:
        text = PAGE.format(
            spoken=language_of(request),
            title=escape(f"{sentence(request, 'nav_trust')} · {sentence(request, 'app_name')}"),
            description=escape(sentence(request, "trust_lead")),
            language=CHOSEN_LANGUAGE,
            words=words.for_scripts(),
        )
        return Response(text, media_type="text/html", headers={"cache-control": "no-cache", "vary": "accept-language"})

    @routes.get("/data")
    def data() -> dict[str, Any]:
        return trust.overview(studio)

    @routes.get("/policy/{number}")
    def policy(number: int) -> dict[str, Any]:
        return trust.policy(studio, number)

    @routes.get("/changes")
    def changes(old: int, new: int) -> list[dict[str, str]]:
        return trust.changes(old, new)

    @routes.get("/receipt/{number}")
    def receipt(request: Request, number: str) -> dict[str, Any]:
        """What became of a deletion: for whoever has the number, because the account is gone."""
        return receipt_view(leaving.receipt(studio, number), language_of(request))

    @routes.get("/source")
    def source(place: str) -> dict[str, str]:
        return {"place": place, "text": trust.source(place)}

    return routes

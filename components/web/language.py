"""The words of a language for the page's scripts."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Request, Response

from components import words


def router() -> APIRouter:
    routes = APIRouter()

    @routes.get("/words/{code}.json")
    def spoken(request: Request, code: str) -> Response:
        if code not in words.LANGUAGES:
            return Response(status_code=404)
        content = words.for_scripts(code)
        tag = f'"{hashlib.sha256(content.encode()).hexdigest()[:16]}"'
        headers = {"cache-control": "no-cache", "etag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/json", headers=headers)

    return routes

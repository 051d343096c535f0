"""`/metrics` for a collector: with the token of the settings, or without one from this machine alone."""

from __future__ import annotations

import secrets
import time
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components.metrics import CONTENT_TYPE
from components.studio import Studio
from components.web.session import LOOPBACK
from store.settings import Settings


def router(studio: Studio) -> APIRouter:
    routes = APIRouter()

    @routes.get("/metrics")
    def metrics(request: Request) -> Response:
        if not may_read(studio.settings, request):
            return PlainTextResponse("Not found", 404)
        return Response(studio.metrics.text(), media_type=CONTENT_TYPE)

    return routes


def may_read(settings: Settings, request: Request) -> bool:
    """A proxy on this machine speaks from loopback too, so the name that was asked for must be loopback as well."""
    if settings.metrics_token is not None:
        wanted = f"Bearer {settings.metrics_token.get_secret_value()}"
        return secrets.compare_digest(request.headers.get("authorization", "").encode(), wanted.encode())
    asked = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    forwarded = {"forwarded", "x-forwarded-for", "via"} & set(request.headers)
    return request.client is not None and {request.client.host, asked} <= LOOPBACK and not forwarded


class Counted:
    """ASGI middleware: seconds of each answer by the pattern of its route, never by its path."""

    def __init__(self, app: ASGIApp, studio: Studio) -> None:
        self.app = app
        self.metrics = studio.metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def counting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, counting)
        finally:
            route = getattr(scope.get("route"), "path", "") or "other"
            self.metrics.answered(scope["method"], route, status, time.perf_counter() - began)

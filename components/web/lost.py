"""A page for people where nothing is: who follows an old link in a browser reads words and finds a way on."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from components import words
from components.web.html import language_of, opens_page, page


class Lost:
    """ASGI middleware. Programs go on getting the answer that they can read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not opens_page(request := Request(scope)):
            await self.app(scope, receive, send)
            return
        lost = False

        async def listening(message: Message) -> None:
            nonlocal lost
            if message["type"] == "http.response.start":
                kind = Headers(raw=message["headers"]).get("content-type", "")
                lost = message["status"] == 404 and not kind.startswith("text/html")
            if not lost:
                await send(message)

        await self.app(scope, receive, listening)
        if lost:
            title, text = words.error("not_found", language_of(request))
            await page(request, "message", 404, title=title, text=text)(scope, receive, send)

"""The head of the studio's page before a browser reads it: our description instead of Gradio's, our scripts at once.

Gradio puts a page's head in by script, when most of a second is over; what is to be asked for early stands here.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio's name and pictures for those who share a link to the studio.
FOREIGN = re.compile(r'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*>')


class Front:
    """ASGI middleware. `early` is markup for the head, `waiting` what is seen until the page is there."""

    def __init__(self, app: ASGIApp, early: str, waiting: str) -> None:
        self.app = app
        self.early = early
        self.waiting = waiting

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message | None = None
        body = b""

        async def gather(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if start is None or message.get("more_body"):
                return
            if start["status"] == 200 and Headers(raw=start["headers"]).get("content-type", "").startswith("text/html"):
                body = self.rewritten(body.decode()).encode()
                MutableHeaders(raw=start["headers"])["content-length"] = str(len(body))
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, gather)

    def rewritten(self, page: str) -> str:
        head, end, rest = page.partition("</head>")
        head = FOREIGN.sub("", head).replace("<head>", f"<head>{self.early}", 1)
        return head + end + re.sub(r"<body[^>]*>", lambda found: found.group() + self.waiting, rest, count=1)

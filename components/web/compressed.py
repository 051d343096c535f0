"""Compresses the page, its scripts and its words on their way. What is a person's own stays as it is.

The length of a compressed answer tells of the secrets in it.
"""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

SMALLEST = 1024  # bytes; below, a header costs as much as it saves


class Compressed:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.small = GZipMiddleware(app, minimum_size=SMALLEST, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        chosen = self.small if scope["type"] == "http" and is_the_same_for_all(scope["path"]) else self.app
        await chosen(scope, receive, send)


def is_the_same_for_all(path: str) -> bool:
    ours = path.startswith("/ui/") and path.endswith((".js", ".css", ".svg"))
    return ours or path in ("/", "/trust") or path.startswith("/words/")

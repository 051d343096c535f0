"""Gradio's own streams end with the session that opened them, as ours does (events.py): one look every few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STREAMS = ("/gradio_api/queue/data", "/gradio_api/heartbeat/")
LOOK_EVERY = 3.0  # seconds


async def until_signed_out(app: ASGIApp, scope: Scope, receive: Receive, send: Send, alive: Callable[[], bool]) -> None:
    """Runs the app. When `alive` says no, the app hears that the visitor left, and the answer is closed."""
    over, begun, complete = asyncio.Event(), False, False

    async def watch() -> None:
        while await run_in_threadpool(alive):
            await asyncio.sleep(LOOK_EVERY)
        over.set()

    async def hear() -> Message:
        if over.is_set():
            return {"type": "http.disconnect"}
        said, ended = asyncio.ensure_future(receive()), asyncio.ensure_future(over.wait())
        try:
            await asyncio.wait({said, ended}, return_when=asyncio.FIRST_COMPLETED)
            return said.result() if said.done() else {"type": "http.disconnect"}
        finally:
            said.cancel()
            ended.cancel()

    async def tell(message: Message) -> None:
        nonlocal begun, complete
        begun = True
        complete = message["type"] == "http.response.body" and not message.get("more_body", False)
        if not over.is_set() or message["type"] == "http.response.start":
            await send(message)

    watching = asyncio.create_task(watch())
    try:
        await app(scope, hear, tell)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    if begun and (over.is_set() or not complete):
        await send({"type": "http.response.body", "body": b"", "more_body": False})

"""The stream that a page listens to: a snapshot, then each change of the visitor's own jobs and pictures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from components.actions import teaching
from components.studio import Studio
from components.web.session import actor_of, still_in
from components.web.views import job_view, lesson_view, models_view, status_view
from policies.actor import Actor
from store.vault import Missing

STATUS_EVERY = 3.0  # seconds; also what keeps proxies from closing a quiet stream
PACE = 0.15  # seconds between two sends: a step can be faster than a screen
REMEMBERED = timedelta(hours=1)
SNAPSHOT_JOBS = 80  # a grid of 64 is whole

Frame = tuple[str, Any]


def router(studio: Studio) -> APIRouter:
    routes = APIRouter()

    @routes.get("/events")
    async def events(request: Request) -> StreamingResponse:
        frames = stream(studio, actor_of(request), request.is_disconnected, lambda: still_in(studio, request))
        return StreamingResponse(frames, media_type="text/event-stream", headers={"cache-control": "no-store"})

    return routes


async def stream(
    studio: Studio, actor: Actor, gone: Callable[[], Any], still_in: Callable[[], bool] = lambda: True
) -> AsyncIterator[str]:
    """Ends with its session: nothing is sent after that was revoked or has run out."""
    changed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def notify() -> None:
        loop.call_soon_threadsafe(changed.set)

    with studio.live.watch(actor.subject_id, notify) as watch:
        yield encode(("snapshot", await run_in_threadpool(snapshot, studio, actor)))
        told = loop.time()
        while not studio.live.closed and not await gone():
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), max(0.0, told + STATUS_EVERY - loop.time()))
            changed.clear()
            if not await run_in_threadpool(still_in):
                break
            for frame in await run_in_threadpool(frames_of, studio, actor, watch.drain()):
                yield encode(frame)
            if loop.time() >= told + STATUS_EVERY:
                yield encode(("status", await run_in_threadpool(status_view, studio)))
                told = loop.time()
            await asyncio.sleep(PACE)


def snapshot(studio: Studio, actor: Actor) -> dict[str, Any]:
    since = studio.clock() - REMEMBERED
    jobs = studio.stores.jobs.recent(actor.subject_id, since, SNAPSHOT_JOBS)
    return {"jobs": [job_view(studio, job) for job in jobs], "status": status_view(studio)}


def frames_of(studio: Studio, actor: Actor, changes: list[tuple[str, str]]) -> list[Frame]:
    frames = came_and_went(changes)
    for news in ("gallery", "shares"):  # what is new is for the page to ask
        if any(kind == news for kind, _ in changes):
            frames.append((news, {}))
    if any(kind == "model" for kind, _ in changes):
        frames.append(("models", models_view(studio)))
    if any(kind == "lesson" for kind, _ in changes):
        frames.append(("lesson", lesson_view(teaching.of(studio, actor))))
    for notebook_id in dict.fromkeys(key for kind, key in changes if kind in ("notebook", "cells")):
        # What is new is for the page to ask: the one that made the change knows it already.
        frames.append(("notebook", {"id": notebook_id, "cells": ("cells", notebook_id) in changes}))
    for kind, key in changes:
        if kind == "job":
            try:
                frames.append(("job", job_view(studio, studio.stores.jobs.get(actor.subject_id, key))))
            except Missing:
                continue
    if any(name == "job" and data["state"] not in ("queued", "running") for name, data in frames):
        frames.append(("status", status_view(studio)))  # the machine is free again: say so with the picture
    return frames


def came_and_went(changes: list[tuple[str, str]]) -> list[Frame]:
    """Pictures that were deleted or brought back; of one that was both, the last word."""
    fate = {key: kind for kind, key in changes if kind in ("removed", "restored")}
    told = {news: [key for key, kind in fate.items() if kind == news] for news in ("removed", "restored")}
    return [(news, {"images": images}) for news, images in told.items() if images]


def encode(frame: Frame) -> str:
    name, data = frame
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"

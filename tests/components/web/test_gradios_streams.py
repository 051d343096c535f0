"""Gradio's own streams, on a real server: they end when their session does, and nothing else ends them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

import app
from components.actions import leaving, signing_in
from tests.components.actions.conftest import Home, home  # noqa: F401
from tests.e2e.conftest import free_port

PATIENCE = 60.0  # seconds
STREAMS = ("/gradio_api/heartbeat/{page}", "/gradio_api/queue/data?session_hash={page}")


@contextmanager
def served(server: FastAPI) -> Iterator[str]:
    port = free_port()
    running = uvicorn.Server(uvicorn.Config(server, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        running.should_exit = running.force_exit = True
        thread.join(PATIENCE)


class Page:
    """An open page: reads its stream on a thread of its own until that ends."""

    def __init__(self, url: str, token: str, path: str) -> None:
        self.status, self.error = 0, ""
        self.begun, self.ended = threading.Event(), threading.Event()
        self._request = (f"{url}{path}", {"cookie": f"pixcosmos={token}"})
        threading.Thread(target=self._read, daemon=True).start()
        assert self.begun.wait(PATIENCE)

    def _read(self) -> None:
        url, headers = self._request
        try:
            with httpx2.stream("GET", url, headers=headers, timeout=PATIENCE * 4) as answer:
                self.status = answer.status_code
                self.begun.set()
                for _ in answer.iter_bytes():
                    pass
        except httpx2.HTTPError as error:
            self.error = type(error).__name__
        self.ended.set()


def wait_for_work(server: FastAPI, page: str) -> None:
    """As while a call of that page is under way: its stream stays open."""
    [gradio] = [route.app for route in server.routes if hasattr(getattr(route, "app", None), "get_blocks")]
    gradio.get_blocks()._queue.pending_messages_per_session[page] = asyncio.Queue()


@pytest.mark.promise("P22")
@pytest.mark.parametrize("way", ["revoked", "erased"])
@pytest.mark.parametrize("stream", STREAMS)
def test_a_stream_of_gradio_ends_with_its_session(home: Home, stream: str, way: str) -> None:  # noqa: F811
    alice, _ = home.join("alice"), home.join("bob")
    (token, session), (bobs, _) = home.enter("alice"), home.enter("bob")
    server = app.build(home.studio)
    for name in ("alices", "bobs"):
        wait_for_work(server, name)
    with served(server) as url:
        page, other = Page(url, token, stream.format(page="alices")), Page(url, bobs, stream.format(page="bobs"))
        assert (page.status, other.status) == (200, 200)
        time.sleep(4)  # longer than between two looks
        assert not page.ended.is_set(), "it is a long one"
        if way == "revoked":
            signing_in.end_session(home.studio, alice, session.id)
        else:
            leaving.erase_at_once(home.studio, alice.subject_id)
        assert page.ended.wait(PATIENCE)
        assert page.error == "", "it ended in order"
        assert not other.ended.is_set(), "and bob's goes on"
        again = httpx2.get(f"{url}{stream.format(page='alices')}", headers={"cookie": f"pixcosmos={token}"})
        assert again.status_code == 401

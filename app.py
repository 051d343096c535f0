"""PixCosmos: settings -> Studio -> routes and pages on one FastAPI. See `python app.py --help`."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components import cli

if TYPE_CHECKING:
    from fastapi import FastAPI

    from components.studio import Studio
    from store.settings import Settings


def build(studio: Studio) -> FastAPI:
    """The whole server over one studio: our routes first, Gradio's page at the root, one guard around both."""
    import gradio as gr
    from fastapi import FastAPI
    from fastapi.middleware.cors import CORSMiddleware

    from components.actions import leaving, privacy
    from components.housekeeper import Housekeeper
    from components.jobs import Dispatcher
    from components.pages import shell
    from components.postman import Postman
    from components.web import (
        account_api,
        account_pages,
        api,
        assets,
        compressed,
        elsewhere,
        errors,
        events,
        exporting,
        front,
        gallery,
        images,
        inputs,
        language,
        lessons,
        lineage,
        lost,
        metrics,
        notebooks,
        privacy_api,
        prompting,
        publishing,
        review,
        session,
        showcase,
        staff,
        trust,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        leaving.replay_interrupted(studio)
        privacy.introduce_uses(studio)
        dispatcher, postman, housekeeper = Dispatcher(studio), Postman(studio), Housekeeper(studio)
        dispatcher.start()
        postman.start()
        housekeeper.start()
        # The page comes first: torch needs the processor for seconds.
        warm = asyncio.get_running_loop().call_later(1.0, lambda: threading.Thread(target=studio.engine.warm).start())
        yield
        warm.cancel()
        housekeeper.stop()
        dispatcher.stop()
        postman.stop()

    app = FastAPI(title="PixCosmos", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    errors.install(app)
    rooms: tuple[Any, ...] = (
        events,
        images,
        inputs,
        gallery,
        notebooks,
        lineage,
        api,
        account_api,
        account_pages,
        elsewhere,
        prompting,
        publishing,
        review,
        showcase,
        trust,
        privacy_api,
        staff,
        metrics,
        exporting,
        lessons,
    )
    for room in rooms:
        app.include_router(room.router(studio))
    app.include_router(language.router())
    app.add_api_route("/healthz", lambda: {"state": studio.engine.status().state})
    app.mount("/ui", assets.Assets(directory=shell.STATIC))
    app.add_middleware(lost.Lost)
    app.add_middleware(front.Front, early=shell.early(), waiting=shell.WAITING)
    app.add_middleware(compressed.Compressed)
    app.add_middleware(session.Guard, studio=studio)
    app.add_middleware(metrics.Counted, studio=studio)
    app.add_middleware(CORSMiddleware, allow_origins=[])  # without one of ours, Gradio would reflect any origin
    return gr.mount_gradio_app(
        app,
        shell.build(studio),
        path="/",
        auth_dependency=lambda request: session.actor_of(request).subject_id,
        max_file_size=studio.settings.max_upload_bytes,
        show_error=False,
        run_history=False,
        ssr_mode=False,
        footer_links=[],
        **shell.page_options(studio),
    )


def serve(settings: Settings) -> None:
    """Serves until interrupted. One server for one data folder."""
    from components import logs, server
    from store.lock import DataLock

    settings.require_published_policy()
    settings.require_encrypted_way()
    logs.configure(settings)
    with DataLock(settings.data), private_temp(settings.data):
        from components.studio import open_studio

        studio = open_studio(settings)
        try:
            server.run(build(studio), studio)
        finally:
            studio.close()


@contextmanager
def private_temp(data: Path) -> Iterator[None]:
    """For Gradio's cache and large uploads: ours alone, in memory where there is some, wiped at start and stop."""
    root = Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir())
    folder = root / f"pixcosmos-{hashlib.sha256(bytes(data)).hexdigest()[:16]}"
    shutil.rmtree(folder, ignore_errors=True)  # of a life that was killed
    folder.mkdir(mode=0o700)
    tempfile.tempdir = str(folder)
    os.environ |= {"GRADIO_TEMP_DIR": str(folder), "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    cli.main(serve)

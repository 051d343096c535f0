"""What the tests of public pages share: a server without Gradio's page, and pictures that nobody had to draw."""

from __future__ import annotations

import io
from datetime import timedelta
from functools import cache

import numpy as np
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from components.actions import finish
from components.studio import Studio
from components.web import (
    api,
    errors,
    exporting,
    gallery,
    images,
    inputs,
    lineage,
    notebooks,
    publishing,
    review,
    session,
    showcase,
)
from pipelines.types import Pixels, Render
from policies.draft import Draft


def served(studio: Studio, base_url: str = "http://127.0.0.1:7860") -> TestClient:
    """Our own routes behind the real guard; a browser of its own, with no cookies."""
    app = FastAPI()
    errors.install(app)
    for room in (images, inputs, gallery, notebooks, exporting, lineage, api, publishing, review, showcase):
        app.include_router(room.router(studio))
    app.add_middleware(session.Guard, studio=studio)
    return TestClient(app, base_url=base_url)


@cache
def drawing(seed: int = 0) -> Pixels:
    """Soft stripes that no classifier minds, large enough for the watermark."""
    y, x = np.mgrid[0:256, 0:320]
    waves = [127 + 100 * np.sin((x * (1 + place) + y * (2 + seed)) / 23) for place in range(3)]
    return np.stack(waves, -1).astype(np.uint8)


@cache
def sharp() -> Pixels:
    """The same with a white square in it: edges that a blur takes away."""
    pixels = drawing().copy()
    pixels[96:160, 96:160] = 255
    return pixels


def edges(data: bytes) -> int:
    """The largest step between two neighbours of a picture file: over 60 in a clear one, a few when it is blurred."""
    levels = np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.int16)
    return int(np.abs(np.diff(levels)).max())


def keep(studio: Studio, subject_id: str, prompt: str = "waves at sea", pixels: Pixels | None = None) -> str:
    """A finished picture of this subject, through the real scan and the real signing."""
    now = studio.clock()
    job = studio.stores.jobs.enqueue(subject_id, Draft(prompt=prompt, seed=1), 1.0, now)
    claimed = studio.stores.jobs.claim("test", now, timedelta(minutes=1))
    assert claimed is not None and claimed.id == job.id
    shown = drawing() if pixels is None else pixels
    picture = finish.picture(studio, Render(0, 1, shown, None))
    assert studio.stores.jobs.finish(job.id, "test", [picture], 1.0, now)
    return studio.stores.gallery.of_job(subject_id, job.id)[0].id

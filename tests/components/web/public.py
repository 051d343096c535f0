"""What the tests of public pages share: a server without Gradio's page, and pictures that nobody had to draw."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import numpy as np
from fastapi import FastAPI
from fastapi.testclient import TestClient

from components.actions import finish
from components.studio import Studio
from components.web import api, errors, gallery, images, publishing, session, showcase
from pipelines.types import Pixels, Render
from policies.draft import Draft


def served(studio: Studio, base_url: str = "http://127.0.0.1:7860") -> TestClient:
    """Our own routes behind the real guard; a browser of its own, with no cookies."""
    app = FastAPI()
    errors.install(app)
    for room in (images, gallery, api, publishing, showcase):
        app.include_router(room.router(studio))
    app.add_middleware(session.Guard, studio=studio)
    return TestClient(app, base_url=base_url)


@cache
def drawing(seed: int = 0) -> Pixels:
    """Soft stripes that no classifier minds, large enough for the watermark."""
    y, x = np.mgrid[0:256, 0:320]
    waves = [127 + 100 * np.sin((x * (1 + place) + y * (2 + seed)) / 23) for place in range(3)]
    return np.stack(waves, -1).astype(np.uint8)


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

"""A large gallery: a page of it against one of a small gallery, and taking pictures out against Python's zipfile."""

from __future__ import annotations

import statistics
import tempfile
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.ratio import Ratio, interleave
from components.actions import exporting, finish, gallery, importing
from components.actions.exporting import Packing
from components.studio import Studio
from pipelines import images
from pipelines.catalogue import Catalogue
from pipelines.engine import LocalEngine
from pipelines.types import Pixels, Render
from policies.actor import Actor
from policies.draft import Draft
from store.checks import NewCheck
from store.db import open_stores
from store.gallery import NewImage
from store.settings import Settings

FEW, MANY = 100, 100_000
PAGES = 40  # timed for one p95
PAGE = 48
TAKEN_OUT, SIGNED = 40, 16  # pictures of an export
SIDE = 768
SEEN = NewCheck(brightness=100.0, spread=50.0, sharpness=10.0)


@contextmanager
def empty_studio() -> Iterator[Studio]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data", open_browser=False)
        engine = LocalEngine(Catalogue(Path("nowhere")))
        opened = Studio(settings, Catalogue(settings.models_dir), engine, open_stores(settings))
        try:
            yield opened
        finally:
            opened.close()


def gallery_page(turns: int) -> list[Ratio]:
    """95 of 100 pages with everything that the page shows of them are there within these seconds."""
    with empty_studio() as studio:
        few, many = (filled(studio, count) for count in (FEW, MANY))
        p95_of(studio, few), p95_of(studio, many)
        ours, theirs = [], []
        for turn in range(turns):
            order = ((many, ours), (few, theirs))
            for actor, times in order if turn % 2 == 0 else reversed(order):
                times.append(p95_of(studio, actor))
    return [Ratio(f"gallery page at {MANY:,} / at {FEW} pictures, p95", ours, theirs, "at most 1.2")]


def filled(studio: Studio, count: int) -> Actor:
    """A person with so many rows; their files are not read for a page."""
    actor = Actor(guest(studio), "guest")
    batch, rows = importing.Batch(actor.subject_id), studio.stores.gallery
    for start in range(0, count, 5000):
        with studio.stores.databases[0].atomic():
            for number in range(start, min(count, start + 5000)):
                speck = NewImage(index=0, seed=number, width=512, height=512, files={"full": b""}, check=SEEN)
                draft = Draft(prompt=f"a fox number {number} on white", seed=number)
                job = replace(batch, id=f"{actor.subject_id[:12]}{number:020x}")
                rows.add_row(uuid.uuid4().hex, job, draft, speck, studio.clock())
    return actor


def p95_of(studio: Studio, actor: Actor) -> float:
    """Pages as the route makes them, one after the other, from the start again at the end."""
    from components.web.views import images_view

    times, cursor = [], None
    for _ in range(PAGES):
        began = time.perf_counter()
        found, cursor = gallery.page(studio, actor, before=cursor, limit=PAGE)
        assert images_view(studio, actor.subject_id, found)
        if len(found) == PAGE:
            times.append(time.perf_counter() - began)
    return statistics.quantiles(times, n=20)[-1]


def export(turns: int) -> list[Ratio]:
    """The same pictures as a ZIP: decrypted, digested and listed by us; from plain files by Python's zipfile.

    Those that were brought go as they are; those that were made here get a watermark and a signature on their way out.
    """
    with empty_studio() as studio, tempfile.TemporaryDirectory() as folder:
        plain = Path(folder)
        files = [images.png(picture(number)) for number in range(TAKEN_OUT)]
        for number, data in enumerate(files):
            (plain / f"{number}.png").write_bytes(data)
        brought, made = Actor(guest(studio), "guest"), Actor(guest(studio), "guest")
        for data in files:
            assert importing.bring_picture(studio, brought, "a.png", data).state == "kept"
        for number in range(SIGNED):
            keep(studio, made, number)
        size = sum(map(len, files)) / 2**20
        some = f"export of {size:.0f} MB"
        deflated = partial(zipped, plain, TAKEN_OUT, zipfile.ZIP_DEFLATED)
        stored = partial(zipped, plain, TAKEN_OUT, zipfile.ZIP_STORED)
        few = partial(zipped, plain, SIGNED, zipfile.ZIP_DEFLATED)
        return [
            interleave(f"{some} / zipfile with deflate", taken(studio, brought), deflated, turns, "at most 0.67"),
            interleave(f"{some} / zipfile that only stores", taken(studio, brought), stored, turns, "none"),
            interleave(f"{SIGNED} marked and signed on the way / deflate", taken(studio, made), few, turns, "none"),
            interleave(f"the same {SIGNED} fetched again / deflate", again(studio, made), few, turns, "at most 0.67"),
        ]


def taken(studio: Studio, actor: Actor) -> Callable[[], None]:
    ids = exporting.select(studio, actor)

    def out() -> None:
        assert sum(map(len, exporting.stream(studio, actor, ids, Packing()))) > len(ids) * 2**16

    return out


def again(studio: Studio, actor: Actor) -> Callable[[], None]:
    """A download that broke off or is wanted once more: what was signed for it is kept with it."""
    export = exporting.prepare(studio, actor, Packing())

    def out() -> None:
        assert sum(map(len, exporting.part(studio, actor, export.id, 1).read())) > len(export.ids) * 2**16

    return out


def zipped(plain: Path, count: int, kind: int) -> None:
    with zipfile.ZipFile(plain / "all.zip", "w", kind) as bundle:
        for number in range(count):
            bundle.write(plain / f"{number}.png")


def guest(studio: Studio) -> str:
    return studio.stores.subjects.new_guest(studio.clock())[1]


def keep(studio: Studio, actor: Actor, number: int) -> None:
    """A picture as the end of a job keeps it, without drawing it."""
    now, jobs = studio.clock(), studio.stores.jobs
    job = jobs.enqueue(actor.subject_id, Draft(prompt=f"waves {number}", seed=number), 1.0, now)
    assert jobs.claim("benchmark", now, timedelta(minutes=1)) is not None
    image = finish.picture(studio, Render(0, number, picture(number), None))
    assert jobs.finish(job.id, "benchmark", [image], 1.0, now)


def picture(number: int) -> Pixels:
    """Soft waves with a little noise: as a PNG it weighs what a drawn picture does."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    waves = np.stack([127 + 90 * np.sin((x * (1 + place) + y * (2 + number)) / 90) for place in range(3)], -1)
    noise = np.random.default_rng(number).normal(0, 4, waves.shape)
    return (waves + noise).clip(0, 255).astype(np.uint8)

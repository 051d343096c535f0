"""From the engine to the gallery: what becomes of its answer."""

from __future__ import annotations

from components.studio import Studio
from pipelines import images
from pipelines.types import Cancelled, Done, Event, Failed, Render
from store.gallery import NewImage
from store.jobs import Job

THUMBNAILS = (256, 512)


def conclude(studio: Studio, owner: str, job: Job, event: Event) -> None:
    """Gives the job its one end. A job that was cancelled meanwhile, or whose lease went to another, keeps nothing."""
    now = studio.clock()
    jobs = studio.stores.jobs
    if isinstance(event, Done):
        jobs.finish(job.id, owner, [picture(render) for render in event.renders], event.seconds, now)
    elif isinstance(event, Failed):
        jobs.fail(job.id, owner, event.code, event.reason, now)
    elif isinstance(event, Cancelled):
        jobs.cancelled(job.id, owner, now)


def picture(render: Render) -> NewImage:
    """A render with its files: the PNG itself, the smaller one that the model drew, and two thumbnails."""
    height, width = render.pixels.shape[:2]
    files = {"full": images.png(render.pixels)}
    files |= {f"thumb{side}": images.thumbnail(render.pixels, side) for side in THUMBNAILS}
    if render.native is not None:
        files["native"] = images.png(render.native)
    native_height, native_width = render.native.shape[:2] if render.native is not None else (0, 0)
    return NewImage(
        index=render.index,
        seed=render.seed,
        width=width,
        height=height,
        native_width=native_width,
        native_height=native_height,
        facts=dict(render.facts),
        files=files,
    )

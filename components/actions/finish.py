"""From the engine to the gallery: what becomes of its answer."""

from __future__ import annotations

from components.actions import choices, moderation, sources
from components.studio import Studio
from pipelines import images
from pipelines.types import Cancelled, Done, Event, Failed, Render
from store.gallery import NewImage
from store.jobs import Job

THUMBNAILS = (256, 512)


def conclude(studio: Studio, owner: str, job: Job, event: Event) -> None:
    """Gives the job its one end. A job that was cancelled meanwhile, or whose lease went to another, keeps nothing.

    What the scan could not look at is not delivered: the job fails by name.
    """
    now = studio.clock()
    jobs = studio.stores.jobs
    if isinstance(event, Done):
        try:
            parent = sources.parent(studio, job.subject_id, job.draft)
            training = choices.training(studio, job.subject_id)
            kept = [picture(studio, render, parent, training=training) for render in event.renders]
        except moderation.ScanFailed as error:
            jobs.fail(job.id, owner, "scan_failed", str(error), now)
        else:
            jobs.finish(job.id, owner, kept, event.seconds, now)
    elif isinstance(event, Failed):
        jobs.fail(job.id, owner, event.code, event.reason, now)
    elif isinstance(event, Cancelled):
        jobs.cancelled(job.id, owner, now)


def picture(studio: Studio, render: Render, parent: bytes | None = None, *, training: bool = False) -> NewImage:
    """A render with its files: the signed PNG, the smaller one that the model drew, two thumbnails, and its check.

    `parent` is the file that it was made from: its credentials become the history of this one. `training` is what its
    owner agreed to.
    """
    check = moderation.scan(studio, render.pixels)
    height, width = render.pixels.shape[:2]
    files = {"full": studio.signer.kept(images.png(render.pixels), parent, allow_training=training)}
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
        check=check,
    )

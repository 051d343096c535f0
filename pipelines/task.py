"""A request inside the engine: its rows and pictures, and the one who listens. Knows no device."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from pipelines import batcher
from pipelines.types import Event, Listener, Render, RenderJob

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Task:
    """A request inside the engine."""

    job: RenderJob
    listener: Listener
    rows: list[batcher.AnyRow] = field(default_factory=list)
    renders: dict[int, Render] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def steps_left(self) -> int:
        return sum(len(row.times) - row.step for row in self.rows)


def draws(job: RenderJob) -> bool:
    """Whether a model is needed: a picture that is only enlarged has none."""
    return job.upscale is None or job.upscale.creativity > 0


def pace_of(job: RenderJob) -> str:
    """What the seconds of a step are remembered under."""
    return job.model if job.upscale is None else f"{job.upscale.network} {job.upscale.creativity > 0}"


def tell(listener: Listener, event: Event) -> None:
    """A listener that fails is its own matter: the device goes on for the others."""
    try:
        listener(event)
    except Exception:
        logger.exception("a listener failed")


def close(task: Task) -> None:
    for row in task.rows:
        row.close()

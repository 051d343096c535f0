"""Starting from a picture: its latents, noised up to the step where drawing begins. Knows no batching and no masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from pipelines.types import Pixels, RenderJob

if TYPE_CHECKING:
    import torch


def first_step(job: RenderJob) -> int:
    """How many of the steps are left out: none at strength 1, nearly all close to 0. Raises ValueError."""
    if job.image is None:
        return 0
    taken = min(int(job.steps * job.strength), job.steps)
    if taken < 1 or job.strength > 1:
        raise ValueError(
            f"strength: {job.strength} leaves {max(taken, 0)} of {job.steps} steps. "
            f"Expected from {1 / job.steps:.3f} to 1."
        )
    return job.steps - taken


def steps_left(job: RenderJob) -> int:
    """For an estimate: strength counts also where the picture itself was left out."""
    return max(1, min(int(job.steps * job.strength), job.steps))


def begin_at(scheduler: Any, skipped: int) -> torch.Tensor:
    """Tells the scheduler where it begins; answers the timesteps that are left."""
    start = skipped * scheduler.order
    if skipped and hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(start)
    left: torch.Tensor = scheduler.timesteps[start:]
    return left


def native(job: RenderJob) -> Pixels:
    """The job's picture at the size that the model draws, (height, width, 3). Raises ValueError for another size."""
    assert job.image is not None
    wanted = (job.height * job.enlarge, job.width * job.enlarge, 3)
    if job.image.shape != wanted:
        raise ValueError(f"image: {job.image.shape} is not the size of the result. Expected {wanted}.")
    return shrunk(job.image, job)


def shrunk(array: np.ndarray, job: RenderJob) -> np.ndarray:
    """From finished to drawn size, averaging whole blocks of pixels; the same array where nothing is enlarged."""
    if job.enlarge == 1:
        return array
    return np.asarray(Image.fromarray(array).resize((job.width, job.height), Image.Resampling.BOX))

"""Redrawing where a mask is white: in latents between steps, and to the last bit in the finished pixels.

A model with inputs for the mask of its own (9 channels) is given it; for any other what is kept is laid back, with the
noise of the next step, after each one (Lugmayr et al., RePaint, arXiv:2201.09865, without its resampling).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.image_to_image import native, shrunk
from pipelines.masks import Mask, composite
from pipelines.types import Pixels, RenderJob

if TYPE_CHECKING:
    import torch

    from pipelines.text_to_image import Loaded

WHITE = 128  # from this brightness on a pixel of the mask is redrawn


@dataclass(frozen=True, slots=True)
class Kept:
    """What a masked picture keeps: `clean` and `noise` (1, C, h, w), `mask` (1, 1, h, w) of 0 and 1.

    `hints` (1, 1 + C, h, w) are the mask and the latents of what is kept, for a model that has inputs for them.
    """

    clean: torch.Tensor
    noise: torch.Tensor
    mask: torch.Tensor
    hints: torch.Tensor | None = None

    def blend(self, latents: torch.Tensor, scheduler: Any, next_time: torch.Tensor | None) -> torch.Tensor:
        """Lays what is kept over new latents, as noisy as they are; `next_time` None after the last step."""
        if self.hints is not None:
            return latents
        kept = self.clean
        if next_time is not None:
            kept = scheduler.add_noise(kept, self.noise, next_time.reshape(1))
        return (1 - self.mask) * kept + self.mask * latents


def keep(job: RenderJob, loaded: Loaded, clean: torch.Tensor, noise: torch.Tensor, generator: torch.Generator) -> Kept:
    """Raises ValueError when the mask is not of the picture's size."""
    import torch

    mask = native_mask(job) >= WHITE
    grid = torch.from_numpy(mask.astype(np.float32))[None, None]
    small = torch.nn.functional.interpolate(grid, size=noise.shape[-2:])
    if not loaded.takes_mask:
        return Kept(clean, noise, small)
    # Grey, which is 0 between -1 and 1, covers what is redrawn: so these models were trained.
    covered = native(job).astype(np.float32) / 127.5 - 1
    covered[mask] = 0
    return Kept(clean, noise, small, torch.cat([small, loaded.encode(covered, generator)], dim=1))


def native_mask(job: RenderJob) -> Mask:
    assert job.mask is not None
    if job.image is None or job.mask.shape != job.image.shape[:2]:
        expected = "a picture to redraw a part of" if job.image is None else f"{job.image.shape[:2]}"
        raise ValueError(f"mask: {job.mask.shape} does not fit. Expected {expected}.")
    return shrunk(job.mask, job)


def laid_back(job: RenderJob, drawn: Pixels) -> Pixels:
    """What the mask keeps is the given picture's to the last bit, at the drawn size or at the finished one."""
    if job.mask is None or job.image is None:
        return drawn
    if drawn.shape == job.image.shape:
        return composite(job.image, drawn, job.mask)
    return composite(native(job), drawn, native_mask(job))

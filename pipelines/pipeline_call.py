"""Models whose steps are not ours: diffusers' own pipeline call, cut into steps so that the device stays shared.

The call runs on a thread of its own, but only while the device's thread waits for its next step: never both at once.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from pipelines.adapters import Chosen, split
from pipelines.decoding import FILLED, decoding_bytes
from pipelines.device import Device
from pipelines.files import Identity
from pipelines.image_to_image import first_step, native
from pipelines.inpaint import laid_back, native_mask
from pipelines.models import Model
from pipelines.prompts import plain
from pipelines.types import Pixels, RenderJob

# id -> the class of its configuration in diffusers, and what it is given.
STEP_CACHES: Mapping[str, tuple[str, dict[str, Any]]] = {
    "first_block": ("FirstBlockCacheConfig", {"threshold": 0.1}),
    "taylorseer": ("TaylorSeerCacheConfig", {"cache_interval": 3, "disable_cache_before_step": 3}),
}


class Left(Exception):
    """Raised inside a call that nobody waits for any more, to end it between two steps."""


@dataclass(slots=True)
class Pipeline:
    """A diffusers pipeline in memory. It keeps state while it is called, so one call at a time."""

    model: Model
    device: Device
    parts: Any
    size_bytes: int
    tuned: tuple[str, ...] = ()
    look_seconds: float = 0.0  # there are no looks of these
    calling: Call | None = None
    files: Identity = ()  # what it was read from
    _siblings: dict[str, Any] = field(default_factory=dict)

    def pipe(self, job: RenderJob) -> Any:
        """The pipeline for what the job starts from: the same parts in another order, never a second copy of them.

        Raises ValueError where the family has none.
        """
        import diffusers

        if job.image is None:
            return self.parts
        name = "AutoPipelineForImage2Image" if job.mask is None else "AutoPipelineForInpainting"
        if name not in self._siblings:
            try:
                # Told the number format: by default it would turn the shared weights to float32.
                self._siblings[name] = getattr(diffusers, name).from_pipe(self.parts, torch_dtype=self.device.dtype)
            except ValueError as error:
                raise ValueError(f"image: {self.model.name} draws from a prompt alone. Expected none.") from error
            self._siblings[name].set_progress_bar_config(disable=True)
        return self._siblings[name]

    def cache(self, name: str) -> Any:
        """A way to leave out blocks that hardly change between steps. Raises ValueError where there is none."""
        import diffusers

        network = self.parts.transformer
        if not hasattr(network, "enable_cache") or name not in STEP_CACHES:
            raise ValueError(f"step_cache: {name!r} is not for {self.model.name}. Expected none.")
        kind, options = STEP_CACHES[name]
        return getattr(diffusers, kind)(**options)

    def arguments(self, job: RenderJob, index: int) -> dict[str, Any]:
        """The job in this pipeline's own words; what it has no word for is left out. Weights in brackets are dropped.

        Raises ValueError for adapters, for control, and for a picture where the family draws from a prompt alone.
        """
        import torch

        prompt, worn = split(job.prompt)
        if worn:
            raise ValueError(f"lora: {worn[0][0]!r} cannot be worn by {self.model.name}. Expected none.")
        if job.controls:
            raise ValueError(f"control: {job.controls[0].model!r} is not for {self.model.name}. Expected none.")
        guidance = "true_cfg_scale" if self.model.family == "qwen" else "guidance_scale"
        values = {
            "prompt": plain(prompt),
            "negative_prompt": plain(job.negative_prompt) or " ",
            "width": job.width,
            "height": job.height,
            "num_inference_steps": job.steps,
            guidance: job.guidance,
            "generator": torch.Generator().manual_seed(job.seed + index),
            "output_type": "np",
        }
        if job.steps != 2:  # SANA-Sprint's middle timestep is for exactly two steps
            values["intermediate_timesteps"] = None
        if job.image is not None:
            values |= {"image": Image.fromarray(native(job)), "strength": job.strength}
        if job.mask is not None:
            values |= {"mask_image": Image.fromarray(native_mask(job))}
        known = inspect.signature(self.pipe(job).__call__).parameters
        return {name: value for name, value in values.items() if name in known}


class Call:
    """One picture: a pipeline call that advances a step at a time."""

    estimate = None  # packed and unpacked in each family's own way: no previews
    bucket = 1
    worn: Chosen = ()
    buckets = (1,)
    phase = "drawing"

    def __init__(self, job: RenderJob, index: int, loaded: Pipeline) -> None:
        self.job = job
        self.index = index
        self.loaded = loaded
        self.times = range(job.steps - first_step(job))
        self.step = 0
        self._tight = False  # whether memory ran out once
        self._arguments = loaded.arguments(job, index)
        self._cache = loaded.cache(job.step_cache) if job.step_cache != "none" else None
        self._tiled = False
        self._pixels: Pixels | None = None
        self._error: BaseException | None = None
        self._left = False
        self._thread: threading.Thread | None = None
        self._go_on, self._stopped = threading.Semaphore(0), threading.Semaphore(0)

    @property
    def key(self) -> tuple[str, str, int]:
        return self.loaded.model.id, self.job.id, self.index

    @property
    def scheduler(self) -> Any:
        """The pipeline's own: the job's choice is for models of the shared steps."""
        return self.loaded.parts.scheduler

    @property
    def facts(self) -> dict[str, Any]:
        """What decided the pixels beside the job."""
        cached = [] if self._cache is None else [f"step_cache:{self.job.step_cache}"]
        return {
            "bucket": self.bucket,
            "speed": [*self.loaded.tuned, *cached, *(["vae_tiles"] if self._tiled else [])],
            "adapters": [],
            "scheduler_class": type(self.scheduler).__name__,
            "revision": self.loaded.model.revision,
        }

    @property
    def drawn(self) -> bool:
        return self._pixels is not None

    @property
    def waiting(self) -> bool:
        """Another picture's call must have ended before this one begins."""
        return not self.drawn and self.loaded.calling in (None, self)

    def advance(self) -> None:
        """Runs to the end of the next step; after the last one also decodes. Raises what the pipeline raises."""
        if self._thread is None:
            self.loaded.calling = self
            self._thread = threading.Thread(target=self._run, name="pipeline call", daemon=True)
            self._thread.start()
        else:
            self._go_on.release()
        self._stopped.acquire()
        if self._error is not None:
            raise self._error

    def again(self) -> bool:
        """After memory ran out: from the start, decoding in tiles. False when that was tried already."""
        if self._tight:
            return False
        if self._thread is not None:
            self._thread.join()
        self.step, self._tight, self._error, self._thread = 0, True, None, None
        self._arguments = self.loaded.arguments(self.job, self.index)
        return True

    def finished(self) -> Pixels:
        assert self._pixels is not None
        return self._pixels

    def close(self) -> None:
        """Ends the call where it stands, so that another can begin."""
        self._left = True
        self._go_on.release()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        import torch

        try:
            with torch.inference_mode():
                pipe = self.loaded.pipe(self.job)
                self._tile(pipe.vae)
                if self._cache is not None:
                    self.loaded.parts.transformer.enable_cache(self._cache)
                answer = pipe(**self._arguments, callback_on_step_end=self._after_step)
            drawn = (np.asarray(answer.images[0]) * 255).round().astype(np.uint8)
            self._pixels = laid_back(self.job, drawn)
        except Left:
            pass
        except BaseException as error:
            self._error = error
        finally:
            if self._cache is not None:  # what it holds is of this picture alone
                self.loaded.parts.transformer.disable_cache()
            self.loaded.calling = None
            self._stopped.release()

    def _tile(self, vae: Any) -> None:
        """Decoding at once needs memory in proportion to the picture; tiles do not."""
        needed = decoding_bytes(vae, self.job.width * self.job.height)
        self._tiled = hasattr(vae, "enable_tiling") and (self._tight or needed > FILLED * self.loaded.device.free())
        if self._tiled:
            vae.enable_tiling()
        elif hasattr(vae, "disable_tiling"):
            vae.disable_tiling()

    def _after_step(self, pipe: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
        self.step = min(step + 1, len(self.times))
        if self.step < len(self.times):
            self._stopped.release()
            self._go_on.acquire()
        if self._left:
            raise Left
        return values

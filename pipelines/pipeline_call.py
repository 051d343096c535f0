"""Models whose steps are not ours: diffusers' own pipeline call, cut into steps so that the device stays shared.

The call runs on a thread of its own, but only while the device's thread waits for its next step: never both at once.
"""

from __future__ import annotations

import inspect
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.adapters import Worn, split
from pipelines.device import Device
from pipelines.models import Model
from pipelines.prompts import plain
from pipelines.types import Pixels, RenderJob


class Left(Exception):
    """Raised inside a call that nobody waits for any more, to end it between two steps."""


@dataclass(slots=True)
class Pipeline:
    """A diffusers pipeline in memory. It keeps state while it is called, so one call at a time."""

    model: Model
    device: Device
    parts: Any
    size_bytes: int
    calling: Call | None = None

    def arguments(self, job: RenderJob, index: int) -> dict[str, Any]:
        """The job in this pipeline's own words; what it has no word for is left out. Weights in brackets are dropped.

        Raises ValueError for a picture or adapters: these models draw from a prompt alone.
        """
        import torch

        prompt, worn = split(job.prompt)
        if worn:
            raise ValueError(f"lora: {worn[0][0]!r} cannot be worn by {self.model.name}. Expected none.")
        if job.image is not None or job.mask is not None or job.controls:
            raise ValueError(f"image: {self.model.name} draws from a prompt alone. Expected none.")
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
        known = inspect.signature(self.parts.__call__).parameters
        return {name: value for name, value in values.items() if name in known}


class Call:
    """One picture: a pipeline call that advances a step at a time."""

    estimate = None  # packed and unpacked in each family's own way: no previews
    bucket = 1
    worn: Worn = ()
    buckets = (1,)
    phase = "drawing"

    def __init__(self, job: RenderJob, index: int, loaded: Pipeline) -> None:
        self.job = job
        self.index = index
        self.loaded = loaded
        self.times = range(job.steps)
        self.step = 0
        self._arguments = loaded.arguments(job, index)
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
        return {
            "bucket": self.bucket,
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
                answer = self.loaded.parts(**self._arguments, callback_on_step_end=self._after_step)
            self._pixels = (np.asarray(answer.images[0]) * 255).round().astype(np.uint8)
        except Left:
            pass
        except BaseException as error:
            self._error = error
        finally:
            self.loaded.calling = None
            self._stopped.release()

    def _after_step(self, pipe: Any, step: int, time: Any, values: dict[str, Any]) -> dict[str, Any]:
        self.step = step + 1
        if self.step < len(self.times):
            self._stopped.release()
            self._go_on.acquire()
        if self._left:
            raise Left
        return values

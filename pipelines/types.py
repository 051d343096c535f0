"""What the engine is asked and what it answers: frozen plain data. Knows no torch, no users and no rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Task = Literal["text_to_image", "image_to_image", "inpaint", "upscale"]
Pixels = NDArray[np.uint8]  # (H, W, 3), sRGB


@dataclass(frozen=True, slots=True)
class Control:
    """One ControlNet: `image` is the ready map as PNG bytes, `start` and `end` fractions of the steps."""

    model: str
    image: bytes
    weight: float = 1.0
    start: float = 0.0
    end: float = 1.0


@dataclass(frozen=True, slots=True)
class Adapter:
    """A LoRA file of the models folder and its weight."""

    name: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """One request. `width` and `height` are the pixels the model itself draws; `enlarge` multiplies them afterwards.

    Picture number i of `count` uses `seed + i`. `image` and `mask` are PNG bytes; white in the mask is redrawn.
    """

    id: str
    model: str
    task: Task = "text_to_image"
    prompt: str = ""
    negative_prompt: str = ""
    width: int = 512
    height: int = 512
    count: int = 1
    seed: int = 0
    steps: int = 20
    guidance: float = 4.0
    scheduler: str = "dpmpp_2m"
    enlarge: int = 1
    image: bytes | None = None
    mask: bytes | None = None
    strength: float = 1.0
    controls: tuple[Control, ...] = ()
    adapters: tuple[Adapter, ...] = ()
    upscaler: str = ""
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Measures:
    """Scores of a picture, never verdicts. `finite` is False when the latents held NaN or infinity."""

    finite: bool = True
    spread: float = 0.0  # standard deviation of luminance, 0 to 127.5; near 0 is a blank picture
    sharpness: float = 0.0  # variance of the Laplacian of luminance


@dataclass(frozen=True, slots=True)
class Render:
    """One finished picture. `native` is what the model drew before enlarging, None when nothing was enlarged.

    `facts` records what decides the pixels beside the job: bucket, dtype, scheduler class, library versions.
    """

    index: int
    seed: int
    pixels: Pixels
    native: Pixels | None
    measures: Measures
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Started:
    """The job left the engine's own waiting line; its model is loading or its first step is due."""

    job_id: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Picture `index` has `step` of `of` steps behind it. `preview` is a small JPEG, the latest only, or None.

    `phase` is what the seconds go into now: "loading", "drawing", "decoding" or "enlarging". `eta` counts the whole job.
    """

    job_id: str
    index: int
    step: int
    of: int
    phase: str = "drawing"
    eta: float | None = None
    preview: bytes | None = None


@dataclass(frozen=True, slots=True)
class Done:
    job_id: str
    renders: tuple[Render, ...]
    seconds: float  # device seconds this job is accountable for


@dataclass(frozen=True, slots=True)
class Failed:
    """`code` is stable (out_of_memory, model_missing, not_finite, engine_error...); `reason` is for the owner to read."""

    job_id: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    job_id: str


Event = Started | Progress | Done | Failed | Cancelled
Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """`state`: starting, ready or closed. `device` in words ("CPU, 2 cores, bfloat16"). Memory in bytes."""

    state: str
    device: str
    models: tuple[str, ...]
    active: int
    memory_used: int
    memory_total: int


class Engine(Protocol):
    """Owns the device. Every method may be called from any thread and returns at once; listeners must not block."""

    def submit(self, job: RenderJob, listener: Listener) -> None: ...

    def cancel(self, job_id: str) -> None:
        """Ends the job within one step; it answers with Cancelled. Unknown ids are ignored."""

    def room(self) -> int:
        """How many more pictures can be taken now without waiting behind others inside the engine."""

    def estimate(self, job: RenderJob) -> float | None:
        """Device seconds the job would take alone, from what was measured so far; None when nothing was."""

    def status(self) -> EngineStatus: ...

    def close(self) -> None:
        """Stops after the current step; unfinished jobs get no further event (the queue of record runs them again)."""

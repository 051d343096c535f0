"""What the engine is asked and what it answers: frozen plain data. Knows no torch, no users and no rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]  # (H, W, 3), sRGB


@dataclass(frozen=True, slots=True, eq=False)
class Control:
    """A map that shapes a picture: `model` names a ControlNet, `image` is of the finished size, `scale` its weight.

    It has a say from the share `start` of the steps to `end`.
    """

    model: str
    image: Pixels = field(repr=False)
    scale: float = 1.0
    start: float = 0.0
    end: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a redrawn part goes: over `box` of `canvas` (H, W, 3), as much as `mask` (H, W) says.

    `box` is left, top, right, bottom; it may reach beyond the canvas, and what is drawn there is left out.
    """

    canvas: Pixels = field(repr=False)
    mask: NDArray[np.uint8] = field(repr=False)
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Enlarge:
    """To `size` (width, height) by the upscaler `network`; then, with `creativity`, redrawn tile by tile."""

    network: str
    size: tuple[int, int]
    creativity: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """One request. `width` and `height` are the pixels that the model itself draws; `enlarge` multiplies them after.

    Picture number i of `count` uses `seed + i`. With `exact` each picture is drawn in a batch of its own.
    `image` is what to start from and `mask` where to redraw it (255) and where to keep it (0), both at the finished
    size. `strength`, above 0 to 1, is the share of the steps that change it. With a `place` the result is laid back
    into a larger picture. With an `upscale` nothing is drawn from words alone: `image` is enlarged. `step_cache` leaves
    out blocks that hardly change between steps, faster at the cost of detail: "none", or "first_block" or "taylorseer"
    where a model has it.
    """

    id: str
    model: str
    prompt: str = ""
    negative_prompt: str = ""
    width: int = 512
    height: int = 512
    count: int = 1
    seed: int = 0
    steps: int = 20
    guidance: float = 4.0
    scheduler: str = "ddim"
    enlarge: int = 1
    exact: bool = False
    step_cache: str = "none"
    image: Pixels | None = field(default=None, compare=False, repr=False)
    mask: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)  # (H, W)
    strength: float = 1.0
    place: Place | None = field(default=None, compare=False, repr=False)
    upscale: Enlarge | None = None
    controls: tuple[Control, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Render:
    """One finished picture. `native` is what the model drew before enlarging, None when nothing was enlarged.

    `facts` records what decides the pixels beside the job: bucket, dtype, device, library versions.
    """

    index: int
    seed: int
    pixels: Pixels
    native: Pixels | None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """Picture `index` has `step` of `of` steps behind it. `preview` is a small JPEG, the latest only, or None.

    `phase` is what the seconds go into: "loading", "drawing", "decoding" or "enlarging". `eta` counts the whole job.
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
    """`seconds` is the share of the device's time that this job is accountable for."""

    job_id: str
    renders: tuple[Render, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """`code` is stable (out_of_memory, not_finite, model_missing, engine_error); `reason` is for the owner to read."""

    job_id: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    job_id: str


Event = Progress | Done | Failed | Cancelled
Listener = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """`state`: starting, ready or closed. `device` in words ("CPU, 2 threads, bfloat16"). Memory in bytes."""

    state: str
    device: str
    models: tuple[str, ...]
    active: int
    memory_used: int
    memory_total: int


@dataclass(frozen=True, slots=True)
class Measures:
    """What was done since the start. `steps` counts calls of a network by the pictures that shared them."""

    steps: Mapping[int, int]
    step_seconds: float
    halved: int
    previews: int
    preview_seconds: float
    loads: int
    evictions: int


class Engine(Protocol):
    """Owns the device. Every method may be called from any thread and returns at once; listeners must not block."""

    def warm(self) -> None:
        """Starts the device's thread and loads the starter, so that the first picture need not wait for it."""

    def submit(self, job: RenderJob, listener: Listener) -> None:
        """Answers with Progress events and exactly one of Done, Failed and Cancelled, unless the engine is closed."""

    def cancel(self, job_id: str) -> None:
        """Ends the job within one step. Unknown ids are passed over."""

    def room(self) -> int:
        """How many more pictures would share the next step; below 0 when some take turns already."""

    def estimate(self, job: RenderJob) -> float | None:
        """Device seconds the job would take alone, from what was measured so far; None when nothing was."""

    def status(self) -> EngineStatus: ...

    def measures(self) -> Measures: ...

    def close(self) -> None:
        """Stops after the current step. Unfinished jobs hear nothing more: their queue runs them again."""

"""What one device does for several people: company, first previews, cancelling, waiting, memory, previews, swaps."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.drawing import DRAFT, USERS, studio, wait
from benchmarks.ratio import Ratio, interleave
from benchmarks.starting import peak
from components.actions import generate
from pipelines.catalogue import STARTER, Catalogue
from pipelines.engine import LocalEngine
from pipelines.speed import Speed
from pipelines.types import Cancelled, Done, Event, Failed, Progress, RenderJob
from policies.actor import Actor

JOB = RenderJob(
    id="one", model="starter", prompt=DRAFT.prompt, width=128, height=128, steps=20, seed=7, enlarge=4, guidance=3.0
)
HEAVY = 24  # jobs of the person who asked first

EIGHT_PEOPLE = """
from components.actions import generate
from dataclasses import replace
from benchmarks.drawing import DRAFT, studio, wait
with studio() as (ours, owner):
    for job in [generate.start(ours, owner, replace(DRAFT, seed=seed)) for seed in range({people})]:
        wait(ours, job)
"""


@contextmanager
def engine(speed: Speed | None = None) -> Iterator[LocalEngine]:
    opened = LocalEngine(Catalogue(Path("nowhere")), "auto", speed)
    run(opened, JOB)
    yield opened
    opened.close()


def run(opened: LocalEngine, *jobs: RenderJob, previewed: dict[str, float] | None = None) -> float:
    """Seconds until all are done. `previewed` is told when each job was first seen."""
    ended, began = threading.Semaphore(0), time.perf_counter()

    def listen(event: Event) -> None:
        now = time.perf_counter() - began
        shown = isinstance(event, Done) or (isinstance(event, Progress) and event.preview is not None)
        if shown and previewed is not None:
            previewed.setdefault(event.job_id, now)
        if isinstance(event, Done | Failed | Cancelled):
            assert isinstance(event, Done), event
            ended.release()

    for job in jobs:
        opened.submit(job, listen)
    for _ in jobs:
        ended.acquire()
    return time.perf_counter() - began


def first_preview(turns: int) -> list[Ratio]:
    """Until 95 of 100 people see something of their own picture: all at once, and each after the one before."""
    ours: list[float] = []
    theirs: list[float] = []
    with engine() as opened:
        for _ in range(turns):
            jobs = [replace(JOB, id=f"job {seed}", seed=seed) for seed in range(USERS)]
            together: dict[str, float] = {}
            run(opened, *jobs, previewed=together)
            ours.append(p95(list(together.values())))
            waited, alone = 0.0, []
            for job in jobs:
                seen: dict[str, float] = {}
                seconds = run(opened, job, previewed=seen)
                alone += [waited + value for value in seen.values()]
                waited += seconds
            theirs.append(p95(alone))
    return [Ratio(f"95% of {USERS} people see a first preview, together / one by one", ours, theirs, "at most 0.25")]


def p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def cancelling(turns: int) -> list[Ratio]:
    """From the call to the device being free, over one step."""
    freed: list[float] = []
    steps: list[float] = []
    with engine() as opened:
        for _ in range(turns):
            seconds, step = cancelled(opened)
            freed.append(seconds)
            steps.append(step)
    return [Ratio("cancel to a free device / a step", freed, steps, "at most 1.1")]


def cancelled(opened: LocalEngine) -> tuple[float, float]:
    """Seconds from cancelling to the end, and of a step before."""
    moments: list[float] = []
    midway, ended = threading.Event(), threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, Progress) and event.phase == "drawing":
            moments.append(time.perf_counter())
            if event.step == 10:
                midway.set()
        elif isinstance(event, Cancelled):
            ended.set()

    opened.submit(replace(JOB, steps=150), listen)
    midway.wait()
    began = time.perf_counter()
    opened.cancel("one")
    ended.wait()
    took = time.perf_counter() - began
    return took, statistics.median(b - a for a, b in zip(moments, moments[1:], strict=False))


def light_wait(turns: int) -> list[Ratio]:
    """A person with one job who comes after another's many: until it is done, against waiting for all of those."""
    ours: list[float] = []
    theirs: list[float] = []
    with studio() as (opened, owner):
        wait(opened, generate.start(opened, owner, DRAFT))
        for _ in range(turns):
            light = Actor(opened.stores.subjects.new_guest(opened.clock())[1], "guest")
            began = time.perf_counter()
            heavy = [generate.start(opened, owner, replace(DRAFT, seed=seed)) for seed in range(HEAVY)]
            asked = time.perf_counter()
            wait(opened, generate.start(opened, light, DRAFT))
            ours.append(time.perf_counter() - asked)
            for job in heavy:
                wait(opened, job)
            theirs.append(time.perf_counter() - began)
    return [Ratio(f"a light user's wait / the {HEAVY} jobs of another", ours, theirs, "one round")]


def previews(turns: int) -> list[Ratio]:
    """Eight pictures with and without previews."""
    jobs = [replace(JOB, id=f"job {seed}", seed=seed) for seed in range(USERS)]
    with engine() as shown, engine(Speed(previews=False)) as hidden:
        on, off = (lambda opened=opened: run(opened, *jobs) for opened in (shown, hidden))
        return [interleave("previews on / off", on, off, turns, "at most 1.02")]


def memory_of_eight(turns: int) -> list[Ratio]:
    """Peak resident memory of a process that draws for eight people, and for one."""
    ours = [peak(EIGHT_PEOPLE.format(people=USERS)) for _ in range(turns)]
    theirs = [peak(EIGHT_PEOPLE.format(people=1)) for _ in range(turns)]
    return [Ratio(f"peak memory, {USERS} people / one", ours, theirs, "weights once", "MB")]


def model_swap(turns: int) -> list[Ratio]:
    """Another model takes the place of one in memory, against a script that opens it."""
    from diffusers import StableDiffusionPipeline

    from pipelines.device import choose
    from pipelines.memory import Memory, settle

    device = choose()
    settle()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("one", "other"):
            (Path(folder) / name).symlink_to(STARTER)
        memory, names = Memory(Catalogue(Path(folder)), device), ["one", "other"]

        def swap() -> None:
            memory.clear()
            names.reverse()
            memory.model(names[0])

        def opened() -> None:
            StableDiffusionPipeline.from_pretrained(STARTER, torch_dtype=device.dtype, local_files_only=True)

        return [interleave("model swap / from_pretrained", swap, opened, turns, "at most 1.1")]


def upscaling(turns: int) -> list[Ratio]:
    """A 512 x 512 picture enlarged four times in tiles, against the bare network on the whole picture."""
    import numpy as np
    import torch

    from pipelines.device import choose
    from pipelines.upscale import SHIPPED, Upscaler, finish

    device = choose()
    upscaler = Upscaler.load(SHIPPED, device.torch_device, device.dtype)
    pixels = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)

    def bare() -> object:
        with torch.inference_mode():
            source = torch.from_numpy(pixels).to(device.torch_device).permute(2, 0, 1)[None].to(upscaler.dtype) / 255
            found = upscaler.network(source.contiguous(memory_format=torch.channels_last))
            return (found[0].permute(1, 2, 0).float() * 255).round().byte().cpu().numpy()

    tiles: Callable[[], object] = lambda: finish(upscaler.enlarge(pixels))  # noqa: E731
    return [interleave("enlarging 512 x 512 to 2048 x 2048 / bare spandrel", tiles, bare, turns, "at most 1.3")]

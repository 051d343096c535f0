"""How fast this machine draws with the starter: alone, and for several people at once. Keeps nothing."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import psutil

from components.studio import speed_of
from pipelines.catalogue import Catalogue, starter
from pipelines.engine import LocalEngine
from pipelines.types import Done, Event, Failed, Progress, RenderJob
from store.settings import Settings

TURNS = 3
PEOPLE = (1, 4, 8, 16, 32, 64)


@dataclass(frozen=True, slots=True)
class Row:
    """`seconds` until the pictures of all are done; `preview` until the last of them saw something of theirs."""

    people: int
    seconds: float
    preview: float | None


@dataclass(frozen=True, slots=True)
class Bench:
    device: str
    steps: int
    turns: int
    loading: float
    rows: tuple[Row, ...]
    memory: int


def measure(settings: Settings, most: int, tell: Callable[[str], None]) -> Bench:
    model = starter()
    width, height = model.sizes[0]
    asked = RenderJob(
        id="bench",
        model=model.id,
        prompt="a red fox, purple background",
        width=width // model.enlarge,
        height=height // model.enlarge,
        steps=model.steps,
        guidance=model.guidance,
        scheduler=model.scheduler,
        enlarge=model.enlarge,
    )
    engine = LocalEngine(Catalogue(settings.models_dir), settings.device, speed_of(settings))
    try:
        loading = draw(engine, asked, 1).seconds  # the first picture waits for the libraries and the weights
        loading -= draw(engine, asked, 1).seconds
        rows = []
        for people in [number for number in PEOPLE if number <= most]:
            tell("one person draws" if people == 1 else f"{people} people draw")
            rows.append(middle([draw(engine, asked, people) for _ in range(TURNS)]))
        return Bench(engine.status().device, asked.steps, TURNS, max(0.0, loading), tuple(rows), peak())
    finally:
        engine.close()


def draw(engine: LocalEngine, asked: RenderJob, people: int) -> Row:
    """A picture for each, all asked for in the same moment. Raises RuntimeError when one fails."""
    ended = threading.Semaphore(0)
    seen: dict[str, float] = {}
    failures: list[str] = []
    began = time.perf_counter()

    def listen(event: Event) -> None:
        if isinstance(event, Progress) and event.preview is not None:
            seen.setdefault(event.job_id, time.perf_counter() - began)
        elif isinstance(event, Done | Failed):
            failures.extend([event.reason] if isinstance(event, Failed) else [])
            ended.release()

    for number in range(people):
        engine.submit(replace(asked, id=f"bench {number}", seed=number), listen)
    for _ in range(people):
        ended.acquire()
    if failures:
        raise RuntimeError(failures[0])
    return Row(people, time.perf_counter() - began, max(seen.values()) if len(seen) == people else None)


def middle(rows: list[Row]) -> Row:
    previews = [row.preview for row in rows if row.preview is not None]
    return Row(
        rows[0].people,
        statistics.median(row.seconds for row in rows),
        statistics.median(previews) if previews else None,
    )


def peak() -> int:
    """Bytes that this process had in memory at most; what it has now where the system does not say."""
    try:
        import resource
    except ImportError:
        return int(psutil.Process().memory_info().rss)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

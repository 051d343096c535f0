"""The engine: one thread owns the device, takes requests, runs steps, and tells listeners. Knows no queue of record."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from pipelines import batcher, canvas, image_to_image, images, inpaint
from pipelines.catalogue import Catalogue
from pipelines.device import Device, choose
from pipelines.enlarging import Enlargement
from pipelines.failures import code_of, is_out_of_memory, reason_of
from pipelines.memory import Memory
from pipelines.types import Cancelled, Done, EngineStatus, Event, Failed, Listener, Progress, Render, RenderJob
from pipelines.upscale import SHIPPED, finish

logger = logging.getLogger(__name__)

PREVIEW_SHARE = 0.02  # of the device's time
PREVIEW_EVERY, PREVIEW_PAUSE = 0.3, 1.0  # seconds, at least and at most, between two previews of a picture
UNKNOWN_ROOM = 8


@dataclass(slots=True)
class Task:
    """A request inside the engine."""

    job: RenderJob
    listener: Listener
    rows: list[batcher.AnyRow] = field(default_factory=list)
    renders: dict[int, Render] = field(default_factory=dict)
    seconds: float = 0.0
    previewed: dict[int, float] = field(default_factory=dict)

    @property
    def steps_left(self) -> int:
        return sum(len(row.times) - row.step for row in self.rows)


class LocalEngine:
    """In this process. Building it costs nothing: torch is imported on the device's thread, at the first need."""

    def __init__(self, catalogue: Catalogue, device: str = "auto") -> None:
        self._catalogue = catalogue
        self._wanted_device = device
        self._inbox: deque[tuple[RenderJob, Listener]] = deque()
        self._cancelled: set[str] = set()
        self._tasks: dict[str, Task] = {}
        self._memory: Memory | None = None
        self._device: Device | None = None
        self._speed: dict[str, float] = {}  # model -> device seconds for a row's step, in the latest company
        self._preview_cost = 0.0
        self._changed = threading.Condition()
        self._closed = False
        self._warming = False
        self._thread: threading.Thread | None = None

    # Called from any thread

    def warm(self) -> None:
        with self._changed:
            self._warming = True
            self._start()

    def submit(self, job: RenderJob, listener: Listener) -> None:
        with self._changed:
            if self._closed:
                raise RuntimeError("the engine is closed")
            self._inbox.append((job, listener))
            self._start()

    def cancel(self, job_id: str) -> None:
        with self._changed:
            if job_id in self._tasks or any(job.id == job_id for job, _ in self._inbox):
                self._cancelled.add(job_id)
                self._changed.notify_all()

    def room(self) -> int:
        with self._changed:
            most = self._device.buckets[-1] if self._device else UNKNOWN_ROOM
            inside = sum(len(task.rows) for task in self._tasks.values()) + sum(job.count for job, _ in self._inbox)
            return max(0, most - inside)

    def estimate(self, job: RenderJob) -> float | None:
        speed = self._speed.get(pace_of(job))
        steps = image_to_image.steps_left(job) if job.upscale is None else 1
        return speed * steps * job.count if speed is not None else None

    def status(self) -> EngineStatus:
        device = self._device
        models = self._memory.names if self._memory else ()
        state = "closed" if self._closed else "ready" if models else "starting"
        used, total = device.memory() if device else (0, 0)
        with self._changed:
            active = sum(len(task.rows) for task in self._tasks.values())
        return EngineStatus(state, device.words if device else "", models, active, used, total)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=60)

    def _start(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._run, name="device", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    # On the device's thread

    def _run(self) -> None:
        import torch

        try:
            self._device = choose(self._wanted_device)
            self._memory = Memory(self._catalogue, self._device)
        except RuntimeError as error:
            self._refuse_all(str(error))
            return
        with torch.inference_mode():
            while self._wait():
                self._warm_up()
                self._admit()
                self._leave()
                self._work()
        for task in self._tasks.values():
            close(task)
        self._memory.clear()

    def _refuse_all(self, reason: str) -> None:
        logger.error(reason)
        while not self._closed:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or bool(self._inbox))
                refused = list(self._inbox)
                self._inbox.clear()
            for job, listener in refused:
                listener(Failed(job.id, "device_missing", reason))

    def _wait(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._inbox or self._tasks or self._warming)
            return not self._closed

    def _warm_up(self) -> None:
        if self._warming:
            self._warming = False
            try:
                self._models().model("starter")
            except Exception:
                logger.exception("the starter model could not be loaded; the other models may still work")

    def _admit(self) -> None:
        """New requests become rows; their model is loaded first when it is not in memory."""
        while self._inbox:
            with self._changed:
                job, listener = self._inbox.popleft()
                task = self._tasks[job.id] = Task(job, listener)
            try:
                task.rows = self._rows(job, listener)
            except Exception as error:
                self._fail([task], error)

    def _rows(self, job: RenderJob, listener: Listener) -> list[batcher.AnyRow]:
        models, loaded = self._models(), None
        if job.upscale is None or job.upscale.creativity:
            if job.model not in models.names:
                listener(Progress(job.id, 0, 0, job.steps, "loading"))
            rows = [row for other in self._tasks.values() for row in other.rows]
            loaded = models.model(job.model, {row.loaded.model.id for row in rows if row.loaded is not None})
        if job.upscale is None:
            assert loaded is not None
            return [batcher.begin(job, index, loaded) for index in range(job.count)]
        network = models.enlarger(job.upscale.network)
        return [Enlargement(job, index, network, loaded, models.enlarger) for index in range(job.count)]

    def _leave(self) -> None:
        with self._changed:
            gone, self._cancelled = self._cancelled, set()
            waiting = [entry for entry in self._inbox if entry[0].id in gone]
            for entry in waiting:
                self._inbox.remove(entry)
        for job, listener in waiting:
            listener(Cancelled(job.id))
        for job_id in gone:
            if job_id in self._tasks:
                self._end(self._tasks[job_id], Cancelled(job_id))

    def _work(self) -> None:
        """One step of the rows whose turn it is, then one drawn picture is finished, so that nobody waits long."""
        rows = [row for task in self._tasks.values() for row in task.rows if row.index not in task.renders]
        chosen = batcher.pick(rows)
        try:
            if chosen:
                began = time.perf_counter()
                self._step(chosen)
                self._account(chosen, time.perf_counter() - began)
                self._tell(chosen)
        except Exception as error:
            self._fail([self._tasks[job_id] for job_id in {row.job.id for row in chosen}], error)
        ready = next((row for row in rows if row.drawn and row.job.id in self._tasks), None)
        if ready is not None:
            task = self._tasks[ready.job.id]
            try:
                self._finish(task, ready)
            except Exception as error:
                self._fail([task], error)

    def _step(self, rows: list[batcher.AnyRow]) -> None:
        """A batch that does not fit the memory is tried once more in halves."""
        try:
            batcher.step(rows)
        except Exception as error:
            if not is_out_of_memory(error) or len(rows) == 1:
                raise
            self._models().free()
            for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
                batcher.step(half)

    def _account(self, rows: list[batcher.AnyRow], seconds: float) -> None:
        share = seconds / len(rows)
        for row in rows:
            self._tasks[row.job.id].seconds += share
        pace = pace_of(rows[0].job)
        known = self._speed.get(pace, share)
        self._speed[pace] = 0.9 * known + 0.1 * share

    def _tell(self, rows: list[batcher.AnyRow]) -> None:
        for row in rows:
            task = self._tasks[row.job.id]
            eta = task.steps_left * self._speed[pace_of(row.job)]
            preview = None if row.drawn else self._preview(task, row)
            task.listener(Progress(row.job.id, row.index, row.step, len(row.times), row.phase, eta, preview))

    def _preview(self, task: Task, row: batcher.AnyRow) -> bytes | None:
        """The latest look, as often as its own cost allows."""
        now = time.perf_counter()
        pause = min(PREVIEW_PAUSE, max(PREVIEW_EVERY, self._preview_cost / PREVIEW_SHARE))
        last = task.previewed.setdefault(row.index, now - pause / 2)
        if row.estimate is None or row.loaded is None or now - last < pause:
            return None
        jpeg = images.preview(row.loaded.preview(row.estimate))
        task.previewed[row.index] = time.perf_counter()
        self._preview_cost = task.previewed[row.index] - now
        return jpeg

    def _finish(self, task: Task, row: batcher.AnyRow) -> None:
        began = time.perf_counter()
        self._phase(task, row, "decoding")
        native = pixels = row.finished()
        if row.job.enlarge > 1 and row.job.upscale is None:
            self._phase(task, row, "enlarging")
            pixels = inpaint.laid_back(row.job, finish(self._models().enlarger().enlarge(native)))
        task.seconds += time.perf_counter() - began
        own = row.job.enlarge > 1 and row.job.upscale is None and canvas.fills(row.job.place, pixels.shape[1::-1])
        whole = canvas.laid_back(row.job, pixels)
        task.renders[row.index] = Render(
            row.index, row.job.seed + row.index, whole, native if own else None, self._facts(row)
        )
        if len(task.renders) == row.job.count:
            renders = tuple(task.renders[index] for index in sorted(task.renders))
            self._end(task, Done(row.job.id, renders, task.seconds))

    def _phase(self, task: Task, row: batcher.AnyRow, phase: str) -> None:
        task.listener(Progress(row.job.id, row.index, row.step, len(row.times), phase, 0.0))

    def _facts(self, row: batcher.AnyRow) -> dict[str, Any]:
        import diffusers
        import torch

        assert self._device is not None
        return {
            "device": self._device.words,
            "torch": torch.__version__,
            "diffusers": diffusers.__version__,
            "upscaler": SHIPPED.stem if row.job.enlarge > 1 else None,
        } | row.facts

    def _fail(self, tasks: list[Task], error: Exception) -> None:
        """Ends these alone; what they held is given back before anybody else goes on."""
        code, reason = code_of(error), reason_of(error)
        logger.warning("%d requests failed: %s", len(tasks), code, exc_info=error)
        for task in tasks:
            self._end(task, Failed(task.job.id, code, reason))
        self._models().free()

    def _end(self, task: Task, event: Event) -> None:
        close(task)
        with self._changed:
            self._tasks.pop(task.job.id, None)
            self._cancelled.discard(task.job.id)
        self._models().tidy({name for other in self._tasks.values() for row in other.rows for name, _ in row.worn})
        task.listener(event)

    def _models(self) -> Memory:
        assert self._memory is not None
        return self._memory


def pace_of(job: RenderJob) -> str:
    """What the seconds of a step are remembered under."""
    return job.model if job.upscale is None else f"{job.upscale.network} {job.upscale.creativity > 0}"


def close(task: Task) -> None:
    for row in task.rows:
        row.close()

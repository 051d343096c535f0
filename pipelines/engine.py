"""The engine: one thread owns the device, takes requests, runs steps, and tells listeners. Knows no queue of record."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, deque
from typing import Any

from pipelines import batcher, canvas, image_to_image, images, inpaint
from pipelines.catalogue import Catalogue, UnknownModel
from pipelines.device import Device, choose
from pipelines.enlarging import Enlargement
from pipelines.failures import Unwanted, code_of, is_out_of_memory, reason_of
from pipelines.loader import silence
from pipelines.memory import Memory, settle
from pipelines.pipeline_call import Call
from pipelines.previews import Budget
from pipelines.speed import Speed, attention
from pipelines.task import Task, close, draws, pace_of, tell
from pipelines.types import (
    Cancelled,
    Done,
    EngineStatus,
    Event,
    Failed,
    Listener,
    Measures,
    Progress,
    Render,
    RenderJob,
)
from pipelines.upscale import SHIPPED, finish

logger = logging.getLogger(__name__)

UNKNOWN_ROOM = 8


class LocalEngine:
    """In this process. Building it costs nothing: torch is imported on the device's thread, at the first need."""

    def __init__(self, catalogue: Catalogue, device: str = "auto", speed: Speed | None = None) -> None:
        self._catalogue = catalogue
        self._choices = speed or Speed()
        self._wanted_device = device
        self._inbox: deque[tuple[RenderJob, Listener]] = deque()
        self._cancelled: set[str] = set()
        self._tasks: dict[str, Task] = {}
        self._memory: Memory | None = None
        self._device: Device | None = None
        self._speed: dict[str, float] = {}  # model -> device seconds for a row's step, in the latest company
        self._previews = Budget()
        self._steps: Counter[int] = Counter()
        self._step_seconds = 0.0
        self._halved = 0
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
            return most - inside

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

    def measures(self) -> Measures:
        shown, memory = self._previews, self._memory
        loads, evictions = (memory.loads, memory.evictions) if memory else (0, 0)
        return Measures(dict(self._steps), self._step_seconds, self._halved, shown.drawn, shown.spent, loads, evictions)

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
            silence()
            settle()
            self._device = choose(self._wanted_device)
            self._memory = Memory(self._catalogue, self._device, self._choices)
        except RuntimeError as error:
            self._refuse_all(str(error))
            return
        with torch.inference_mode(), attention(self._choices):
            while self._wait():
                self._warm_up()
                self._admit()
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
                tell(listener, Failed(job.id, "device_missing", reason))

    def _wait(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._inbox or self._tasks or self._warming)
            return not self._closed

    def _warm_up(self) -> None:
        if self._warming:
            self._warming = False
            try:
                self._models().model("starter", wanted=lambda: not self._closed)
            except Unwanted:
                pass
            except Exception:
                logger.exception("the starter model could not be loaded; the other models may still work")

    def _admit(self) -> None:
        """New requests become rows; their model is loaded first when it is not in memory.

        One whose model does not fit beside those at work waits for them, and so do those after it. Opening takes
        seconds, so before each it is seen who was cancelled meanwhile.
        """
        while self._leave():
            rows = [row for other in self._tasks.values() for row in other.rows]
            busy = {row.loaded.model.id for row in rows if row.loaded is not None}
            if not self._fits(self._inbox[0][0], busy):
                return
            with self._changed:
                job, listener = self._inbox.popleft()
                task = self._tasks[job.id] = Task(job, listener)
            try:
                task.rows = self._rows(job, listener, busy)
            except Unwanted:
                if not self._closed:
                    self._end(task, Cancelled(job.id))
            except Exception as error:
                self._fail(job.id, error)

    def _rows(self, job: RenderJob, listener: Listener, busy: set[str]) -> list[batcher.AnyRow]:
        models, loaded = self._models(), None
        if draws(job):
            if not models.holds(job.model):
                tell(listener, Progress(job.id, 0, 0, job.steps, "loading"))
            loaded = models.model(job.model, busy, lambda: self._is_wanted(job))
            if job.id in self._cancelled:
                raise Unwanted
            self._previews.expect(loaded.look_seconds)
        if job.upscale is None:
            assert loaded is not None
            return [batcher.begin(job, index, loaded) for index in range(job.count)]
        network = models.enlarger(job.upscale.network)
        return [Enlargement(job, index, network, loaded, models.enlarger) for index in range(job.count)]

    def _is_wanted(self, job: RenderJob) -> bool:
        """Whether this job's model is still waited for: by itself, or by one behind it."""
        with self._changed:
            waiting = [job, *(other for other, _ in self._inbox if draws(other) and other.model == job.model)]
            return not self._closed and any(one.id not in self._cancelled for one in waiting)

    def _fits(self, job: RenderJob, busy: set[str]) -> bool:
        try:
            return not draws(job) or self._models().fits_beside(job.model, busy)
        except UnknownModel:
            return True  # it is refused by name when its turn comes

    def _leave(self) -> bool:
        """Ends who was cancelled. Answers whether somebody waits to be admitted."""
        with self._changed:
            gone, self._cancelled = self._cancelled, set()
            waiting = [entry for entry in self._inbox if entry[0].id in gone]
            for entry in waiting:
                self._inbox.remove(entry)
        for job, listener in waiting:
            tell(listener, Cancelled(job.id))
        for job_id in gone:
            if job_id in self._tasks:
                self._end(self._tasks[job_id], Cancelled(job_id))
        return bool(self._inbox) and not self._closed

    def _work(self) -> None:
        """One step of the rows whose turn it is, then one drawn picture is finished, so that nobody waits long."""
        rows = [row for task in self._tasks.values() for row in task.rows if row.index not in task.renders]
        chosen = batcher.pick(rows)
        if chosen:
            began = time.perf_counter()
            for row, error in self._step(chosen):
                self._fail(row.job.id, error)
            seconds = time.perf_counter() - began
            if going := [row for row in chosen if row.job.id in self._tasks]:
                self._account(going, seconds)
                self._tell(going)
        ready = next((row for row in rows if row.drawn and row.job.id in self._tasks), None)
        if ready is not None:
            task = self._tasks[ready.job.id]
            try:
                self._finish(task, ready)
            except Exception as error:
                self._fail(task.job.id, error)

    def _step(self, rows: list[batcher.AnyRow]) -> batcher.Failures:
        """Answers which rows failed. What fails for several together is tried for each alone: one may be to blame."""
        try:
            return self._fitting_step(rows)
        except Exception as error:
            if len(rows) == 1:
                return [(rows[0], error)]
        return [failure for row in rows for failure in self._step([row])]

    def _fitting_step(self, rows: list[batcher.AnyRow]) -> batcher.Failures:
        """A step that does not fit the memory is tried once more in halves: of the rows, or of one row's guesses.

        A pipeline call cannot be halved: it begins again with the memory of the others to itself, and decodes in tiles.
        """
        first = rows[0]
        try:
            return batcher.step(rows)
        except Exception as error:
            if not is_out_of_memory(error) or not isinstance(first, batcher.Row | Call):
                raise
            if isinstance(first, Call) and not first.again():
                raise
        self._models().free()  # outside the handler, whose traceback still holds the step's tensors
        self._halved += 1
        return batcher.step(rows, halves=isinstance(first, batcher.Row))

    def _account(self, rows: list[batcher.AnyRow], seconds: float) -> None:
        share = seconds / len(rows)
        self._previews.earn(seconds)
        self._steps[len(rows)] += 1
        self._step_seconds += seconds
        for row in rows:
            self._tasks[row.job.id].seconds += share
        pace = pace_of(rows[0].job)
        known = self._speed.get(pace, share)
        self._speed[pace] = 0.9 * known + 0.1 * share

    def _tell(self, rows: list[batcher.AnyRow]) -> None:
        for row in sorted(rows, key=lambda one: self._previews.waited((one.job.id, one.index))):
            task = self._tasks[row.job.id]
            eta = task.steps_left * self._speed[pace_of(row.job)]
            preview = None if row.drawn else self._preview(row)
            tell(task.listener, Progress(row.job.id, row.index, row.step, len(row.times), row.phase, eta, preview))

    def _preview(self, row: batcher.AnyRow) -> bytes | None:
        """The latest look, as far as the steps' time allows one. One that cannot be drawn costs nobody a picture."""
        picture, began = (row.job.id, row.index), time.perf_counter()
        kind = None if row.estimate is None or not self._choices.previews else self._previews.choose(picture, began)
        if kind is None or row.loaded is None:
            return None
        jpeg = None
        try:
            jpeg = images.preview(row.loaded.look(row.estimate) if kind == "look" else row.loaded.sketch(row.estimate))
        except Exception:
            logger.warning("a preview could not be drawn", exc_info=True)
        ended = time.perf_counter()
        self._previews.spend(picture, kind, ended - began, ended)
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
        tell(task.listener, Progress(row.job.id, row.index, row.step, len(row.times), phase, 0.0))

    def _facts(self, row: batcher.AnyRow) -> dict[str, Any]:
        import diffusers
        import torch

        assert self._device is not None
        own = row.facts
        if self._choices.attention != "auto":
            own["speed"] = [f"attention:{self._choices.attention}", *own.get("speed", ())]
        return {
            "device": self._device.words,
            "torch": torch.__version__,
            "diffusers": diffusers.__version__,
            "upscaler": SHIPPED.stem if row.job.enlarge > 1 else None,
        } | own

    def _fail(self, job_id: str, error: Exception) -> None:
        """Ends this one alone; what it held is given back before anybody else goes on."""
        if job_id not in self._tasks:
            return  # another of its pictures failed in the same step
        code, reason = code_of(error), reason_of(error)
        logger.warning("a request failed: %s", code, exc_info=error)
        self._end(self._tasks[job_id], Failed(job_id, code, reason))
        self._models().free()

    def _end(self, task: Task, event: Event) -> None:
        close(task)
        for index in range(task.job.count):
            self._previews.forget((task.job.id, index))
        with self._changed:
            self._tasks.pop(task.job.id, None)
            self._cancelled.discard(task.job.id)
        try:
            self._models().tidy({one for other in self._tasks.values() for row in other.rows for one, _ in row.worn})
        except Exception:
            logger.exception("adapters could not be taken off")
        tell(task.listener, event)

    def _models(self) -> Memory:
        assert self._memory is not None
        return self._memory

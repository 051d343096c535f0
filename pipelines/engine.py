"""The engine: one thread owns the device, takes requests, runs steps, and tells listeners. Knows no queue of record."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Any

from pipelines import batcher, images, inpaint
from pipelines.catalogue import Catalogue, UnknownModel
from pipelines.device import Device, choose
from pipelines.loader import Loaded, load
from pipelines.types import Cancelled, Done, EngineStatus, Event, Failed, Listener, Progress, Render, RenderJob
from pipelines.upscale import SHIPPED, Upscaler, finish

logger = logging.getLogger(__name__)

PREVIEW_SHARE = 0.02  # of the device's time
PREVIEW_EVERY, PREVIEW_PAUSE = 0.3, 1.0  # seconds, at least and at most, between two previews of a picture
MODEL_MEMORY = 0.6  # share of the device's memory that models may fill
UNKNOWN_ROOM = 8


@dataclass(slots=True)
class Task:
    """A request inside the engine."""

    job: RenderJob
    listener: Listener
    rows: list[batcher.Row] = field(default_factory=list)
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
        self._models: OrderedDict[str, Loaded] = OrderedDict()
        self._upscaler: Upscaler | None = None
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
        speed = self._speed.get(job.model)
        return speed * job.steps * job.count if speed is not None else None

    def status(self) -> EngineStatus:
        device = self._device
        state = "closed" if self._closed else "ready" if device and self._models else "starting"
        used, total = device.memory() if device else (0, 0)
        with self._changed:
            active = sum(len(task.rows) for task in self._tasks.values())
        return EngineStatus(state, device.words if device else "", tuple(self._models), active, used, total)

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
        except RuntimeError as error:
            self._refuse_all(str(error))
            return
        with torch.inference_mode():
            while self._wait():
                self._warm_up()
                self._admit()
                self._leave()
                self._work()
        self._models.clear()

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
                self._loaded("starter")
            except Exception:
                logger.exception("the starter model could not be loaded; the other models may still work")

    def _admit(self) -> None:
        """New requests become rows; their model is loaded first when it is not in memory."""
        while self._inbox:
            with self._changed:
                job, listener = self._inbox.popleft()
                task = self._tasks[job.id] = Task(job, listener)
            try:
                if job.model not in self._models:
                    listener(Progress(job.id, 0, 0, job.steps, "loading"))
                loaded = self._loaded(job.model)
                task.rows = [batcher.Row.begin(job, index, loaded) for index in range(job.count)]
            except (UnknownModel, FileNotFoundError) as error:
                self._end(task, Failed(job.id, "model_missing", str(error)))
            except Exception as error:
                logger.exception("a request could not begin")
                self._end(task, Failed(job.id, code_of(error), reason_of(error)))

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
        """One step of the rows whose turn it is, then whatever has been drawn to its end is finished."""
        rows = [row for task in self._tasks.values() for row in task.rows if row.index not in task.renders]
        chosen = batcher.pick(rows)
        tasks = {row.job.id: self._tasks[row.job.id] for row in chosen}
        try:
            if chosen:
                began = time.perf_counter()
                self._step(chosen)
                self._account(chosen, time.perf_counter() - began)
                self._tell(chosen)
            for row in rows:
                if row.drawn:
                    tasks = {row.job.id: self._tasks[row.job.id]}
                    self._finish(row)
        except Exception as error:
            logger.exception("a step failed")
            self._free_memory()
            for task in tasks.values():
                self._end(task, Failed(task.job.id, code_of(error), reason_of(error)))

    def _step(self, rows: list[batcher.Row]) -> None:
        """A batch that does not fit the memory is tried once more in halves."""
        try:
            batcher.step(rows)
        except Exception as error:
            if code_of(error) != "out_of_memory" or len(rows) == 1:
                raise
            self._free_memory()
            for half in (rows[: len(rows) // 2], rows[len(rows) // 2 :]):
                batcher.step(half)

    def _account(self, rows: list[batcher.Row], seconds: float) -> None:
        share = seconds / len(rows)
        for row in rows:
            self._tasks[row.job.id].seconds += share
        model = rows[0].job.model
        known = self._speed.get(model, share)
        self._speed[model] = 0.9 * known + 0.1 * share

    def _tell(self, rows: list[batcher.Row]) -> None:
        for row in rows:
            task = self._tasks[row.job.id]
            eta = task.steps_left * self._speed[row.job.model]
            preview = None if row.drawn else self._preview(task, row)
            task.listener(Progress(row.job.id, row.index, row.step, len(row.times), "drawing", eta, preview))

    def _preview(self, task: Task, row: batcher.Row) -> bytes | None:
        """The latest look, as often as its own cost allows."""
        now = time.perf_counter()
        pause = min(PREVIEW_PAUSE, max(PREVIEW_EVERY, self._preview_cost / PREVIEW_SHARE))
        last = task.previewed.setdefault(row.index, now - pause / 2)
        if row.estimate is None or now - last < pause:
            return None
        jpeg = images.preview(row.loaded.preview(row.estimate))
        task.previewed[row.index] = time.perf_counter()
        self._preview_cost = task.previewed[row.index] - now
        return jpeg

    def _finish(self, row: batcher.Row) -> None:
        import torch

        task = self._tasks.get(row.job.id)
        if task is None:
            return
        began = time.perf_counter()
        self._phase(task, row, "decoding")
        if not torch.isfinite(row.latents).all():
            reason = "The numbers ran out of range while drawing. Try another scheduler or less guidance."
            self._end(task, Failed(row.job.id, "not_finite", reason))
            return
        native = pixels = inpaint.laid_back(row.job, row.loaded.decode(row.latents))
        if row.job.enlarge > 1:
            self._phase(task, row, "enlarging")
            pixels = inpaint.laid_back(row.job, finish(self._enlarger().enlarge(native)))
        task.seconds += time.perf_counter() - began
        task.renders[row.index] = Render(
            row.index,
            row.job.seed + row.index,
            pixels,
            native if row.job.enlarge > 1 else None,
            self._facts(row),
        )
        if len(task.renders) == row.job.count:
            renders = tuple(task.renders[index] for index in sorted(task.renders))
            self._end(task, Done(row.job.id, renders, task.seconds))

    def _phase(self, task: Task, row: batcher.Row, phase: str) -> None:
        task.listener(Progress(row.job.id, row.index, row.step, len(row.times), phase, 0.0))

    def _facts(self, row: batcher.Row) -> dict[str, Any]:
        import diffusers
        import torch

        assert self._device is not None
        return {
            "device": self._device.words,
            "bucket": row.bucket,
            "scheduler_class": type(row.scheduler).__name__,
            "revision": row.loaded.model.revision,
            "torch": torch.__version__,
            "diffusers": diffusers.__version__,
            "upscaler": SHIPPED.stem if row.job.enlarge > 1 else None,
        }

    def _end(self, task: Task, event: Event) -> None:
        with self._changed:
            self._tasks.pop(task.job.id, None)
            self._cancelled.discard(task.job.id)
        task.listener(event)

    def _loaded(self, model_id: str) -> Loaded:
        """From memory, or from disk after the models used longest ago made room."""
        assert self._device is not None
        if model_id not in self._models:
            model = self._catalogue.get(model_id)
            self._make_room(model.size_bytes)
            self._models[model_id] = load(model, self._device)
        self._models.move_to_end(model_id)
        return self._models[model_id]

    def _make_room(self, needed: int) -> None:
        assert self._device is not None
        allowed = MODEL_MEMORY * self._device.memory()[1]
        busy = {row.loaded.model.id for task in self._tasks.values() for row in task.rows}
        for model_id in list(self._models):
            if sum(loaded.size_bytes for loaded in self._models.values()) + needed <= allowed:
                return
            if model_id not in busy:
                del self._models[model_id]
                self._free_memory()

    def _free_memory(self) -> None:
        import gc

        import torch

        gc.collect()
        if self._device is not None and self._device.cuda:
            torch.cuda.empty_cache()

    def _enlarger(self) -> Upscaler:
        assert self._device is not None
        if self._upscaler is None:
            self._upscaler = Upscaler.load(SHIPPED, self._device.torch_device, self._device.dtype)
        return self._upscaler


def code_of(error: Exception) -> str:
    import torch

    memory = isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)
    return "out_of_memory" if memory else "engine_error"


def reason_of(error: Exception) -> str:
    if code_of(error) == "out_of_memory":
        return "The picture did not fit the memory of this machine. Try a smaller size or fewer pictures."
    return f"{type(error).__name__}: {error}"

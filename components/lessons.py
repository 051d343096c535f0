"""What the starter is being taught: one lesson at a time, progress in memory. The adapter is a file when it is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipelines.teaching import Lesson, Stopped, TeachingFailed
from pipelines.types import Pixels

State = Literal["teaching", "done", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class Taught:
    """`seconds` are left, None before that can be told; `reason` says why a failed one failed."""

    name: str
    words: str
    state: State = "teaching"
    step: int = 0
    of: int = 0
    seconds: float | None = None
    reason: str = ""


class Busy(Exception):
    """Another lesson is under way."""


class Lessons:
    """Thread-safe. `changed` is called with a subject's id whenever their lesson moved on."""

    def __init__(self, changed: Callable[[str], None]) -> None:
        self._changed = changed
        self._lock = threading.Lock()
        self._last: dict[str, Taught] = {}
        self._running: tuple[str, Lesson] | None = None

    def of(self, subject_id: str) -> Taught | None:
        """The lesson under way, or how the last one ended since the studio started."""
        with self._lock:
            return self._last.get(subject_id)

    def start(self, subject_id: str, name: str, lesson: Lesson, pictures: Sequence[Pixels]) -> None:
        """Raises Busy."""
        with self._lock:
            if self._running is not None:
                raise Busy
            self._running = (subject_id, lesson)
            self._last[subject_id] = Taught(name, lesson.prompt, of=lesson.steps)
        threading.Thread(target=self._teach, args=(subject_id, lesson, pictures), name=f"teach {name}").start()

    def stop(self, subject_id: str) -> None:
        """Nothing happens when no lesson of theirs is under way."""
        with self._lock:
            running = self._running
        if running is not None and running[0] == subject_id:
            running[1].stop()

    def close(self) -> None:
        with self._lock:
            running = self._running
        if running is not None:
            running[1].stop()

    def _teach(self, subject_id: str, lesson: Lesson, pictures: Sequence[Pixels]) -> None:
        began = 0.0

        def progress(step: int, of: int) -> None:
            nonlocal began
            if step == 1:
                began = time.monotonic()  # opening the model is no part of a step
            took = time.monotonic() - began
            self._tell(subject_id, step=step, of=of, seconds=took / (step - 1) * (of - step) if step > 1 else None)

        state, reason = "done", ""
        try:
            lesson.run(pictures, progress)
        except Stopped:
            state = "stopped"
        except TeachingFailed as error:
            state, reason = "failed", str(error)
        except Exception as error:
            state, reason = "failed", f"{type(error).__name__}: {error}"
        with self._lock:
            self._running = None
        self._tell(subject_id, state=state, reason=reason, seconds=None)

    def _tell(self, subject_id: str, **news: object) -> None:
        with self._lock:
            self._last[subject_id] = replace(self._last[subject_id], **news)  # type: ignore[arg-type]
        self._changed(subject_id)

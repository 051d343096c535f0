"""What is happening right now: progress of running jobs and who watches it. The rows in the store are the truth."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from pipelines.types import Progress


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a running job: steps done, and the latest preview as JPEG bytes."""

    step: int = 0
    of: int = 0
    preview: bytes | None = None


@dataclass(frozen=True, slots=True)
class JobProgress:
    phase: str = "loading"
    eta: float | None = None
    pictures: dict[int, Picture] = field(default_factory=dict)


class Watch:
    """One observer of one subject. Changes are names (a job id, "images"), so a slow observer sees the latest only."""

    def __init__(self, subject_id: str, notify: Callable[[], None]) -> None:
        self.subject_id = subject_id
        self._notify = notify
        self._changes: dict[tuple[str, str], None] = {}
        self._lock = threading.Lock()

    def add(self, kind: str, key: str) -> None:
        with self._lock:
            self._changes.pop((kind, key), None)  # told again, it is the latest: deleted, brought back, deleted
            self._changes[(kind, key)] = None
        self._notify()

    def drain(self) -> list[tuple[str, str]]:
        """The changes since the last call, oldest first, each once."""
        with self._lock:
            changes, self._changes = list(self._changes), {}
        return changes


class Live:
    """Thread-safe. `wake` tells the dispatcher that the queue changed."""

    def __init__(self) -> None:
        self.wake = threading.Event()
        self.closed = False
        self._lock = threading.Lock()
        self._progress: dict[str, JobProgress] = {}
        self._watches: dict[str, list[Watch]] = {}

    @contextmanager
    def watch(self, subject_id: str, notify: Callable[[], None]) -> Iterator[Watch]:
        watch = Watch(subject_id, notify)
        with self._lock:
            self._watches.setdefault(subject_id, []).append(watch)
        try:
            yield watch
        finally:
            with self._lock:
                self._watches[subject_id].remove(watch)
                if not self._watches[subject_id]:
                    del self._watches[subject_id]

    def tell(self, subject_id: str, kind: str, key: str) -> None:
        with self._lock:
            watches = tuple(self._watches.get(subject_id, ()))
        for watch in watches:
            watch.add(kind, key)

    def tell_all_about_model(self, model_id: str) -> None:
        for subject_id in self.watched():
            self.tell(subject_id, "model", model_id)

    def watched(self) -> tuple[str, ...]:
        """Subjects that somebody observes at this moment."""
        with self._lock:
            return tuple(self._watches)

    def progress(self, job_id: str) -> JobProgress | None:
        with self._lock:
            return self._progress.get(job_id)

    def advance(self, event: Progress) -> None:
        """Takes an engine's progress; a picture without a new preview keeps its last one."""
        with self._lock:
            known = self._progress.get(event.job_id, JobProgress())
            before = known.pictures.get(event.index, Picture())
            picture = Picture(event.step, event.of, event.preview or before.preview)
            self._progress[event.job_id] = replace(
                known, phase=event.phase, eta=event.eta, pictures={**known.pictures, event.index: picture}
            )

    def show(self, job_id: str, index: int, preview: bytes | None) -> bool:
        """Puts a preview on a picture that is still being drawn. False when it is not, or there is nothing to show."""
        with self._lock:
            known = self._progress.get(job_id)
            if known is None or preview is None:
                return False
            picture = replace(known.pictures.get(index, Picture()), preview=preview)
            self._progress[job_id] = replace(known, pictures={**known.pictures, index: picture})
        return True

    def forget(self, job_id: str) -> None:
        with self._lock:
            self._progress.pop(job_id, None)

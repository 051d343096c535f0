"""Pictures in the making are looked at before they are shown, as finished ones are: off the engine's thread, the latest
alone. One that the scan would hold back, or could not look at, is shown as its colours."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from components.actions import moderation
from components.studio import Studio
from pipelines import images
from pipelines.types import Progress

SHARE = 0.1  # of this thread's time that looking takes at most, so that the steps keep the processor

Place = tuple[str, int]  # a job and the index of its picture

logger = logging.getLogger(__name__)


class Previews:
    """`tell(job_id)` is called when a preview may be shown."""

    def __init__(self, studio: Studio, tell: Callable[[str], None]) -> None:
        self._studio, self._tell = studio, tell
        self._waiting: dict[Place, bytes] = {}
        self._lock = threading.Lock()
        self._work = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="previews", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._work.set()
        self._thread.join(timeout=10)

    def advance(self, event: Progress) -> None:
        """Takes an engine's progress and returns at once: steps count now, a preview when it was looked at."""
        if event.preview is None or not self._studio.settings.scan:
            self._studio.live.advance(event)
            return
        self._studio.live.advance(replace(event, preview=None))
        with self._lock:
            self._waiting[event.job_id, event.index] = event.preview
        self._work.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._work.wait()
            began = time.monotonic()
            place = self._show_next()
            if place is not None:
                self._stop.wait((time.monotonic() - began) * (1 / SHARE - 1))

    def _show_next(self) -> Place | None:
        """The one that waits longest."""
        with self._lock:
            place = next(iter(self._waiting), None)
            if place is None:
                self._work.clear()
                return None
            preview = self._waiting.pop(place)
        if self._studio.live.show(*place, fit_to_show(self._studio, preview)):
            self._tell(place[0])
        return place


def fit_to_show(studio: Studio, preview: bytes) -> bytes | None:
    """The preview, its colours alone, or nothing where even those cannot be told."""
    try:
        flagged = moderation.scan(studio, moderation.pixels_of(preview), made=False).flagged
    except Exception:  # nobody could look at it
        flagged = True
    try:
        return images.veil(preview) if flagged else preview
    except Exception:
        logger.exception("a preview could not be blurred and is not shown")
        return None

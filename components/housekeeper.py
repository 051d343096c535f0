"""A thread beside the dispatcher: packs downloads and runs the housekeeping. One may run in every process."""

from __future__ import annotations

import logging
import threading

from components.actions import housekeeping, taking_out
from components.studio import Studio

LOOK = 2.0  # seconds between looks for a download to pack
SWEEP = 60.0  # seconds between looks for housekeeping whose turn has come

logger = logging.getLogger(__name__)


class Housekeeper:
    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        waited = SWEEP
        while not self._stop.is_set():
            try:
                while taking_out.pack_next(self.studio) is not None and not self._stop.is_set():
                    pass
                if waited >= SWEEP:
                    housekeeping.sweep(self.studio)
                    waited = 0.0
            except Exception:
                logger.exception("housekeeping stumbled and goes on")
            waited += LOOK
            self._stop.wait(LOOK)

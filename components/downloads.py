"""Models on their way from the hub: one thread each, progress in memory. The files themselves are resumable."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from pipelines.catalogue import Catalogue, HubUnreachable, Interrupted

State = Literal["fetching", "failed"]


@dataclass(frozen=True, slots=True)
class Download:
    """`done` and `total` are bytes; `reason` says why a failed one failed."""

    state: State = "fetching"
    done: int = 0
    total: int = 0
    reason: str = ""


class Downloads:
    """Thread-safe. `changed` is called with a model's id after every change."""

    def __init__(self, catalogue: Catalogue, changed: Callable[[str], None]) -> None:
        self._catalogue = catalogue
        self._changed = changed
        self._running: dict[str, Download] = {}
        self._cancelled: set[str] = set()
        self._lock = threading.Lock()

    def of(self, model_id: str) -> Download | None:
        """None when nothing of it is under way and its last try did not fail."""
        with self._lock:
            return self._running.get(model_id)

    def start(self, model_id: str) -> None:
        """A model that is being fetched already goes on as it is."""
        with self._lock:
            known = self._running.get(model_id)
            if known is not None and known.state == "fetching":
                return
            self._running[model_id] = Download()
            self._cancelled.discard(model_id)
        threading.Thread(target=self._fetch, args=(model_id,), name=f"fetch {model_id}", daemon=True).start()
        self._changed(model_id)

    def cancel(self, model_id: str) -> None:
        with self._lock:
            self._cancelled.add(model_id)

    def _fetch(self, model_id: str) -> None:
        def progress(done: int, total: int) -> None:
            with self._lock:
                self._running[model_id] = replace(self._running[model_id], done=done, total=total)
            self._changed(model_id)

        try:
            self._catalogue.fetch(model_id, progress, lambda: model_id in self._cancelled)
        except HubUnreachable as error:
            self._end(model_id, Download("failed", reason=str(error)))
        except Interrupted:
            self._end(model_id, None)
        except Exception as error:
            self._end(model_id, Download("failed", reason=f"{type(error).__name__}: {error}"))
        else:
            self._end(model_id, None)

    def _end(self, model_id: str, last: Download | None) -> None:
        with self._lock:
            if last is None:
                self._running.pop(model_id, None)
            else:
                self._running[model_id] = last
        self._changed(model_id)

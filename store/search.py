"""Finds pictures by the words of their sealed prompts: opened in memory, kept there as far as a budget reaches."""

from __future__ import annotations

import json
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from store.models import ContentTables
from store.vault import Vault

ROWS_AT_ONCE = 400
CAP = 100_000  # pictures looked through for one page
BUDGET = 16 * 2**20  # characters of opened prompts, over all subjects

Place = tuple[int, str]  # moment and id: where a picture stands in its subject's gallery


def folded(text: str) -> str:
    """How texts are compared: without case, and the same letter written in two ways is one."""
    return unicodedata.normalize("NFKC", text).casefold()


def places(table: Any, subject_id: str, after: Place | None, limit: int) -> list[Place]:
    """Newest first, from the index alone: the cost does not grow with what lies before or behind."""
    query = table.select(table.created_at, table.id).where(table.subject_id == subject_id)
    if after is not None:
        at, image_id = after
        older = (table.created_at < at) | ((table.created_at == at) & (table.id < image_id))
        query = query.where(table.created_at <= at, older)
    return list(query.order_by(table.created_at.desc(), table.id.desc()).limit(limit).tuples())


class Search:
    def __init__(self, tables: ContentTables, vault: Vault) -> None:
        self._rows = tables.Image
        self._vault = vault
        self._opened = OpenPrompts()

    def find(
        self, subject_id: str, wanted: Sequence[str], after: Place | None, limit: int
    ) -> tuple[list[Place], Place | None]:
        """Pictures whose prompt has every word, and where to go on; None at the end of everything."""
        found: list[Place] = []
        for _ in range(CAP // ROWS_AT_ONCE):
            batch = places(self._rows, subject_id, after, ROWS_AT_ONCE)
            prompts = self._prompts(subject_id, [image_id for _, image_id in batch])
            for place in batch:
                if all(word in prompts.get(place[1], "") for word in wanted):
                    if len(found) == limit:
                        return found, found[-1]
                    found.append(place)
            if len(batch) < ROWS_AT_ONCE:
                return found, None
            after = batch[-1]
        return found, after

    def forget(self, image_id: str) -> None:
        self._opened.forget(image_id)

    def _prompts(self, subject_id: str, ids: Sequence[str]) -> dict[str, str]:
        """Prompts as they are compared; one that was deleted a moment ago is left out."""
        known = {image_id: prompt for image_id in ids if (prompt := self._opened.get(image_id)) is not None}
        sealed = self._rows.select(self._rows.id, self._rows.draft).where(
            self._rows.id << [image_id for image_id in ids if image_id not in known]
        )
        for image_id, draft in sealed.tuples():
            text = self._vault.open_text(subject_id, image_id, "draft", bytes(draft))
            known[image_id] = self._opened.add(image_id, json.loads(text)["prompt"])
        return known


class OpenPrompts:
    """Those used longest ago go first when the budget is spent. Thread-safe."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._size = 0
        self._prompts: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, image_id: str) -> str | None:
        with self._lock:
            if image_id in self._prompts:
                self._prompts.move_to_end(image_id)
            return self._prompts.get(image_id)

    def add(self, image_id: str, prompt: str) -> str:
        """Answers the prompt as it is compared."""
        ready = folded(prompt)
        with self._lock:
            self._drop(image_id)
            self._prompts[image_id] = ready
            self._size += len(ready)
            while self._size > self._budget:
                self._drop(next(iter(self._prompts)))
        return ready

    def forget(self, image_id: str) -> None:
        with self._lock:
            self._drop(image_id)

    def _drop(self, image_id: str) -> None:
        self._size -= len(self._prompts.pop(image_id, ""))

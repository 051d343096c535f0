"""When people were last here, to the day, and which warning they got. Starts the clock of retention."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN, Database

from store.models import ContentTables, upsert
from store.moments import micros, moment

DAY = timedelta(days=1)
MOST_KNOWN = 10_000  # people whose last visit is remembered, so that it is not written again


@dataclass(frozen=True, slots=True)
class Activity:
    subject_id: str
    kind: str
    active_at: datetime
    warned: int


class Activities:
    def __init__(self, database: Database, tables: ContentTables) -> None:
        self._db = database
        self._rows = tables.Activity
        self._subjects = tables.Subject
        self._seen: dict[str, set[tuple[int, bool]]] = {}
        self._lock = threading.Lock()

    def seen(self, subject_id: str, now: datetime, signal: bool = False) -> bool:
        """Written once a day and person, and once more for a new signal of their browser; True when it was written.

        A visit takes back every warning.
        """
        today = (micros(now) // micros(moment(0) + DAY), signal)
        with self._lock:
            if today in self._seen.get(subject_id, ()):
                return False
            if len(self._seen) > MOST_KNOWN:
                self._seen.clear()
            self._seen[subject_id] = {one for one in self._seen.get(subject_id, set()) if one[0] == today[0]} | {today}
        at = micros(now.replace(hour=0, minute=0, second=0, microsecond=0))
        upsert(self._rows, subject_id=subject_id, active_at=at, warned=0)
        return True

    def warned(self, subject_id: str, days: int) -> None:
        self._rows.update(warned=days).where(self._rows.subject_id == subject_id).execute()

    def of(self, subject_id: str) -> Activity | None:
        """Read again where it decides: inside the transaction that deletes."""
        return next(iter(self._read(self._subjects.id == subject_id)), None)

    def quiet_since(self, moment_: datetime) -> tuple[Activity, ...]:
        """Those whose last visit lies before that moment. Who was never seen counts from their beginning."""
        return tuple(one for one in self._read(None) if one.active_at <= moment_)

    def together(self) -> AbstractContextManager[object]:
        """Nobody else writes inside."""
        transaction: AbstractContextManager[object] = self._db.atomic("IMMEDIATE")
        return transaction

    def _read(self, where: object) -> list[Activity]:
        subjects, rows = self._subjects, self._rows
        query = subjects.select(subjects.id, subjects.kind, subjects.created_at, rows.active_at, rows.warned).join(
            rows, JOIN.LEFT_OUTER, on=(rows.subject_id == subjects.id)
        )
        if where is not None:
            query = query.where(where)
        return [
            Activity(subject_id, kind, moment(max(active_at or 0, created_at)), warned or 0)
            for subject_id, kind, created_at, active_at, warned in query.tuples()
        ]

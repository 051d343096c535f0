"""Jobs that visitors started within a day. A job's row goes with its pictures; this count does not."""

from __future__ import annotations

from datetime import datetime

from store.models import ContentTables
from store.moments import micros


class Allowances:
    def __init__(self, tables: ContentTables) -> None:
        self._rows = tables.Started

    def note(self, subject_id: str, job_id: str, now: datetime) -> None:
        self._rows.insert(job_id=job_id, subject_id=subject_id, at=micros(now)).execute()

    def used(self, subject_id: str, since: datetime) -> int:
        """Whatever became of the jobs."""
        mine = (self._rows.subject_id == subject_id) & (self._rows.at >= micros(since))
        return int(self._rows.select().where(mine).count())

    def purge(self, before: datetime) -> int:
        """No allowance asks for what is older."""
        return int(self._rows.delete().where(self._rows.at < micros(before)).execute())

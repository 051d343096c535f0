"""Series: jobs that were asked for together, and what they have in common. A series ends with its last job."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from peewee import Database

from store.jobs import Job
from store.models import ContentTables
from store.moments import micros, moment
from store.vault import Missing, Vault

Kind = Literal["prompts", "grid"]


@dataclass(frozen=True, slots=True)
class Series:
    """`job_ids` by their place; None where a job is gone with its pictures."""

    id: str
    subject_id: str
    kind: Kind
    created_at: datetime
    value: Mapping[str, Any]
    job_ids: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """Where a job stands in its series."""

    series_id: str
    place: int


class SeriesStore:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault) -> None:
        self._db = database
        self._rows = tables.Series
        self._jobs = tables.SeriesJob
        self._vault = vault

    def start(
        self, subject_id: str, kind: Kind, value: Mapping[str, Any], jobs: Callable[[], Sequence[Job]], now: datetime
    ) -> tuple[Series, Sequence[Job]]:
        """Calls `jobs` to queue them in one transaction with the series: all of them or none."""
        series_id = uuid.uuid4().hex
        sealed = self._vault.seal_text(subject_id, series_id, "series", json.dumps(dict(value)))
        with self._db.atomic("IMMEDIATE"):
            made = jobs()
            self._rows.insert(
                id=series_id, subject_id=subject_id, created_at=micros(now), kind=kind, value=sealed
            ).execute()
            members = [{"job_id": job.id, "series_id": series_id, "place": place} for place, job in enumerate(made)]
            self._jobs.insert_many(members).execute()
        return self.get(subject_id, series_id), made

    def get(self, subject_id: str, series_id: str) -> Series:
        """Raises Missing, also when it is another's."""
        row = self._rows.get_or_none(self._rows.id == series_id, self._rows.subject_id == subject_id)
        if row is None:
            raise Missing(f"id: there is no series {series_id!r} of yours")
        return self._series(row)

    def recent(self, subject_id: str, kind: Kind, limit: int) -> tuple[Series, ...]:
        """The newest first."""
        mine = (self._rows.subject_id == subject_id) & (self._rows.kind == kind)
        rows = self._rows.select().where(mine).order_by(self._rows.created_at.desc(), self._rows.id).limit(limit)
        return tuple(self._series(row) for row in rows)

    def of_job(self, job_id: str) -> Member | None:
        row = self._jobs.get_or_none(self._jobs.job_id == job_id)
        return Member(row.series_id, row.place) if row else None

    def _series(self, row: Any) -> Series:
        value = json.loads(self._vault.open_text(row.subject_id, row.id, "series", bytes(row.value)))
        found = {member.place: member.job_id for member in self._jobs.select().where(self._jobs.series_id == row.id)}
        size = int(value["size"])
        job_ids = tuple(found.get(place) for place in range(size))
        return Series(row.id, row.subject_id, row.kind, moment(row.created_at), value, job_ids)

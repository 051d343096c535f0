"""What visitors made before a moment, apart from pictures and notebooks: found first, so that it can be told, then
dropped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import Database, chunked

from store.gallery import Gallery
from store.models import ContentTables
from store.moments import micros

ROWS_AT_ONCE = 400
ENDED = ("done", "failed", "cancelled")


class Ages:
    def __init__(self, database: Database, tables: ContentTables, gallery: Gallery) -> None:
        self._db = database
        self._tables = tables
        self._gallery = gallery

    def guests(self, before: datetime) -> tuple[str, ...]:
        """Visitors without an account of whom something is that old."""
        subjects = self._tables.Subject
        moments = [
            getattr(self._tables, name).created_at
            for name in ("Image", "Job", "Input", "Style", "Board", "Series", "Notebook", "CellRun", "Takeout")
        ]
        found: set[str] = set()
        for moment in (*moments, self._tables.PastPrompt.used_at):
            table = moment.model
            old = table.select(table.subject_id).join(subjects, on=(subjects.id == table.subject_id))
            old = old.where(subjects.kind == "guest", moment < micros(before)).distinct()
            found.update(subject_id for (subject_id,) in old.tuples())
        return tuple(sorted(found))

    def jobs(self, subject_id: str, before: datetime) -> tuple[str, ...]:
        """Those that ended and have no pictures."""
        jobs, images, aside = self._tables.Job, self._tables.Image, self._tables.Discarded
        pictured = [table.select(table.job_id).where(table.subject_id == subject_id) for table in (images, aside)]
        ended = (jobs.state << ENDED) & jobs.id.not_in(pictured[0]) & jobs.id.not_in(pictured[1])
        return self._old(jobs, jobs.created_at, subject_id, before, ended)

    def drop_jobs(self, ids: Sequence[str]) -> None:
        with self._db.atomic("IMMEDIATE"):
            self._drop(self._tables.Job, ids)
            for some in chunked(ids, ROWS_AT_ONCE):
                self._gallery.end_series(set(some))

    def series(self, subject_id: str, before: datetime) -> tuple[str, ...]:
        """Those without a job that is still there."""
        table, members, jobs = self._tables.Series, self._tables.SeriesJob, self._tables.Job
        mine = jobs.select(jobs.id).where(jobs.subject_id == subject_id)
        going_on = members.select(members.series_id).where(members.job_id.in_(mine))
        return self._old(table, table.created_at, subject_id, before, table.id.not_in(going_on))

    def drop_series(self, ids: Sequence[str]) -> None:
        members = self._tables.SeriesJob
        with self._db.atomic("IMMEDIATE"):
            for some in chunked(ids, ROWS_AT_ONCE):
                members.delete().where(members.series_id << some).execute()
            self._drop(self._tables.Series, ids)

    def prompts(self, subject_id: str, before: datetime) -> tuple[str, ...]:
        """The history; one that was used again since is as young as that."""
        return self._old(self._tables.PastPrompt, self._tables.PastPrompt.used_at, subject_id, before)

    def drop_prompts(self, ids: Sequence[str]) -> None:
        self._drop(self._tables.PastPrompt, ids)

    def styles(self, subject_id: str, before: datetime) -> tuple[str, ...]:
        return self._old(self._tables.Style, self._tables.Style.created_at, subject_id, before)

    def drop_styles(self, ids: Sequence[str]) -> None:
        self._drop(self._tables.Style, ids)

    def boards(self, subject_id: str, before: datetime) -> tuple[str, ...]:
        """Those without a picture: of old ones, the pictures on them are younger than a day or gone."""
        table, images = self._tables.Board, self._tables.Image
        filled = images.select(images.board_id).where(images.subject_id == subject_id, images.board_id.is_null(False))
        return self._old(table, table.created_at, subject_id, before, table.id.not_in(filled))

    def drop_boards(self, ids: Sequence[str]) -> None:
        self._drop(self._tables.Board, ids)

    def _old(self, table: Any, moment: Any, subject_id: str, before: datetime, *which: Any) -> tuple[str, ...]:
        query = table.select(table.id).where(table.subject_id == subject_id, moment < micros(before), *which)
        return tuple(row.id for row in query)

    def _drop(self, table: Any, ids: Sequence[str]) -> None:
        for some in chunked(ids, ROWS_AT_ONCE):
            table.delete().where(table.id << some).execute()

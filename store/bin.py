"""Pictures that were deleted a moment ago and may be brought back: set aside whole, found by no read. Opens nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import Database, chunked

from store.gallery import Gallery
from store.models import ContentTables
from store.moments import micros

ROWS_AT_ONCE = 400


class Bin:
    def __init__(self, database: Database, tables: ContentTables, gallery: Gallery) -> None:
        self._db = database
        self._images = tables.Image
        self._boards = tables.Board
        self._rows = tables.Discarded
        self._gallery = gallery

    def discard(self, subject_id: str, ids: Sequence[str], until: datetime) -> tuple[str, ...]:
        """Sets aside those that are the subject's; answers their ids. No read finds them from here on."""
        gone: list[str] = []
        table = self._images
        with self._db.atomic("IMMEDIATE"):
            for some in chunked(ids, ROWS_AT_ONCE):
                mine = table.select().where(table.id << some, table.subject_id == subject_id)
                aside = [self._set_aside(row, until) for row in mine.dicts()]
                if aside:
                    self._rows.insert_many(aside).execute()
                    table.delete().where(table.id << [row["id"] for row in aside]).execute()
                gone += [row["id"] for row in aside]
        self._gallery.forget(gone)
        return tuple(gone)

    def restore(self, subject_id: str, ids: Sequence[str]) -> tuple[str, ...]:
        """Brings back those that are still there, as they were; a board that went meanwhile is left off."""
        back: list[str] = []
        with self._db.atomic("IMMEDIATE"):
            for some in chunked(ids, ROWS_AT_ONCE):
                mine = self._rows.select().where(self._rows.id << some, self._rows.subject_id == subject_id)
                rows = [unpacked(bytes(row.row)) for row in mine]
                here = {row["board_id"] for row in rows if row["board_id"]}
                boards = {row.id for row in self._boards.select(self._boards.id).where(self._boards.id << list(here))}
                for row in rows:
                    row["board_id"] = row["board_id"] if row["board_id"] in boards else None
                    self._images.insert(row).execute()
                back += [row["id"] for row in rows]
                self._rows.delete().where(self._rows.id << [row["id"] for row in rows]).execute()
        return tuple(back)

    def empty(self, now: datetime) -> int:
        """Destroys what is past its time: rows, files, tags, and a job that keeps no picture. Answers how many."""
        due = self._rows.select(self._rows.id, self._rows.subject_id).where(self._rows.until <= micros(now))
        by_subject: dict[str, list[str]] = {}
        for image_id, subject_id in due.tuples():
            by_subject.setdefault(subject_id, []).append(image_id)
        return sum(len(self._gallery.delete(subject_id, ids)) for subject_id, ids in by_subject.items())

    def _set_aside(self, row: dict[str, Any], until: datetime) -> dict[str, Any]:
        same = {name: row[name] for name in ("id", "subject_id", "job_id")}
        return same | {"until": micros(until), "row": packed(row)}


def packed(row: dict[str, Any]) -> bytes:
    """What was sealed in the row stays sealed."""

    def encode(value: Any) -> Any:
        return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes | memoryview) else value

    return json.dumps({name: encode(value) for name, value in row.items()}).encode()


def unpacked(data: bytes) -> dict[str, Any]:
    def decode(value: Any) -> Any:
        return base64.b64decode(value["bytes"]) if isinstance(value, dict) else value

    return {name: decode(value) for name, value in json.loads(data).items()}

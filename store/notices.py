"""Notices that wait on somebody's page: a kind, dates and counts. The words are the page's."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.blobs import Missing
from store.models import ContentTables
from store.moments import micros, moment, moment_or_none


@dataclass(frozen=True, slots=True)
class Notice:
    id: str
    kind: str
    facts: Mapping[str, Any]
    at: datetime
    read_at: datetime | None


class Notices:
    def __init__(self, tables: ContentTables) -> None:
        self._rows = tables.Notice

    def add(
        self, subject_id: str, kind: str, facts: Mapping[str, int | str], now: datetime, notice_id: str = ""
    ) -> str:
        """With a `notice_id` of the caller's it is added once: the second time changes nothing."""
        notice_id = notice_id or uuid.uuid4().hex
        row = {"id": notice_id, "subject_id": subject_id, "kind": kind, "facts": json.dumps(dict(facts))}
        self._rows.insert(row | {"at": micros(now)}).on_conflict_ignore().execute()
        return notice_id

    def of(self, subject_id: str, *, unread: bool = False) -> tuple[Notice, ...]:
        """Newest first."""
        rows = self._rows.select().where(self._rows.subject_id == subject_id).order_by(self._rows.at.desc())
        found = (
            Notice(row.id, row.kind, json.loads(row.facts), moment(row.at), moment_or_none(row.read_at)) for row in rows
        )
        return tuple(one for one in found if not unread or one.read_at is None)

    def read(self, subject_id: str, notice_id: str, now: datetime) -> None:
        """Once; reading it again changes nothing. Raises Missing when it is another's."""
        mine = (self._rows.id == notice_id) & (self._rows.subject_id == subject_id)
        if not self._rows.select().where(mine).exists():
            raise Missing(f"id: there is no notice {notice_id!r} of yours")
        self._rows.update(read_at=micros(now)).where(mine, self._rows.read_at.is_null()).execute()

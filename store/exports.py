"""What a download of many pictures holds: their ids in order and how they are to be packed, sealed, for a day.

What was packed for it is kept beside it, sealed too, and goes when it goes or when any picture of its owner does.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.blobs import Missing
from store.models import ContentTables
from store.moments import micros, moment
from store.outgoing import Outgoing, Round
from store.vault import Vault

MOST = 5  # exports of one person that are remembered; the oldest goes first


@dataclass(frozen=True, slots=True)
class Export:
    id: str
    subject_id: str
    expires_at: datetime
    ids: tuple[str, ...]
    options: Mapping[str, Any]


class Exports:
    def __init__(self, tables: ContentTables, vault: Vault, outgoing: Outgoing) -> None:
        self._rows = tables.Export
        self._vault = vault
        self.outgoing = outgoing

    def add(self, subject_id: str, ids: Sequence[str], options: Mapping[str, Any], expires_at: datetime) -> Export:
        export_id = uuid.uuid4().hex
        plan = self._vault.seal_text(
            subject_id, export_id, "plan", json.dumps({"ids": list(ids), "options": dict(options)})
        )
        until = micros(expires_at)
        self._rows.insert(id=export_id, subject_id=subject_id, expires_at=until, plan=plan).execute()
        mine = self._rows.select(self._rows.id).where(self._rows.subject_id == subject_id)
        latest = mine.order_by(self._rows.expires_at.desc()).limit(MOST)
        self._rows.delete().where(self._rows.subject_id == subject_id, self._rows.id.not_in(latest)).execute()
        self._drop_others()
        return Export(export_id, subject_id, expires_at, tuple(ids), options)

    def get(self, subject_id: str, export_id: str, now: datetime) -> Export:
        """Raises Missing, also when it is another's or too old."""
        table = self._rows
        row = table.get_or_none(
            table.id == export_id, table.subject_id == subject_id, table.expires_at > micros(now)
        )
        if row is None:
            raise Missing(f"id: there is no download {export_id!r} of yours")
        plan = json.loads(self._vault.open_text(subject_id, export_id, "plan", bytes(row.plan)))
        return Export(row.id, subject_id, moment(row.expires_at), tuple(plan["ids"]), plan["options"])

    def round(self, export: Export, part: int) -> Round:
        """What is packed for a part of it."""
        return self.outgoing.round(export.subject_id, export.id, part)

    def sweep(self, now: datetime) -> int:
        gone = int(self._rows.delete().where(self._rows.expires_at <= micros(now)).execute())
        self._drop_others()
        return gone

    def end_files(self, subject_id: str) -> None:
        """What was packed for the subject's downloads goes: fetched again, they are packed anew."""
        self.outgoing.end(self._of(subject_id))

    def drop_of(self, subject_id: str) -> None:
        """Every download of the subject, files and rows."""
        self.outgoing.drop(self._of(subject_id))
        self._rows.delete().where(self._rows.subject_id == subject_id).execute()

    def _of(self, subject_id: str) -> list[str]:
        mine = self._rows.select(self._rows.id).where(self._rows.subject_id == subject_id)
        return [export_id for (export_id,) in mine.tuples()]

    def _drop_others(self) -> None:
        self.outgoing.drop_others(export_id for (export_id,) in self._rows.select(self._rows.id).tuples())

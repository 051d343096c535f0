"""Deletions of accounts on their way: asked for, waiting, under way, verified. The finished row is a tombstone."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import Database

from store.models import ContentTables
from store.moments import micros, moment, moment_or_none

State = Literal["waiting", "running", "done"]
LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Erasure:
    subject_id: str
    receipt: str
    state: State
    step: str
    requested_at: datetime
    due_at: datetime
    verified_at: datetime | None
    found: Mapping[str, int]
    asked: bool


class Erasures:
    def __init__(self, database: Database, tables: ContentTables) -> None:
        self._db = database
        self._rows = tables.Erasure

    def ask(self, subject_id: str, now: datetime, due_at: datetime, *, asked: bool = True) -> Erasure:
        """Asking again changes nothing but may bring it forward. `asked` False: nobody will hold its receipt."""
        with self._db.atomic("IMMEDIATE"):
            known = self.of(subject_id)
            if known is None:
                self._rows.insert(
                    subject_id=subject_id,
                    receipt=secrets.token_hex(16),
                    state="waiting",
                    step="",
                    requested_at=micros(now),
                    due_at=micros(due_at),
                    found="{}",
                    asked=int(asked),
                ).execute()
            elif known.state == "waiting" and due_at < known.due_at:
                self._rows.update(due_at=micros(due_at)).where(self._rows.subject_id == subject_id).execute()
        found = self.of(subject_id)
        assert found is not None
        return found

    def cancel(self, subject_id: str) -> bool:
        """True when it was still waiting."""
        waiting = (self._rows.subject_id == subject_id) & (self._rows.state == "waiting")
        return bool(self._rows.delete().where(waiting).execute())

    def of(self, subject_id: str) -> Erasure | None:
        row = self._rows.get_or_none(self._rows.subject_id == subject_id)
        return self._erasure(row) if row else None

    def of_receipt(self, receipt: str) -> Erasure | None:
        row = self._rows.get_or_none(self._rows.receipt == receipt)
        return self._erasure(row) if row else None

    def due(self, now: datetime) -> tuple[Erasure, ...]:
        """Those whose time has come, and those that an earlier process left half done."""
        table = self._rows
        ready = (table.state == "waiting") & (table.due_at <= micros(now))
        left = (table.state == "running") & (table.lease_until <= micros(now))
        return tuple(self._erasure(row) for row in table.select().where(ready | left).order_by(table.due_at))

    def claim(self, subject_id: str, now: datetime) -> bool:
        """Takes it; from here there is no way back. One process at a time."""
        table = self._rows
        free = (table.lease_until.is_null()) | (table.lease_until <= micros(now))
        mine = (table.subject_id == subject_id) & (table.state != "done") & free
        return bool(table.update(state="running", lease_until=micros(now + LEASE)).where(mine).execute())

    def reached(self, subject_id: str, step: str, found: Mapping[str, int]) -> None:
        values = {"step": step, "found": json.dumps(dict(found), sort_keys=True)}
        self._rows.update(values).where(self._rows.subject_id == subject_id).execute()

    def verified(self, subject_id: str, now: datetime) -> None:
        values = {"state": "done", "step": "verified", "verified_at": micros(now), "lease_until": None}
        self._rows.update(values).where(self._rows.subject_id == subject_id).execute()

    def reopen(self, subject_id: str) -> None:
        """A restored copy may hold what was gone: every step is due once more."""
        values = {"state": "waiting", "step": "", "verified_at": None, "lease_until": None}
        self._rows.update(values).where(self._rows.subject_id == subject_id).execute()

    def unasked(self, before: datetime, limit: int) -> tuple[str, ...]:
        """Tombstones whose receipt nobody holds, of deletions that were verified before a moment."""
        table = self._rows
        old = (table.asked == 0) & (table.state == "done") & (table.verified_at < micros(before))
        return tuple(row.subject_id for row in table.select(table.subject_id).where(old).limit(limit))

    def forget(self, subject_ids: Sequence[str]) -> None:
        self._rows.delete().where(self._rows.subject_id << list(subject_ids), self._rows.state == "done").execute()

    def release(self, subject_id: str) -> None:
        """Whoever comes next may go on at once."""
        self._rows.update(lease_until=0).where(self._rows.subject_id == subject_id).execute()

    def _erasure(self, row: Any) -> Erasure:
        return Erasure(
            row.subject_id,
            row.receipt,
            row.state,
            row.step,
            moment(row.requested_at),
            moment(row.due_at),
            moment_or_none(row.verified_at),
            json.loads(row.found),
            bool(row.asked),
        )

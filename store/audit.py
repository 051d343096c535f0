"""What was done with data: entries in a hash chain. Holds no name, no address and no content; only counts and codes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Database

from store.keys import KeyGone
from store.models import ContentTables
from store.moments import micros, moment
from store.vault import Vault

CODE = re.compile(r"[a-z0-9_.-]{1,40}")
START = "0" * 64


@dataclass(frozen=True, slots=True)
class Entry:
    number: int
    at: datetime
    actor: str
    action: str
    subject_id: str | None
    facts: Mapping[str, Any]
    reason: str


class Audit:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault) -> None:
        self._db = database
        self._rows = tables.AuditEntry
        self._vault = vault

    def add(
        self,
        now: datetime,
        actor: str,
        action: str,
        subject_id: str | None = None,
        facts: Mapping[str, int | str] | None = None,
        reason: str = "",
    ) -> int:
        """Answers the entry's number. A reason is sealed with the key of whom it is about, and goes with that key.

        Raises ValueError for a fact that could be more than a count or a code.
        """
        kept = dict(facts or {})
        for name, value in kept.items():
            if isinstance(value, str) and not CODE.fullmatch(value):
                raise ValueError(f"{name}: {value!r} is not allowed. Expected a number or a short code.")
        sealed = self._vault.seal_text(subject_id, "audit", "reason", reason) if reason and subject_id else None
        with self._db.atomic("IMMEDIATE"):
            last = self._rows.select().order_by(self._rows.number.desc()).first()
            number = last.number + 1 if last else 1
            values = (number, micros(now), actor, action, subject_id, json.dumps(kept, sort_keys=True), sealed)
            self._rows.insert(
                number=number,
                at=values[1],
                actor=actor,
                action=action,
                subject_id=subject_id,
                facts=values[5],
                reason=sealed,
                hash=link(last.hash if last else START, values),
            ).execute()
        return number

    def about(self, subject_id: str) -> tuple[Entry, ...]:
        """Newest first."""
        rows = self._rows.select().where(self._rows.subject_id == subject_id).order_by(self._rows.number.desc())
        return tuple(self._entry(row) for row in rows)

    def broken(self) -> int | None:
        """The first number whose link does not fit what stands before it: edited, removed or slipped in."""
        previous, expected = START, 1
        for row in self._rows.select().order_by(self._rows.number).iterator():
            sealed = bytes(row.reason) if row.reason is not None else None
            values = (row.number, row.at, row.actor, row.action, row.subject_id, row.facts, sealed)
            if row.number != expected or row.hash != link(previous, values):
                return int(row.number)
            previous, expected = row.hash, expected + 1
        return None

    def head(self) -> tuple[int, str]:
        """Number and hash of the newest entry: written down elsewhere, it also shows a chain that was cut short."""
        last = self._rows.select().order_by(self._rows.number.desc()).first()
        return (last.number, last.hash) if last else (0, START)

    def _entry(self, row: Any) -> Entry:
        reason = ""
        if row.reason is not None:
            try:
                reason = self._vault.open_text(row.subject_id, "audit", "reason", bytes(row.reason))
            except KeyGone:
                reason = ""
        facts = json.loads(row.facts)
        return Entry(row.number, moment(row.at), row.actor, row.action, row.subject_id, facts, reason)


def link(previous: str, values: tuple[Any, ...]) -> str:
    plain = [value.hex() if isinstance(value, bytes) else value for value in values]
    return hashlib.sha256(json.dumps([previous, *plain], separators=(",", ":")).encode()).hexdigest()

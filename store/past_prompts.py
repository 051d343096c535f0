"""The history of prompts: what a person drew, each once, sealed. Kept only while they want one; see the actions."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from peewee import Database

from policies.suggestions import Past
from store.models import ContentTables, upsert
from store.moments import micros, moment
from store.vault import Missing, Vault

MOST = 500  # prompts of one person; the one that was not used for longest goes


class PastPrompts:
    """Read by opening all of a person's: 500 take some milliseconds, and no digest of a prompt is ever on disk."""

    def __init__(self, database: Database, tables: ContentTables, vault: Vault) -> None:
        self._db = database
        self._rows = tables.PastPrompt
        self._vault = vault

    def all(self, subject_id: str) -> tuple[tuple[str, Past], ...]:
        """Ids and prompts, the latest first."""
        return tuple((row.id, self._past(row)) for row in self._of(subject_id))

    def add(self, subject_id: str, text: str, model: str, now: datetime) -> None:
        """Once more if it is known, else new."""
        with self._db.atomic("IMMEDIATE"):
            rows = self._of(subject_id)
            known = next((row for row in rows if self._past(row).text == text), None)
            row_id = known.id if known else uuid.uuid4().hex
            sealed = self._vault.seal_text(subject_id, row_id, "prompt", json.dumps({"text": text, "model": model}))
            uses = known.uses + 1 if known else 1
            upsert(self._rows, id=row_id, subject_id=subject_id, used_at=micros(now), uses=uses, value=sealed)
            stale = [row.id for row in rows[MOST - (known is None) :] if row.id != row_id]
            if stale:
                self._rows.delete().where(self._rows.id << stale).execute()

    def delete(self, subject_id: str, past_id: str) -> None:
        """Raises Missing."""
        mine = (self._rows.id == past_id) & (self._rows.subject_id == subject_id)
        if not self._rows.delete().where(mine).execute():
            raise Missing(f"id: there is no prompt {past_id!r} in your history")

    def empty(self, subject_id: str) -> int:
        return int(self._rows.delete().where(self._rows.subject_id == subject_id).execute())

    def _of(self, subject_id: str) -> list[Any]:
        rows = self._rows.select().where(self._rows.subject_id == subject_id)
        return list(rows.order_by(self._rows.used_at.desc(), self._rows.id))

    def _past(self, row: Any) -> Past:
        values = json.loads(self._vault.open_text(row.subject_id, row.id, "prompt", bytes(row.value)))
        return Past(values["text"], moment(row.used_at), row.uses, values["model"])

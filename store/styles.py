"""A person's own styles and negative presets: sealed rows. The shipped ones are not kept here."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from policies.styles import Style
from store.models import ContentTables
from store.moments import micros
from store.vault import Missing, Vault


class Styles:
    def __init__(self, tables: ContentTables, vault: Vault) -> None:
        self._rows = tables.Style
        self._vault = vault

    def all(self, subject_id: str) -> tuple[Style, ...]:
        """Oldest first, so that one finds them where they were."""
        rows = self._rows.select().where(self._rows.subject_id == subject_id).order_by(self._rows.created_at)
        return tuple(self._style(row) for row in rows)

    def get(self, subject_id: str, style_id: str) -> Style:
        """Raises Missing, also when it is another's."""
        return self._style(self._row(subject_id, style_id))

    def add(self, subject_id: str, values: Mapping[str, Any], now: datetime) -> Style:
        style_id = uuid.uuid4().hex
        sealed = self._seal(subject_id, style_id, values)
        self._rows.insert(id=style_id, subject_id=subject_id, created_at=micros(now), value=sealed).execute()
        return self.get(subject_id, style_id)

    def change(self, subject_id: str, style_id: str, values: Mapping[str, Any]) -> Style:
        """Raises Missing."""
        row = self._row(subject_id, style_id)
        sealed = self._seal(subject_id, style_id, values)
        self._rows.update(value=sealed).where(self._rows.id == row.id).execute()
        return self.get(subject_id, style_id)

    def delete(self, subject_id: str, style_id: str) -> None:
        """Raises Missing."""
        row = self._row(subject_id, style_id)
        self._rows.delete().where(self._rows.id == row.id).execute()

    def _row(self, subject_id: str, style_id: str) -> Any:
        row = self._rows.get_or_none(self._rows.id == style_id, self._rows.subject_id == subject_id)
        if row is None:
            raise Missing(f"id: there is no style {style_id!r} of yours")
        return row

    def _seal(self, subject_id: str, style_id: str, values: Mapping[str, Any]) -> bytes:
        return self._vault.seal_text(subject_id, style_id, "style", json.dumps(dict(values)))

    def _style(self, row: Any) -> Style:
        values = json.loads(self._vault.open_text(row.subject_id, row.id, "style", bytes(row.value)))
        return Style(row.id, own=True, **values)

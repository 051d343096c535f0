"""What the page remembers for a subject: a small sealed JSON object."""

from __future__ import annotations

import json
from typing import Any

from store.models import ContentTables, upsert
from store.vault import Vault


class Preferences:
    def __init__(self, tables: ContentTables, vault: Vault) -> None:
        self._rows = tables.Preference
        self._vault = vault

    def read(self, subject_id: str) -> dict[str, Any]:
        row = self._rows.get_or_none(self._rows.subject_id == subject_id)
        if row is None:
            return {}
        values: dict[str, Any] = json.loads(self._vault.open_text(subject_id, "preference", "value", bytes(row.value)))
        return values

    def write(self, subject_id: str, values: dict[str, Any]) -> None:
        sealed = self._vault.seal_text(subject_id, "preference", "value", json.dumps(values))
        upsert(self._rows, subject_id=subject_id, value=sealed)

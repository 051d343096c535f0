"""Receipts of consent about one thing, such as a published picture: to which version, and when it was taken back.

A choice (choices.py) holds for a whole purpose until the next one; this ends with its thing, in the same row.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.models import ContentTables
from store.moments import micros, moment, moment_or_none


@dataclass(frozen=True, slots=True)
class Consent:
    """`version` names the words that were agreed to, `scope` the one thing it is about, empty for a whole purpose."""

    purpose: str
    version: str
    scope: str
    locale: str
    given_at: datetime
    withdrawn_at: datetime | None


class Consents:
    def __init__(self, tables: ContentTables) -> None:
        self._rows = tables.Consent

    def give(self, subject_id: str, purpose: str, version: str, now: datetime, *, scope: str, locale: str) -> None:
        self._rows.create(
            id=uuid.uuid4().hex,
            subject_id=subject_id,
            purpose=purpose,
            version=version,
            scope=scope,
            locale=locale,
            given_at=micros(now),
        )

    def withdraw(self, subject_id: str, scope: str, now: datetime) -> int:
        """Everything agreed to about one thing. Answers how many receipts end."""
        mine = (self._rows.subject_id == subject_id) & (self._rows.scope == scope)
        query = self._rows.update(withdrawn_at=micros(now)).where(mine, self._rows.withdrawn_at.is_null())
        return int(query.execute())

    def of_subject(self, subject_id: str) -> tuple[Consent, ...]:
        """Every receipt, oldest first, also those that were taken back."""
        rows = self._rows.select().where(self._rows.subject_id == subject_id).order_by(self._rows.given_at)
        return tuple(self._consent(row) for row in rows)

    def holds(self, subject_id: str, purpose: str, version: str, scope: str) -> bool:
        row = self._rows.get_or_none(
            self._rows.subject_id == subject_id,
            self._rows.purpose == purpose,
            self._rows.version == version,
            self._rows.scope == scope,
            self._rows.withdrawn_at.is_null(),
        )
        return row is not None

    def _consent(self, row: Any) -> Consent:
        at, until = moment(row.given_at), moment_or_none(row.withdrawn_at)
        return Consent(row.purpose, row.version, row.scope, row.locale, at, until)

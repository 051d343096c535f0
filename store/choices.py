"""What people agreed to and took back: receipts that are only added. Decides nothing.

One of three kinds of receipts, each where its subject lives: this one is about a use of data and is for everybody who
draws; receipts.py is about the text of the policy and is for accounts; consents.py is about one published picture, and
ends with that.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from policies.privacy import Said
from store.models import ContentTables
from store.moments import micros, moment


@dataclass(frozen=True, slots=True)
class Receipt:
    id: str
    purpose: str
    version: str
    given: bool
    locale: str
    at: datetime


class Choices:
    def __init__(self, tables: ContentTables) -> None:
        self._rows = tables.Choice

    def add(self, subject_id: str, purpose: str, version: str, given: bool, locale: str, now: datetime) -> Receipt:
        receipt = Receipt(uuid.uuid4().hex, purpose, version, given, locale, now)
        self._rows.insert(
            id=receipt.id,
            subject_id=subject_id,
            purpose=purpose,
            version=version,
            given=int(given),
            locale=locale,
            at=micros(now),
        ).execute()
        return receipt

    def of(self, subject_id: str) -> tuple[Receipt, ...]:
        """Newest first."""
        rows = self._rows.select().where(self._rows.subject_id == subject_id)
        ordered = rows.order_by(self._rows.at.desc(), self._rows.id)
        return tuple(
            Receipt(row.id, row.purpose, row.version, bool(row.given), row.locale, moment(row.at)) for row in ordered
        )

    def said(self, subject_id: str) -> dict[str, Said]:
        """The last word on each purpose."""
        return {one.purpose: Said(one.version, one.given) for one in reversed(self.of(subject_id))}

"""What each person agreed to or took back, and when: rows that are only added. The latest of a purpose counts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.models import IdentityTables
from store.moments import micros, moment


@dataclass(frozen=True, slots=True)
class Receipt:
    """`version` is that of the text which was shown; `locale` the language it was shown in."""

    purpose: str
    version: str
    given: bool
    locale: str
    at: datetime


class Receipts:
    def __init__(self, tables: IdentityTables) -> None:
        self._rows = tables.Receipt

    def add(self, account_id: str, receipt: Receipt) -> None:
        self._rows.create(
            id=uuid.uuid4().hex,
            account_id=account_id,
            purpose=receipt.purpose,
            version=receipt.version,
            given=receipt.given,
            locale=receipt.locale,
            at=micros(receipt.at),
        )

    def of_account(self, account_id: str) -> tuple[Receipt, ...]:
        """Oldest first."""
        rows = self._rows.select().where(self._rows.account_id == account_id)
        return tuple(self._receipt(row) for row in rows.order_by(self._rows.at, self._rows.id))

    def latest(self, account_id: str, purpose: str) -> Receipt | None:
        found = [receipt for receipt in self.of_account(account_id) if receipt.purpose == purpose]
        return found[-1] if found else None

    def _receipt(self, row: Any) -> Receipt:
        return Receipt(row.purpose, row.version, bool(row.given), row.locale, moment(row.at))

"""Which text of the privacy policy an account accepted, and when: rows that are only added. The latest counts.

Beside choices.py, because this is about the account, not about data: it is written in one transaction with the account
itself, in the database of identities, where it proves who agreed. What may be done with somebody's data (choices.py) is
asked of guests and of the owner of a personal home too, who have no account, so it belongs to their random number.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from store.models import IdentityTables
from store.moments import micros, moment

How = Literal["box", "use"]
POLICY = "policy"  # the purpose of the receipt that every account begins with


@dataclass(frozen=True, slots=True)
class Receipt:
    """`version` is that of the text which was shown; `locale` the language it was shown in. `how`: a box was ticked, or
    the studio was used after the text came into force."""

    purpose: str
    version: str
    given: bool
    locale: str
    at: datetime
    how: How = "box"


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
            how=receipt.how,
        )

    def of_account(self, account_id: str) -> tuple[Receipt, ...]:
        """Oldest first."""
        rows = self._rows.select().where(self._rows.account_id == account_id)
        return tuple(self._receipt(row) for row in rows.order_by(self._rows.at, self._rows.id))

    def latest(self, account_id: str, purpose: str) -> Receipt | None:
        found = [receipt for receipt in self.of_account(account_id) if receipt.purpose == purpose]
        return found[-1] if found else None

    def _receipt(self, row: Any) -> Receipt:
        return Receipt(row.purpose, row.version, bool(row.given), row.locale, moment(row.at), row.how)

"""Who another service vouches for: its number for a person, sealed, found again by a keyed hash. Knows no password."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from peewee import IntegrityError

from store.blobs import Missing
from store.keys import KeyGone
from store.models import IdentityTables
from store.moments import micros, moment
from store.vault import Vault


class Tied(Exception):
    """This person of the service belongs to an account already."""


@dataclass(frozen=True, slots=True)
class Login:
    id: str
    account_id: str
    issuer: str
    created_at: datetime


class Logins:
    def __init__(self, tables: IdentityTables, vault: Vault) -> None:
        self._rows = tables.Login
        self._vault = vault

    def tie(self, account_id: str, issuer: str, subject: str, now: datetime) -> Login:
        """From now on this person of the service is this account. Raises Tied."""
        login_id = uuid.uuid4().hex
        owner = self._vault.keys.links.subject_of(account_id)
        if self.account_of(issuer, subject) is not None:
            raise Tied(issuer)
        try:
            self._rows.create(
                id=login_id,
                account_id=account_id,
                issuer=issuer,
                subject=self._vault.seal_text(owner, login_id, "subject", subject, "pii"),
                subject_index=self._indexes(issuer, subject)[0],
                created_at=micros(now),
            )
        except IntegrityError:  # somebody was a moment faster
            raise Tied(issuer) from None
        return Login(login_id, account_id, issuer, now)

    def account_of(self, issuer: str, subject: str) -> str | None:
        row = self._rows.get_or_none(self._rows.subject_index.in_(self._indexes(issuer, subject)))
        return str(row.account_id) if row is not None else None

    def of_account(self, account_id: str) -> tuple[Login, ...]:
        """Oldest first."""
        rows = self._rows.select().where(self._rows.account_id == account_id).order_by(self._rows.created_at)
        return tuple(Login(row.id, row.account_id, row.issuer, moment(row.created_at)) for row in rows)

    def cut(self, account_id: str, login_id: str) -> None:
        """Raises Missing, also when it is another's."""
        mine = (self._rows.id == login_id) & (self._rows.account_id == account_id)
        if not self._rows.delete().where(mine).execute():
            raise Missing(f"login: there is no {login_id!r} of yours")

    def index_anew(self) -> None:
        """Hashes by the newest key of the ring."""
        for row in list(self._rows.select()):
            try:
                owner = self._vault.keys.links.subject_of(row.account_id)
                subject = self._vault.open_text(owner, row.id, "subject", bytes(row.subject), "pii")
            except KeyGone:  # without its keys a row is about to go
                continue
            wanted = self._indexes(row.issuer, subject)[0]
            self._rows.update(subject_index=wanted).where(self._rows.id == row.id).execute()

    def _indexes(self, issuer: str, subject: str) -> list[str]:
        return self._vault.keys.index("login", f"{issuer}\n{subject}")

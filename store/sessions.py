"""Signed-in sessions and single-use tickets. Only hashes of their tokens are kept. Knows no cookie and no page."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import Database

from store.blobs import Missing
from store.models import IdentityTables
from store.moments import micros, moment
from store.subjects import digest
from store.vault import Vault

IDLE = timedelta(days=30)
LONGEST = timedelta(days=180)
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Device:
    """What a browser says about itself, cut down to families. `address` is sealed, and later cut to its network."""

    browser: str = ""
    system: str = ""
    device: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    account_id: str
    created_at: datetime
    seen_at: datetime
    confirmed_at: datetime
    second_factor: bool
    device: Device


@dataclass(frozen=True, slots=True)
class Ticket:
    account_id: str
    purpose: str
    value: str


class Sessions:
    def __init__(self, database: Database, tables: IdentityTables, vault: Vault) -> None:
        self._db = database
        self._rows = tables.Session
        self._tickets = tables.Ticket
        self._vault = vault
        self._links = vault.keys.links

    def start(self, account_id: str, device: Device, now: datetime, *, second_factor: bool) -> tuple[str, Session]:
        """A fresh token for the cookie, and the session. The password was checked just now."""
        token, session_id = secrets.token_urlsafe(32), uuid.uuid4().hex
        self._rows.create(
            id=session_id,
            token_hash=digest(token),
            account_id=account_id,
            created_at=micros(now),
            seen_at=micros(now),
            confirmed_at=micros(now),
            expires_at=micros(now + IDLE),
            second_factor=second_factor,
            browser=device.browser,
            system=device.system,
            device=device.device,
            address=self._seal(account_id, session_id, device.address),
        )
        return token, self.get(account_id, session_id)

    def of_token(self, token: str, now: datetime) -> Session | None:
        """The living session of a cookie; being used keeps it alive, up to a limit."""
        row = self._rows.get_or_none(self._rows.token_hash == digest(token), self._rows.expires_at > micros(now))
        if row is None:
            return None
        if now - moment(row.seen_at) >= SEEN_EVERY:
            until = min(now + IDLE, moment(row.created_at) + LONGEST)
            values = {"seen_at": micros(now), "expires_at": micros(until)}
            self._rows.update(values).where(self._rows.id == row.id).execute()
        return self._session(row, opened=False)

    def get(self, account_id: str, session_id: str) -> Session:
        """Raises Missing, also when the session is another's."""
        row = self._rows.get_or_none(self._rows.id == session_id, self._rows.account_id == account_id)
        if row is None:
            raise Missing(f"session: there is no {session_id!r} of yours")
        return self._session(row)

    def of_account(self, account_id: str, now: datetime) -> tuple[Session, ...]:
        """Living ones, the last used first."""
        rows = self._rows.select().where(self._rows.account_id == account_id, self._rows.expires_at > micros(now))
        return tuple(self._session(row) for row in rows.order_by(self._rows.seen_at.desc()))

    def is_alive(self, session_id: str, now: datetime) -> bool:
        rows = self._rows.select().where(self._rows.id == session_id, self._rows.expires_at > micros(now))
        return bool(rows.exists())

    def confirm(self, session_id: str, now: datetime, *, second_factor: bool = False) -> None:
        """The person proved again who they are; a second factor, once passed, stays passed."""
        values: dict[str, Any] = {"confirmed_at": micros(now)} | ({"second_factor": True} if second_factor else {})
        self._rows.update(values).where(self._rows.id == session_id).execute()

    def forget_factor(self, account_id: str) -> None:
        """It is switched off: a session that passed it once passed nothing that is still there."""
        self._rows.update(second_factor=False).where(self._rows.account_id == account_id).execute()

    def revoke(self, account_id: str, session_id: str) -> None:
        """Raises Missing, also when the session is another's."""
        if not self._rows.delete().where(self._rows.id == session_id, self._rows.account_id == account_id).execute():
            raise Missing(f"session: there is no {session_id!r} of yours")

    def revoke_all(self, account_id: str, *, but: str = "") -> int:
        rows = self._rows.delete().where(self._rows.account_id == account_id, self._rows.id != but)
        return int(rows.execute())

    def end_all(self) -> None:
        """Sessions and tickets of everybody."""
        for table in (self._rows, self._tickets):
            table.delete().execute()

    def aged(self, before: datetime, limit: int = 500) -> tuple[Session, ...]:
        """Sessions not used since then whose address is still whole."""
        rows = self._rows.select().where(self._rows.seen_at < micros(before), ~self._rows.address_cut)
        return tuple(self._session(row) for row in rows.limit(limit))

    def set_address(self, session: Session, address: str) -> None:
        sealed = self._seal(session.account_id, session.id, address)
        self._rows.update(address=sealed, address_cut=True).where(self._rows.id == session.id).execute()

    def sweep(self, now: datetime) -> int:
        """Sessions and tickets whose time is over."""
        tables = (self._rows, self._tickets)
        return sum(table.delete().where(table.expires_at <= micros(now)).execute() for table in tables)

    # Tickets

    def issue(self, account_id: str, purpose: str, now: datetime, lasts: timedelta, value: str = "") -> str:
        """A token to be used once. `value` is sealed for the account."""
        token = secrets.token_urlsafe(32)
        hashed = digest(token)
        sealed = None
        if value:
            subject_id = self._links.subject_of(account_id)
            sealed = self._vault.seal_text(subject_id, hashed, purpose, value, "pii")
        self._tickets.create(
            token_hash=hashed, account_id=account_id, purpose=purpose, expires_at=micros(now + lasts), value=sealed
        )
        return token

    def look(self, token: str, purpose: str, now: datetime) -> Ticket:
        """The ticket, still unused. Raises Missing."""
        row = self._tickets.get_or_none(
            self._tickets.token_hash == digest(token),
            self._tickets.purpose == purpose,
            self._tickets.expires_at > micros(now),
        )
        if row is None:
            raise Missing("ticket: this link was used or is too old")
        value = ""
        if row.value is not None:
            subject_id = self._links.subject_of(row.account_id)
            value = self._vault.open_text(subject_id, row.token_hash, purpose, bytes(row.value), "pii")
        return Ticket(row.account_id, purpose, value)

    def use(self, token: str, purpose: str, now: datetime) -> Ticket:
        """As look(), and then it is gone: of two who come at once, one gets it. Raises Missing."""
        ticket = self.look(token, purpose, now)
        if not self._tickets.delete().where(self._tickets.token_hash == digest(token)).execute():
            raise Missing("ticket: this link was used or is too old")
        return ticket

    def has_ticket(self, account_id: str, purpose: str, now: datetime) -> bool:
        rows = self._tickets.select().where(
            self._tickets.account_id == account_id,
            self._tickets.purpose == purpose,
            self._tickets.expires_at > micros(now),
        )
        return bool(rows.exists())

    def tear_up(self, account_id: str, *purposes: str) -> None:
        rows = self._tickets.delete().where(
            self._tickets.account_id == account_id, self._tickets.purpose.in_(purposes)
        )
        rows.execute()

    # Rows

    def _session(self, row: Any, *, opened: bool = True) -> Session:
        address = ""
        if opened and row.address is not None:
            subject_id = self._links.subject_of(row.account_id)
            address = self._vault.open_text(subject_id, row.id, "address", bytes(row.address), "pii")
        return Session(
            id=row.id,
            account_id=row.account_id,
            created_at=moment(row.created_at),
            seen_at=moment(row.seen_at),
            confirmed_at=moment(row.confirmed_at),
            second_factor=bool(row.second_factor),
            device=Device(row.browser, row.system, row.device, address),
        )

    def _seal(self, account_id: str, session_id: str, address: str) -> bytes | None:
        if not address:
            return None
        subject_id = self._links.subject_of(account_id)
        return self._vault.seal_text(subject_id, session_id, "address", address, "pii")

"""Mail that must go out, written in the transaction that is its reason. What was sent is emptied. Sends nothing."""

from __future__ import annotations

import json
import secrets
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from peewee import Database

from store.keys import KeyGone, Keys
from store.models import IdentityTables
from store.moments import micros, moment
from store.vault import NONCE, bound, unseal

LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=2)
TRIED_FOR = timedelta(days=2)
KEPT_FOR = timedelta(days=30)  # the emptied rows, which keep an event from being mailed twice


@dataclass(frozen=True, slots=True)
class Mail:
    """`unsubscribe` is an address for one click, on kinds that a person may switch off."""

    to: str
    subject: str
    text: str
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    id: str
    event: str
    kind: str
    account_id: str | None
    attempts: int
    created_at: datetime
    mail: Mail


class Outbox:
    """Letters are sealed under a key of the home, not of a person: the last one, a receipt, outlives their keys."""

    def __init__(self, database: Database, tables: IdentityTables, keys: Keys) -> None:
        self._db = database
        self._rows = tables.Letter
        self._keys = keys

    def add(self, event: str, kind: str, mail: Mail, now: datetime, account_id: str | None = None) -> bool:
        """Joins the caller's transaction. An event that has its letter already gets no second one: False."""
        version = self._keys.ring.newest
        letter_id = uuid.uuid4().hex
        row = {
            "id": letter_id,
            "event": event,
            "account_id": account_id,
            "kind": kind,
            "ring_key": version,
            "sealed": self._seal(version, letter_id, mail),
            "created_at": micros(now),
            "due_at": micros(now),
        }
        return bool(self._rows.insert(row).on_conflict_ignore().as_rowcount().execute())

    def claim(self, now: datetime) -> Letter | None:
        """The next letter that is due, for this process alone until its lease ends."""
        with self._db.atomic("IMMEDIATE"):
            row = (
                self._rows.select()
                .where(
                    self._rows.state == "waiting",
                    self._rows.due_at <= micros(now),
                    self._rows.lease_until <= micros(now),
                )
                .order_by(self._rows.due_at)
                .first()
            )
            if row is None:
                return None
            self._set(row.id, lease_until=micros(now + LEASE))
        return self._letter(row)

    def sent(self, letter_id: str, now: datetime) -> None:
        self._set(letter_id, state="sent", sealed=None, done_at=micros(now))

    def dropped(self, letter_id: str, now: datetime) -> None:
        """Never to be sent: it is not wanted any more, or its address does not exist."""
        self._set(letter_id, state="dropped", sealed=None, done_at=micros(now))

    def failed(self, letter: Letter, now: datetime) -> None:
        """Tried again later and later, and given up after TRIED_FOR."""
        if now - letter.created_at > TRIED_FOR:
            self.dropped(letter.id, now)
            return
        pause = min(FIRST_PAUSE * 2**letter.attempts, LONGEST_PAUSE)
        self._set(letter.id, attempts=letter.attempts + 1, due_at=micros(now + pause), lease_until=0)

    def counts(self) -> dict[str, int]:
        """How many letters are waiting, sent and dropped."""
        counted = {"waiting": 0, "sent": 0, "dropped": 0}
        for state in counted:
            counted[state] = self._rows.select().where(self._rows.state == state).count()
        return counted

    def seal_anew(self) -> int:
        """Letters under the newest key of the ring; answers how many. One that no key opens will never be sent."""
        table, newest = self._rows, self._keys.ring.newest
        old = list(table.select().where(table.ring_key != newest))
        for row in old:
            values: dict[str, Any] = {"ring_key": newest}
            if row.sealed is not None:
                try:
                    values["sealed"] = self._seal(newest, row.id, self._letter(row).mail)
                except KeyGone:
                    values |= {"sealed": None, "state": "dropped"}
            table.update(values).where(table.id == row.id).execute()
        return len(old)

    def sweep(self, now: datetime) -> int:
        old = self._rows.created_at < micros(now - KEPT_FOR)
        return int(self._rows.delete().where(old, self._rows.state != "waiting").execute())

    def _set(self, letter_id: str, **values: Any) -> None:
        self._rows.update(values).where(self._rows.id == letter_id).execute()

    def _letter(self, row: Any) -> Letter:
        cipher = AESGCM(self._keys.ring.derive(row.ring_key, b"outbox"))
        sealed = bytes(row.sealed)
        packed = unseal(cipher, sealed[:NONCE], sealed[NONCE:], bound("outbox", row.id, "mail"))
        mail = Mail(**json.loads(packed))
        return Letter(row.id, row.event, row.kind, row.account_id, row.attempts, moment(row.created_at), mail)

    def _seal(self, version: int, letter_id: str, mail: Mail) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        cipher = AESGCM(self._keys.ring.derive(version, b"outbox"))
        return nonce + cipher.encrypt(nonce, json.dumps(asdict(mail)).encode(), bound("outbox", letter_id, "mail"))

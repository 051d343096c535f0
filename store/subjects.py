"""Opaque subjects: the owner of a personal home, and guests known by the hash of a token. No names, no addresses."""

from __future__ import annotations

import hashlib
import secrets
import threading
import uuid
from datetime import datetime, timedelta
from typing import Literal

from peewee import Database

from store.models import ContentTables
from store.moments import micros, moment

GRACE = timedelta(hours=1)  # after its end, a session is kept for as long as a request of it may take


class Subjects:
    def __init__(self, database: Database, tables: ContentTables, guest_days: int) -> None:
        self._db = database
        self._subjects = tables.Subject
        self._sessions = tables.GuestSession
        self._tickets = tables.Ticket
        self._lifetime = timedelta(days=guest_days)
        self._owner: str | None = None
        self._lock = threading.Lock()

    def owner(self, now: datetime) -> str:
        """The one subject of a personal home, made on the first call."""
        with self._lock:
            if self._owner is None:
                with self._db.atomic("IMMEDIATE"):
                    row = self._subjects.get_or_none(self._subjects.kind == "owner")
                    self._owner = row.id if row else self._add("owner", now)
            return self._owner

    def new_guest(self, now: datetime) -> tuple[str, str]:
        """A fresh token for the cookie, and its subject. Only the token's hash is kept."""
        token = secrets.token_urlsafe(32)
        with self._db.atomic("IMMEDIATE"):
            subject_id = self._add("guest", now)
            self._sessions.create(
                token_hash=digest(token), subject_id=subject_id, expires_at=micros(now + self._lifetime)
            )
        return token, subject_id

    def of_token(self, token: str, now: datetime) -> str | None:
        row = self._sessions.get_or_none(
            self._sessions.token_hash == digest(token), self._sessions.expires_at > micros(now)
        )
        return row.subject_id if row else None

    def begun(self, subject_id: str) -> datetime | None:
        """When somebody came first; None for who is not there any more."""
        row = self._subjects.get_or_none(self._subjects.id == subject_id)
        return moment(row.created_at) if row else None

    def kind(self, subject_id: str) -> str | None:
        row = self._subjects.get_or_none(self._subjects.id == subject_id)
        return str(row.kind) if row else None

    def set_kind(self, subject_id: str, kind: Literal["guest", "user"]) -> None:
        """What a guest made goes after a while; what a person with an account made stays."""
        self._subjects.update(kind=kind).where(self._subjects.id == subject_id).execute()

    def end_guest_sessions(self, subject_id: str) -> None:
        """From now on a cookie from before the sign-up opens nothing."""
        self._sessions.delete().where(self._sessions.subject_id == subject_id).execute()

    def sweep(self, now: datetime) -> int:
        """Sessions of visitors whose time is over, and with it every request that could still be under way."""
        return int(self._sessions.delete().where(self._sessions.expires_at <= micros(now - GRACE)).execute())

    def gone(self, before: datetime, now: datetime, limit: int, past: str = "") -> tuple[str, ...]:
        """Visitors without an account who began before a moment and whose visits are over by now: nobody can come back
        to what they made. In order, those after `past`.

        Whoever still has an answer to a privacy request coming stays until they got it.
        """
        table, sessions, tickets = self._subjects, self._sessions, self._tickets
        visiting = sessions.select(sessions.subject_id).where(sessions.expires_at > micros(now - GRACE))
        asking = tickets.select(tickets.subject_id).where(tickets.state == "open", tickets.due_at.is_null(False))
        over = (table.kind == "guest") & (table.created_at < micros(before)) & (table.id > past)
        query = table.select(table.id).where(over, table.id.not_in(visiting), table.id.not_in(asking))
        return tuple(row.id for row in query.order_by(table.id).limit(limit))

    def forget(self, subject_id: str) -> None:
        """The owner of a personal home who left: whoever comes next begins anew."""
        with self._lock:
            if self._owner == subject_id:
                self._owner = None

    def _add(self, kind: str, now: datetime) -> str:
        subject_id = uuid.uuid4().hex
        self._subjects.insert(id=subject_id, kind=kind, created_at=micros(now)).execute()
        return subject_id


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

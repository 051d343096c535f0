"""What people write to us, and what we answer. Words are sealed; a scrambled subject finds the replies again."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policies.privacy import bare, due
from store.keys import Keys
from store.models import ContentTables
from store.moments import micros, moment, moment_or_none
from store.vault import Missing, Vault


@dataclass(frozen=True, slots=True)
class Message:
    subject: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    id: str
    subject_id: str
    kind: str
    state: str
    created_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    messages: tuple[Message, ...]
    answer: str
    extended: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What staff see of a message before they say why they open it: nothing that was written."""

    id: str
    subject_id: str
    kind: str
    created_at: datetime
    due_at: datetime | None
    extended: bool


class Tickets:
    def __init__(self, tables: ContentTables, vault: Vault, keys: Keys) -> None:
        self._rows = tables.Ticket
        self._vault = vault
        self._keys = keys

    def add(self, subject_id: str, kind: str, subject: str, text: str, now: datetime) -> Ticket:
        """A reply to an open ticket of the same subject line joins it, whatever marks its subject carries.

        One that is a privacy request makes it one: from then on the answer is due.
        """
        thread, until = self._thread(subject_id, subject), due(kind, now)
        table = self._rows
        row = table.get_or_none(table.subject_id == subject_id, table.thread == thread, table.state == "open")
        if row is not None:
            ticket = self._ticket(row)
            messages = (*ticket.messages, Message(subject, text, now))
            values: dict[str, Any] = {"message": self._sealed(subject_id, row.id, messages)}
            if until is not None and row.due_at is None:
                values |= {"kind": kind, "due_at": micros(until)}
            table.update(values).where(table.id == row.id).execute()
            return self.get(subject_id, row.id)
        ticket_id = uuid.uuid4().hex
        table.insert(
            id=ticket_id,
            subject_id=subject_id,
            kind=kind,
            state="open",
            thread=thread,
            created_at=micros(now),
            due_at=micros(until) if until else None,
            message=self._sealed(subject_id, ticket_id, (Message(subject, text, now),)),
        ).execute()
        return self.get(subject_id, ticket_id)

    def answer(self, subject_id: str, ticket_id: str, text: str, now: datetime) -> Ticket:
        self.get(subject_id, ticket_id)
        sealed = self._vault.seal_text(subject_id, ticket_id, "answer", text)
        done = self._rows.update(answer=sealed, state="answered", closed_at=micros(now))
        done.where(self._rows.id == ticket_id).execute()
        return self.get(subject_id, ticket_id)

    def extend(self, subject_id: str, ticket_id: str, until: datetime, reason: str) -> Ticket:
        sealed = self._vault.seal_text(subject_id, ticket_id, "extended", reason)
        self._rows.update(extended=sealed, due_at=micros(until)).where(self._rows.id == ticket_id).execute()
        return self.get(subject_id, ticket_id)

    def get(self, subject_id: str, ticket_id: str) -> Ticket:
        row = self._rows.get_or_none(self._rows.id == ticket_id, self._rows.subject_id == subject_id)
        if row is None:
            raise Missing(f"id: there is no message {ticket_id!r} of yours")
        return self._ticket(row)

    def of(self, subject_id: str) -> tuple[Ticket, ...]:
        """Newest first."""
        rows = self._rows.select().where(self._rows.subject_id == subject_id)
        return tuple(self._ticket(row) for row in rows.order_by(self._rows.created_at.desc()))

    def waiting(self) -> tuple[Waiting, ...]:
        """For staff: what waits for an answer, the most urgent first. Opens nothing."""
        table = self._rows
        rows = table.select().where(table.state == "open")
        return tuple(
            Waiting(
                row.id,
                row.subject_id,
                row.kind,
                moment(row.created_at),
                moment_or_none(row.due_at),
                row.extended is not None,
            )
            for row in rows.order_by(table.due_at.is_null(), table.due_at, table.created_at, table.id)
        )

    def waits(self, ticket_id: str) -> Waiting:
        """Raises Missing when it is not there or was answered."""
        found = next((one for one in self.waiting() if one.id == ticket_id), None)
        if found is None:
            raise Missing(f"id: no message {ticket_id!r} waits for an answer")
        return found

    def _thread(self, subject_id: str, subject: str) -> str:
        from hashlib import sha256
        from hmac import digest

        key = self._keys.of(subject_id, make=True).derive(b"thread")
        return digest(key, bare(subject).encode(), sha256).hex()

    def _sealed(self, subject_id: str, ticket_id: str, messages: tuple[Message, ...]) -> bytes:
        plain = [{"subject": one.subject, "text": one.text, "at": one.at.isoformat()} for one in messages]
        return self._vault.seal_text(subject_id, ticket_id, "message", json.dumps(plain))

    def _ticket(self, row: Any) -> Ticket:
        plain = json.loads(self._vault.open_text(row.subject_id, row.id, "message", bytes(row.message)))
        return Ticket(
            row.id,
            row.subject_id,
            row.kind,
            row.state,
            moment(row.created_at),
            moment_or_none(row.due_at),
            moment_or_none(row.closed_at),
            tuple(Message(one["subject"], one["text"], datetime.fromisoformat(one["at"])) for one in plain),
            self._opened(row, "answer"),
            self._opened(row, "extended"),
        )

    def _opened(self, row: Any, field: str) -> str:
        sealed = getattr(row, field)
        return self._vault.open_text(row.subject_id, row.id, field, bytes(sealed)) if sealed else ""

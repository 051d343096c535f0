"""Downloads of somebody's data: rows with a lease, and the packed file in sealed pieces, readable from anywhere."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import Database

from policies.retention import EXPORTS
from store.blobs import Blobs, Missing, blob_name
from store.models import ContentTables
from store.moments import micros, moment, moment_or_none
from store.vault import Vault

State = Literal["waiting", "packing", "ready"]
PIECE = 4 * 2**20
LEASE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Takeout:
    id: str
    subject_id: str
    state: State
    created_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    size_bytes: int
    digest: str
    pieces: int


class Takeouts:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault) -> None:
        """`vault` writes into a place of its own, apart from the pictures."""
        self._db = database
        self._rows = tables.Takeout
        self._vault = vault

    @property
    def blobs(self) -> Blobs:
        return self._vault.blobs

    def ask(self, subject_id: str, now: datetime) -> Takeout:
        """One at a time: while one waits or is packed, asking again answers that one."""
        with self._db.atomic("IMMEDIATE"):
            table = self._rows
            going = table.get_or_none(table.subject_id == subject_id, table.state << ("waiting", "packing"))
            if going is not None:
                return self._export(going)
            export_id = uuid.uuid4().hex
            table.insert(id=export_id, subject_id=subject_id, state="waiting", created_at=micros(now)).execute()
        return self.get(subject_id, export_id)

    def get(self, subject_id: str, export_id: str) -> Takeout:
        """Raises Missing."""
        row = self._rows.get_or_none(self._rows.id == export_id, self._rows.subject_id == subject_id)
        if row is None:
            raise Missing(f"id: there is no download {export_id!r} of yours")
        return self._export(row)

    def of(self, subject_id: str) -> tuple[Takeout, ...]:
        """Newest first."""
        rows = self._rows.select().where(self._rows.subject_id == subject_id)
        return tuple(self._export(row) for row in rows.order_by(self._rows.created_at.desc()))

    def claim(self, now: datetime) -> Takeout | None:
        """The oldest that waits, or that a dead process was packing: it is packed anew."""
        table = self._rows
        with self._db.atomic("IMMEDIATE"):
            left = (table.state == "packing") & (table.lease_until <= micros(now))
            row = table.select().where((table.state == "waiting") | left).order_by(table.created_at).first()
            if row is None:
                return None
            values = {"state": "packing", "lease_until": micros(now + LEASE)}
            table.update(values).where(table.id == row.id).execute()
            return self._export(table.get_by_id(row.id))

    def fill(self, export: Takeout, stream: Iterable[bytes], clock: Callable[[], datetime]) -> Takeout:
        """Writes the stream in sealed pieces, never more than one of them in memory. Each of them renews the lease."""
        mine = (self._rows.id == export.id) & (self._rows.state == "packing")
        digest, size, number = hashlib.sha256(), 0, 0
        for piece in pieces(stream):
            self._vault.put(export.subject_id, export.id, f"piece{number}", piece)
            digest.update(piece)
            size += len(piece)
            number += 1
            self._rows.update(lease_until=micros(clock() + LEASE)).where(mine).execute()
        now = clock()
        values = {
            "state": "ready",
            "ready_at": micros(now),
            "expires_at": micros(now + EXPORTS),
            "size_bytes": size,
            "digest": digest.hexdigest(),
            "pieces": number,
            "lease_until": None,
        }
        if not self._rows.update(values).where(mine).execute() and not self._rows.get_or_none(id=export.id):
            self._drop(export.id, number)  # the person left while it was packed
        return self.get(export.subject_id, export.id)

    def read(self, export: Takeout, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes from `start` to before `end`, so that an interrupted download goes on where it stopped."""
        stop = export.size_bytes if end is None else min(end, export.size_bytes)
        for number in range(start // PIECE, export.pieces):
            offset = number * PIECE
            if offset >= stop:
                return
            piece = self._vault.get(export.subject_id, export.id, f"piece{number}")
            yield piece[max(0, start - offset) : stop - offset]

    def old(self, subject_id: str, before: datetime) -> tuple[str, ...]:
        """Downloads that were asked for before a moment."""
        return tuple(one.id for one in self.of(subject_id) if one.created_at < before)

    def drop_of(self, subject_id: str, ids: Sequence[str] | None = None) -> int:
        """Downloads of the subject, files and rows: every one, or those with these ids."""
        found = [one for one in self.of(subject_id) if ids is None or one.id in ids]
        for export in found:
            self._drop(export.id, max(export.pieces, self._begun(export.id)))
            self._rows.delete().where(self._rows.id == export.id).execute()
        return len(found)

    def drop_expired(self, now: datetime, *, dry_run: bool = False) -> int:
        rows = list(self._rows.select().where(self._rows.expires_at <= micros(now)))
        if not dry_run:
            for row in rows:
                self._drop(row.id, row.pieces)
                self._rows.delete().where(self._rows.id == row.id).execute()
        return len(rows)

    def drop_orphans(self) -> int:
        """Files that no row names. Not while one is packed."""
        known = {
            blob_name(row.id, f"piece{number}") for row in self._rows.select() for number in range(row.pieces or 0)
        }
        orphans = [name for name in self.blobs.names() if name not in known]
        for name in orphans:
            self.blobs.delete(name)
        return len(orphans)

    def _begun(self, export_id: str) -> int:
        """Pieces that an interrupted packing left."""
        there = set(self.blobs.names())
        number = 0
        while blob_name(export_id, f"piece{number}") in there:
            number += 1
        return number

    def _drop(self, export_id: str, count: int) -> None:
        for number in range(count):
            self.blobs.delete(blob_name(export_id, f"piece{number}"))

    def _export(self, row: Any) -> Takeout:
        return Takeout(
            row.id,
            row.subject_id,
            row.state,
            moment(row.created_at),
            moment_or_none(row.ready_at),
            moment_or_none(row.expires_at),
            row.size_bytes or 0,
            row.digest or "",
            row.pieces or 0,
        )


def pieces(stream: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size, the last one shorter."""
    waiting = bytearray()
    for some in stream:
        waiting += some
        while len(waiting) >= PIECE:
            yield bytes(waiting[:PIECE])
            del waiting[:PIECE]
    if waiting:
        yield bytes(waiting)

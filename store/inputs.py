"""Pictures that people bring and masks that they paint: rows that say whose, sealed files. Decodes nothing.

An input stays while something needs it: a job that was asked for with it (as long as the job's row stays, which is as
long as one of its pictures does), or another holder, such as a cell, that says so with `hold`. One that nothing needs
is swept a week after it was last written or looked for: until then it may stand on an open page.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import Database, chunked

from store.blobs import Missing, blob_name
from store.models import ContentTables
from store.moments import micros, moment
from store.vault import Vault

Kind = Literal["upload", "mask"]
VARIANTS = ("full", "thumb512")
UNNEEDED = timedelta(days=7)
TOUCH_EVERY = timedelta(hours=1)  # reading a picture is not worth a write each time


@dataclass(frozen=True, slots=True)
class Input:
    id: str
    subject_id: str
    kind: Kind
    created_at: datetime
    width: int
    height: int
    size_bytes: int


class Inputs:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault) -> None:
        self._db = database
        self._rows = tables.Input
        self._uses = tables.InputUse
        self._jobs = tables.Job
        self._doomed = tables.DoomedBlob
        self._checks = tables.Check
        self._vault = vault

    def add(
        self, subject_id: str, kind: Kind, size: tuple[int, int], files: Mapping[str, bytes], now: datetime
    ) -> Input:
        """Seals the files, then writes the row. `files` maps a variant to its bytes; "full" is always there."""
        input_id = uuid.uuid4().hex
        self._put(subject_id, input_id, files)
        self._rows.insert(
            id=input_id,
            subject_id=subject_id,
            kind=kind,
            created_at=micros(now),
            touched_at=micros(now),
            width=size[0],
            height=size[1],
            size_bytes=len(files["full"]),
        ).execute()
        return self.get(subject_id, input_id)

    def replace(self, subject_id: str, input_id: str, files: Mapping[str, bytes], now: datetime) -> Input:
        """A mask as it is painted further. What something already needs stays as it is: then a new input is made."""
        old = self.get(subject_id, input_id)
        if self._needed(input_id):
            return self.add(subject_id, old.kind, (old.width, old.height), files, now)
        self._put(subject_id, input_id, files)
        this = self._rows.id == input_id
        self._rows.update(touched_at=micros(now), size_bytes=len(files["full"])).where(this).execute()
        return self.get(subject_id, input_id)

    def get(self, subject_id: str, input_id: str) -> Input:
        """Raises Missing, also when it is another's."""
        row = self._rows.get_or_none(self._rows.id == input_id, self._rows.subject_id == subject_id)
        if row is None:
            raise Missing(f"id: there is no picture {input_id!r} of yours")
        return input_of(row)

    def of_subject(self, subject_id: str) -> tuple[Input, ...]:
        """Oldest first."""
        rows = self._rows.select().where(self._rows.subject_id == subject_id)
        return tuple(input_of(row) for row in rows.order_by(self._rows.created_at, self._rows.id))

    def has(self, subject_id: str, input_id: str) -> bool:
        return bool(self._rows.select().where(self._rows.id == input_id, self._rows.subject_id == subject_id).exists())

    def data(self, subject_id: str, input_id: str, variant: str = "full") -> bytes:
        self.get(subject_id, input_id)
        return self._vault.get(subject_id, input_id, variant)

    def touch(self, subject_id: str, input_id: str, now: datetime) -> None:
        """It was looked for: an open page still shows it."""
        mine = (self._rows.id == input_id) & (self._rows.subject_id == subject_id)
        before = self._rows.touched_at < micros(now - TOUCH_EVERY)
        self._rows.update(touched_at=micros(now)).where(mine, before).execute()

    def hold(self, subject_id: str, holder: str, holder_id: str, ids: Iterable[str]) -> None:
        """Says that `holder_id` needs these and no others; ids of gallery pictures and of strangers are passed over."""
        mine = self._rows.select(self._rows.id).where(self._rows.id << list(ids), self._rows.subject_id == subject_id)
        with self._db.atomic("IMMEDIATE"):
            self.release(holder_id)
            uses = [{"input_id": row.id, "holder": holder, "holder_id": holder_id} for row in mine]
            if uses:
                self._uses.insert_many(uses).execute()

    def release(self, holder_id: str) -> None:
        self._uses.delete().where(self._uses.holder_id == holder_id).execute()

    def delete(self, subject_id: str, input_id: str) -> None:
        """At its owner's word it goes at once, whoever needs it: a job that still waits for it fails by name."""
        self.get(subject_id, input_id)
        self._drop([input_id])

    def old(self, subject_id: str, before: datetime) -> tuple[str, ...]:
        """Those that a subject brought before a moment, and that no job waits for."""
        jobs, uses = self._jobs, self._uses
        alive = jobs.select(jobs.id).where(jobs.subject_id == subject_id, jobs.state << ("queued", "running"))
        awaited = uses.select(uses.input_id).where(uses.holder_id.in_(alive))
        mine = (self._rows.subject_id == subject_id) & (self._rows.created_at < micros(before))
        return tuple(row.id for row in self._rows.select(self._rows.id).where(mine, self._rows.id.not_in(awaited)))

    def drop(self, subject_id: str, ids: Sequence[str]) -> int:
        """Those of them that are the subject's; answers how many went."""
        gone = 0
        for some in chunked(ids, 200):
            mine = self._rows.select(self._rows.id).where(self._rows.id << some, self._rows.subject_id == subject_id)
            found = [row.id for row in mine]
            self._drop(found)
            gone += len(found)
        return gone

    def delete_all(self, subject_id: str) -> int:
        """Those of a subject; answers how many went."""
        mine = self._rows.select(self._rows.id).where(self._rows.subject_id == subject_id)
        return self.drop(subject_id, [row.id for row in mine])

    def sweep(self, now: datetime) -> int:
        """Deletes what nothing needs any more, a week after it was last touched. Answers how many went."""
        gone = self._uses.holder_id.not_in(self._jobs.select(self._jobs.id))
        self._uses.delete().where(self._uses.holder == "job", gone).execute()
        needed = self._uses.select(self._uses.input_id)
        old = self._rows.touched_at < micros(now - UNNEEDED)
        ids = [row.id for row in self._rows.select(self._rows.id).where(old, self._rows.id.not_in(needed))]
        self._drop(ids)
        return len(ids)

    def names(self) -> set[str]:
        """The blobs that rows name."""
        ids = self._rows.select(self._rows.id).tuples()
        return {blob_name(input_id, variant) for (input_id,) in ids for variant in VARIANTS}

    def _needed(self, input_id: str) -> bool:
        return bool(self._uses.select().where(self._uses.input_id == input_id).exists())

    def _drop(self, ids: list[str]) -> None:
        """Row and doom of the files go together; then the files."""
        names = [{"name": blob_name(input_id, variant)} for input_id in ids for variant in VARIANTS]
        if not names:
            return
        with self._db.atomic("IMMEDIATE"):
            self._doomed.insert_many(names).on_conflict_ignore().execute()
            self._rows.delete().where(self._rows.id << ids).execute()
            self._uses.delete().where(self._uses.input_id << ids).execute()
            self._checks.delete().where(self._checks.image_id << ids).execute()
        for one in names:
            self._vault.blobs.delete(one["name"])
        self._doomed.delete().where(self._doomed.name << [one["name"] for one in names]).execute()

    def _put(self, subject_id: str, input_id: str, files: Mapping[str, bytes]) -> None:
        for variant, data in files.items():
            self._vault.put(subject_id, input_id, variant, data)


def input_of(row: Any) -> Input:
    return Input(
        id=row.id,
        subject_id=row.subject_id,
        kind=row.kind,
        created_at=moment(row.created_at),
        width=row.width,
        height=row.height,
        size_bytes=row.size_bytes,
    )

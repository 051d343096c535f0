"""What was made: rows that say whose and when, sealed settings, sealed files. Every read names its subject."""

from __future__ import annotations

import json
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from peewee import Database

from policies.draft import Draft
from store.blobs import Missing, blob_name
from store.models import ContentTables
from store.moments import micros, moment
from store.vault import Vault

VARIANTS = ("full", "native", "thumb256", "thumb512")
SEARCH_BATCH = 500
SEARCH_CAP = 50_000  # rows looked through for one page of a search
REMEMBERED_DRAFTS = 20_000


@dataclass(frozen=True, slots=True)
class NewImage:
    """A picture about to be kept. `files` maps a variant to its bytes; "full" is always there."""

    index: int
    seed: int
    width: int
    height: int
    native_width: int = 0
    native_height: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Image:
    """`draft` is the job's, with this picture's own seed and a count of 1. `native_width` 0: nothing was enlarged."""

    id: str
    subject_id: str
    job_id: str
    index: int
    created_at: datetime
    model: str
    width: int
    height: int
    native_width: int
    native_height: int
    size_bytes: int
    draft: Draft
    facts: Mapping[str, Any]

    @property
    def seed(self) -> int:
        return self.draft.seed or 0


class BadCursor(ValueError):
    """What was given as `before` is no cursor of a page."""


class Owned(Protocol):
    """A job, as far as a picture needs to know it."""

    @property
    def id(self) -> str: ...
    @property
    def subject_id(self) -> str: ...


class Gallery:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault) -> None:
        self._db = database
        self._rows = tables.Image
        self._doomed = tables.DoomedBlob
        self._vault = vault
        self._drafts: OrderedDict[str, Draft] = OrderedDict()

    def page(
        self, subject_id: str, *, before: str | None = None, limit: int = 48, words: str = ""
    ) -> tuple[tuple[Image, ...], str | None]:
        """Newest first, with every word in the prompt. `before` is the last page's cursor, or else BadCursor."""
        wanted = words.casefold().split()
        found: list[Any] = []
        for seen, row in enumerate(self._newest_first(subject_id, before), 1):
            if not wanted or self._matches(row, wanted):
                found.append(row)
            if len(found) > limit or seen == SEARCH_CAP:
                break
        more = len(found) > limit
        shown = tuple(self._image(row) for row in found[:limit])
        return shown, cursor_of(found[limit - 1]) if more else None

    def get(self, subject_id: str, image_id: str) -> Image:
        """Raises Missing, also when the picture is another's."""
        row = self._rows.get_or_none(self._rows.id == image_id, self._rows.subject_id == subject_id)
        if row is None:
            raise Missing(f"id: there is no picture {image_id!r} of yours")
        return self._image(row)

    def of_job(self, subject_id: str, job_id: str) -> tuple[Image, ...]:
        rows = self._rows.select().where(self._rows.job_id == job_id, self._rows.subject_id == subject_id)
        return tuple(self._image(row) for row in rows.order_by(self._rows.number))

    def bytes(self, subject_id: str, image_id: str, variant: str) -> bytes:
        """The decrypted file. Raises Missing when the picture is another's or has no such variant."""
        self.get(subject_id, image_id)
        return self._vault.get(subject_id, image_id, variant)

    def put_files(self, subject_id: str, image: NewImage) -> str:
        """Seals the files under a fresh id, before any row names them: a crash leaves orphans, never half a picture."""
        image_id = uuid.uuid4().hex
        for variant, data in image.files.items():
            self._vault.put(subject_id, image_id, variant, data)
        return image_id

    def add_row(self, image_id: str, job: Owned, draft: Draft, image: NewImage, now: datetime) -> None:
        """Called inside the transaction that ends the job."""
        subject_id = job.subject_id
        self._rows.insert(
            id=image_id,
            subject_id=subject_id,
            job_id=job.id,
            number=image.index,
            created_at=micros(now) + image.index,  # pictures of one job keep their order
            model=draft.model,
            width=image.width,
            height=image.height,
            native_width=image.native_width,
            native_height=image.native_height,
            size_bytes=len(image.files["full"]),
            draft=self._vault.seal_text(subject_id, image_id, "draft", json.dumps(draft.to_dict())),
            facts=self._vault.seal_text(subject_id, image_id, "facts", json.dumps(dict(image.facts))),
        ).execute()

    def delete(self, subject_id: str, ids: Sequence[str]) -> tuple[str, ...]:
        """Removes those that are the subject's; answers their ids. Rows and the doom of the files go together."""
        with self._db.atomic("IMMEDIATE"):
            mine = self._rows.select(self._rows.id).where(
                self._rows.id << list(ids), self._rows.subject_id == subject_id
            )
            gone = tuple(row.id for row in mine)
            names = [{"name": blob_name(image_id, variant)} for image_id in gone for variant in VARIANTS]
            for start in range(0, len(names), 400):
                self._doomed.insert_many(names[start : start + 400]).on_conflict_ignore().execute()
            self._rows.delete().where(self._rows.id << list(gone)).execute()
        for image_id in gone:
            self._drafts.pop(image_id, None)
        self.sweep_doomed()
        return gone

    def sweep_doomed(self) -> int:
        """Deletes the files whose rows are gone; what a crash interrupted goes on here."""
        names = [row.name for row in self._doomed.select()]
        for name in names:
            self._vault.blobs.delete(name)
            self._doomed.delete().where(self._doomed.name == name).execute()
        return len(names)

    def sweep_orphans(self) -> int:
        """Deletes files that no row names: those of a crash between writing and committing. Not while jobs end."""
        known = {blob_name(row.id, variant) for row in self._rows.select(self._rows.id) for variant in VARIANTS}
        orphans = [name for name in self._vault.blobs.names() if name not in known]
        for name in orphans:
            self._vault.blobs.delete(name)
        return len(orphans)

    def _newest_first(self, subject_id: str, before: str | None) -> Iterator[Any]:
        """Rows by keyset, in batches: the cost of a page does not grow with what lies behind it."""
        table = self._rows
        while True:
            query = table.select().where(table.subject_id == subject_id)
            if before is not None:
                at, image_id = read_cursor(before)
                older = (table.created_at < at) | ((table.created_at == at) & (table.id < image_id))
                query = query.where(table.created_at <= at, older)
            batch = list(query.order_by(table.created_at.desc(), table.id.desc()).limit(SEARCH_BATCH))
            yield from batch
            if len(batch) < SEARCH_BATCH:
                return
            before = cursor_of(batch[-1])

    def _matches(self, row: Any, wanted: Sequence[str]) -> bool:
        prompt = self._draft(row).prompt.casefold()
        return all(word in prompt for word in wanted)

    def _draft(self, row: Any) -> Draft:
        draft = self._drafts.get(row.id)
        if draft is None:
            text = self._vault.open_text(row.subject_id, row.id, "draft", bytes(row.draft))
            draft = self._drafts[row.id] = Draft.from_dict(json.loads(text))
            if len(self._drafts) > REMEMBERED_DRAFTS:
                self._drafts.popitem(last=False)
        return draft

    def _image(self, row: Any) -> Image:
        facts = json.loads(self._vault.open_text(row.subject_id, row.id, "facts", bytes(row.facts)))
        return Image(
            id=row.id,
            subject_id=row.subject_id,
            job_id=row.job_id,
            index=row.number,
            created_at=moment(row.created_at),
            model=row.model,
            width=row.width,
            height=row.height,
            native_width=row.native_width,
            native_height=row.native_height,
            size_bytes=row.size_bytes,
            draft=self._draft(row),
            facts=facts,
        )


def cursor_of(row: Any) -> str:
    return f"{row.created_at}-{row.id}"


def read_cursor(cursor: str) -> tuple[int, str]:
    at, _, image_id = cursor.partition("-")
    if not at.isdigit() or not image_id:
        raise BadCursor(f"before: {cursor!r} is not allowed. Expected the cursor that the page before gave.")
    return int(at), image_id

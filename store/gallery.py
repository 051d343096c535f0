"""What was made: rows that say whose and when, sealed settings, sealed files. Every read names its subject."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from peewee import Database, chunked

from policies.draft import Draft
from store.blobs import Missing, blob_name
from store.models import ContentTables
from store.moments import micros, moment
from store.search import ROWS_AT_ONCE, Place, Search, folded, places
from store.vault import Vault

VARIANTS = ("full", "native", "thumb256", "thumb512")

logger = logging.getLogger(__name__)


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
        self._jobs = tables.Job
        self._tables = tables
        self._doomed = tables.DoomedBlob
        self._parents = tables.ImageParent
        self._vault = vault
        self._search = Search(tables, vault)

    def page(
        self, subject_id: str, *, before: str | None = None, limit: int = 48, words: str = ""
    ) -> tuple[tuple[Image, ...], str | None]:
        """Newest first, with every word in the prompt. `before` is the last page's cursor, or else BadCursor.

        A search looks through CAP pictures at most: a page may be short and still have a cursor to go on from.
        """
        after = read_cursor(before) if before is not None else None
        wanted = folded(words).split()
        if wanted:
            found, after = self._search.find(subject_id, wanted, after, limit)
        else:
            ahead = places(self._rows, subject_id, after, limit + 1)
            found, after = ahead[:limit], ahead[limit - 1] if len(ahead) > limit else None
        return self._images(found), f"{after[0]}-{after[1]}" if after else None

    def get(self, subject_id: str, image_id: str) -> Image:
        """Raises Missing, also when the picture is another's."""
        row = self._rows.get_or_none(self._rows.id == image_id, self._rows.subject_id == subject_id)
        if row is None:
            raise Missing(f"id: there is no picture {image_id!r} of yours")
        return self._image(row)

    def of_job(self, subject_id: str, job_id: str) -> tuple[Image, ...]:
        rows = self._rows.select().where(self._rows.job_id == job_id, self._rows.subject_id == subject_id)
        return tuple(self._image(row) for row in rows.order_by(self._rows.number))

    def children(self, subject_id: str, image_id: str) -> tuple[Image, ...]:
        """Pictures that were made from it, oldest first; also when it is gone itself."""
        table, parents = self._rows, self._parents
        made = parents.select(parents.image_id).where(parents.parent_id == image_id, parents.subject_id == subject_id)
        rows = table.select().where(table.id << made, table.subject_id == subject_id).order_by(table.created_at)
        return tuple(self._image(row) for row in rows)

    def bytes(self, subject_id: str, image_id: str, variant: str) -> bytes:
        """The decrypted file. Raises Missing when the picture is another's or has no such variant."""
        self.get(subject_id, image_id)
        return self._vault.get(subject_id, image_id, variant)

    def put_files(self, subject_id: str, image: NewImage) -> str:
        """Seals the files under a fresh id, before any row names them: a crash leaves orphans, never half a picture."""
        image_id = uuid.uuid4().hex
        try:
            for variant, data in image.files.items():
                self._vault.put(subject_id, image_id, variant, data)
        except Exception:
            self.drop_files([image_id])
            raise
        return image_id

    def drop_files(self, image_ids: Iterable[str]) -> None:
        """Takes back what `put_files` wrote for a job that did not end well."""
        for image_id in image_ids:
            for variant in VARIANTS:
                self._vault.blobs.delete(blob_name(image_id, variant))

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
        parents = [{"image_id": image_id, "parent_id": one, "subject_id": subject_id} for one in draft.parents]
        if parents:
            self._parents.insert_many(parents).execute()

    def delete(self, subject_id: str, ids: Sequence[str]) -> tuple[str, ...]:
        """Removes those that are the subject's; answers their ids. Rows and the doom of the files go together.

        With its last picture a job's row goes too, because it keeps the prompt.
        """
        gone: list[str] = []
        with self._db.atomic("IMMEDIATE"):
            for some in chunked(ids, ROWS_AT_ONCE):
                gone += self._delete_rows(subject_id, some)
        for image_id in gone:
            self._search.forget(image_id)
        try:
            self.sweep_doomed()
        except Exception:
            # They are gone for everybody already; their sealed files go with the next sweep.
            logger.exception("files of deleted pictures stay for now")
        return tuple(gone)

    def sweep_doomed(self) -> int:
        """Deletes the files whose rows are gone; what a crash interrupted goes on here."""
        names = [name for (name,) in self._doomed.select(self._doomed.name).tuples()]
        for some in chunked(names, ROWS_AT_ONCE):
            for name in some:
                self._vault.blobs.delete(name)
            self._doomed.delete().where(self._doomed.name << some).execute()
        return len(names)

    def sweep_orphans(self, others: Collection[str] = ()) -> int:
        """Deletes files that no row names, here or among the `others`: those of a crash between writing and committing.

        Not while jobs end.
        """
        ids = self._rows.select(self._rows.id).tuples()
        known = {blob_name(image_id, variant) for (image_id,) in ids for variant in VARIANTS}.union(others)
        orphans = [name for name in self._vault.blobs.names() if name not in known]
        for name in orphans:
            self._vault.blobs.delete(name)
        return len(orphans) + self._vault.blobs.clear_unfinished()

    def _delete_rows(self, subject_id: str, ids: Sequence[str]) -> list[str]:
        table, jobs = self._rows, self._jobs
        mine = table.select(table.id, table.job_id).where(table.id << ids, table.subject_id == subject_id)
        found = list(mine.tuples())
        if not found:
            return []
        gone = [image_id for image_id, _ in found]
        names = [{"name": blob_name(image_id, variant)} for image_id in gone for variant in VARIANTS]
        self._doomed.insert_many(names).on_conflict_ignore().execute()
        table.delete().where(table.id << gone).execute()
        self._parents.delete().where(self._parents.image_id << gone).execute()
        job_ids = {job_id for _, job_id in found}
        left = table.select(table.job_id).where(table.job_id << job_ids)
        jobs.delete().where(jobs.id << job_ids, jobs.id.not_in(left)).execute()
        self._end_series(job_ids)
        return gone

    def _end_series(self, job_ids: set[str]) -> None:
        """A series keeps the prompt as well: with its last job it goes."""
        series, members, jobs = self._tables.Series, self._tables.SeriesJob, self._jobs
        gone = members.job_id << job_ids, members.job_id.not_in(jobs.select(jobs.id).where(jobs.id << job_ids))
        touched = [series_id for (series_id,) in members.select(members.series_id).where(*gone).distinct().tuples()]
        if touched:
            members.delete().where(*gone).execute()
            left = members.select(members.series_id).where(members.series_id << touched)
            series.delete().where(series.id << touched, series.id.not_in(left)).execute()

    def _images(self, found: Sequence[Place]) -> tuple[Image, ...]:
        table = self._rows
        rows = table.select().where(table.id << [image_id for _, image_id in found])
        return tuple(self._image(row) for row in rows.order_by(table.created_at.desc(), table.id.desc()))

    def _image(self, row: Any) -> Image:
        draft, facts = (
            json.loads(self._vault.open_text(row.subject_id, row.id, field, bytes(sealed)))
            for field, sealed in (("draft", row.draft), ("facts", row.facts))
        )
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
            draft=Draft.from_dict(draft),
            facts=facts,
        )


def read_cursor(cursor: str) -> Place:
    at, _, image_id = cursor.partition("-")
    if not at.isdigit() or not image_id:
        raise BadCursor(f"before: {cursor!r} is not allowed. Expected the cursor that the page before gave.")
    return int(at), image_id

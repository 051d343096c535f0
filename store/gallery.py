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
from store.checks import Checks, NewCheck
from store.models import ContentTables
from store.moments import micros, moment
from store.search import EVERYTHING, ROWS_AT_ONCE, Listing, Place, Search, read_cursor
from store.tags import Tags
from store.vault import Vault
from store.withdrawing import withdraw_of_images

VARIANTS = ("full", "native", "thumb256", "thumb512", "preview")

Data = bytes  # by another name, because a method below is called bytes

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewImage:
    """A picture about to be kept. `files` maps a variant to its bytes; "full" is always there.

    `check` is what the scan found, None where nobody scanned.
    """

    index: int
    seed: int
    width: int
    height: int
    native_width: int = 0
    native_height: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    fingerprint: str | None = None
    check: NewCheck | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """`draft` is the job's, with this picture's own seed and a count of 1. `native_width` 0: nothing was enlarged.

    `kind` is the draft's, or "imported": then `draft` holds what the file said, with an empty model if it said nothing.
    """

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
    kind: str = "text_to_image"
    starred: bool = False
    board_id: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def seed(self) -> int:
        return self.draft.seed or 0


class Owned(Protocol):
    """A job, as far as a picture needs to know it."""

    @property
    def id(self) -> str: ...
    @property
    def subject_id(self) -> str: ...


class Gallery:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault, checks: Checks) -> None:
        self._db = database
        self._checks = checks
        self._rows = tables.Image
        self._jobs = tables.Job
        self._tables = tables
        self._doomed = tables.DoomedBlob
        self._parents = tables.ImageParent
        self._vault = vault
        self._discarded = tables.Discarded
        self._search = Search(database, tables, vault)
        self._tags = Tags(database, tables, vault)

    def page(
        self, subject_id: str, listing: Listing = EVERYTHING, *, before: str | None = None, limit: int = 48
    ) -> tuple[tuple[Image, ...], str | None]:
        """The listing's next pictures. `before` is the last page's cursor, or else BadCursor.

        A search looks into a bounded number of pictures: a page may be short and still have a cursor to go on from.
        """
        after = read_cursor(before, listing) if before is not None else None
        found, after = self._search.find(subject_id, listing, after, limit)
        return self._images(subject_id, [place[-1] for place in found]), "-".join(map(str, after)) if after else None

    def ids(self, subject_id: str, listing: Listing = EVERYTHING, *, most: int) -> list[str]:
        """The first `most` of the listing."""
        found: list[str] = []
        after: Place | None = None
        while len(found) < most:
            places, after = self._search.find(subject_id, listing, after, min(most - len(found), 5000))
            found += [place[-1] for place in places]
            if after is None:
                break
        return found

    def owned(self, subject_id: str, ids: Sequence[str]) -> list[str]:
        """Those that are the subject's, in the order they were given and once each."""
        mine: set[str] = set()
        for some in chunked(ids, ROWS_AT_ONCE):
            rows = self._rows.select(self._rows.id, self._rows.subject_id).where(self._rows.id << some)
            mine.update(image_id for image_id, owner in rows.tuples() if owner == subject_id)
        return [image_id for image_id in dict.fromkeys(ids) if image_id in mine]

    def some(self, subject_id: str, ids: Sequence[str]) -> tuple[Image, ...]:
        """Those that are the subject's, in the order of the ids."""
        return self._images(subject_id, ids)

    def around(self, subject_id: str, image_id: str, listing: Listing) -> tuple[str | None, str | None]:
        """Ids of the pictures before and after it in the listing. Raises Missing when it is another's."""
        here = self._search.place(subject_id, listing.order, image_id)
        if here is None:
            raise missing(image_id)
        before, after = (self._search.find(subject_id, listing, here, 1, back=back)[0] for back in (True, False))
        return before[0][-1] if before else None, after[0][-1] if after else None

    def get(self, subject_id: str, image_id: str) -> Image:
        """Raises Missing, also when the picture is another's."""
        found = self._opened(subject_id, self._mine(subject_id).where(self._rows.id == image_id))
        if not found:
            raise missing(image_id)
        return found[0]

    def require(self, subject_id: str, image_id: str) -> None:
        """Raises as `get` does, and opens nothing."""
        if not self._mine(subject_id).where(self._rows.id == image_id).exists():
            raise missing(image_id)

    def of_job(self, subject_id: str, job_id: str) -> tuple[Image, ...]:
        rows = self._mine(subject_id).where(self._rows.job_id == job_id)
        return self._opened(subject_id, rows.order_by(self._rows.number))

    def with_fingerprint(self, subject_id: str, fingerprint: str) -> str | None:
        """The id of the picture that was brought with these very bytes."""
        row = self._mine(subject_id).where(self._rows.fingerprint == fingerprint).first()
        return row.id if row else None

    def children(self, subject_id: str, image_id: str) -> tuple[Image, ...]:
        """Pictures that were made from it, oldest first; also when it is gone itself."""
        table, parents = self._rows, self._parents
        made = parents.select(parents.image_id).where(parents.parent_id == image_id, parents.subject_id == subject_id)
        return self._opened(subject_id, self._mine(subject_id).where(table.id << made).order_by(table.created_at))

    def bytes(self, subject_id: str, image_id: str, variant: str) -> bytes:
        """The decrypted file. Raises Missing when the picture is another's or has no such variant."""
        self.require(subject_id, image_id)
        return self._vault.get(subject_id, image_id, variant)

    def put_variant(self, subject_id: str, image_id: str, variant: str, data: Data) -> None:
        """A file that was lost or never made. One that was deleted meanwhile leaves nothing."""
        self._vault.put(subject_id, image_id, variant, data)
        try:
            self.require(subject_id, image_id)
        except Missing:
            self._vault.blobs.delete(blob_name(image_id, variant))
            raise

    def star(self, subject_id: str, ids: Sequence[str], value: bool) -> tuple[str, ...]:
        """Those that changed. Ids that are not theirs are passed over."""
        changed: list[str] = []
        with self._db.atomic("IMMEDIATE"):
            for some in chunked(ids, ROWS_AT_ONCE):
                others = self._mine(subject_id).where(self._rows.id << some, self._rows.starred != int(value))
                found = [row.id for row in others]
                self._rows.update(starred=int(value)).where(self._rows.id << found).execute()
                changed += found
        return tuple(changed)

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

    def add_row(
        self, image_id: str, job: Owned, draft: Draft, image: NewImage, now: datetime, kind: str | None = None
    ) -> None:
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
            kind=kind or draft.kind,
            fingerprint=image.fingerprint,
        ).execute()
        parents = [{"image_id": image_id, "parent_id": one, "subject_id": subject_id} for one in draft.parents]
        if parents:
            self._parents.insert_many(parents).execute()
        if image.check is not None:
            self._checks.add(image_id, subject_id, draft.model, image.check, now)

    def keep(self, owner: Owned, draft: Draft, image: NewImage, now: datetime) -> str:
        """A picture that no job made: files first, then its row. Answers its id."""
        image_id = self.put_files(owner.subject_id, image)
        try:
            self.add_row(image_id, owner, draft, image, now, "imported")
        except Exception:
            self.drop_files([image_id])
            raise
        return image_id

    def some_of(self, subject_id: str, limit: int, before: datetime | None = None) -> tuple[str, ...]:
        """Some pictures of the subject, the oldest first, those set aside too; or those made before a moment."""
        mine = self._rows.subject_id == subject_id
        if before is not None:
            mine &= self._rows.created_at < micros(before)
        rows = self._rows.select(self._rows.id).where(mine).order_by(self._rows.created_at).limit(limit)
        found = [image_id for (image_id,) in rows.tuples()]
        if before is None and len(found) < limit:
            aside = self._discarded.select(self._discarded.id).where(self._discarded.subject_id == subject_id)
            found += [image_id for (image_id,) in aside.limit(limit - len(found)).tuples()]
        return tuple(found)

    def delete(self, subject_id: str, ids: Sequence[str]) -> tuple[str, ...]:
        """Removes those that are the subject's; answers their ids. Rows and the doom of the files go together,
        public links and their copies with them.

        With its last picture a job's row goes too, because it keeps the prompt.
        """
        gone: list[str] = []
        with self._db.atomic("IMMEDIATE"):
            for some in chunked(ids, ROWS_AT_ONCE):
                gone += self._delete_rows(subject_id, some)
        self.forget(gone)
        try:
            self.sweep_doomed()
        except Exception:
            # They are gone for everybody already; their sealed files go with the next sweep.
            logger.exception("files of deleted pictures stay for now")
        return tuple(gone)

    def forget(self, ids: Iterable[str]) -> None:
        """Nothing that was opened of these stays in memory."""
        for image_id in ids:
            self._search.forget(image_id)

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
        ids = [*self._rows.select(self._rows.id).tuples(), *self._discarded.select(self._discarded.id).tuples()]
        known = {blob_name(image_id, variant) for (image_id,) in ids for variant in VARIANTS}.union(others)
        orphans = [name for name in self._vault.blobs.names() if name not in known]
        for name in orphans:
            self._vault.blobs.delete(name)
        return len(orphans) + self._vault.blobs.clear_unfinished()

    def _delete_rows(self, subject_id: str, ids: Sequence[str]) -> list[str]:
        """Those in the gallery and those set aside alike."""
        found: list[tuple[str, str]] = []
        for table in (self._rows, self._discarded):
            mine = table.select(table.id, table.job_id).where(table.id << ids, table.subject_id == subject_id)
            found += list(mine.tuples())
        if not found:
            return []
        gone = [image_id for image_id, _ in found]
        names = [{"name": blob_name(image_id, variant)} for image_id in gone for variant in VARIANTS]
        self._doomed.insert_many(names).on_conflict_ignore().execute()
        self._tags.forget(gone)
        self._parents.delete().where(self._parents.image_id << gone).execute()
        withdraw_of_images(self._tables, gone)
        self._tables.Check.delete().where(self._tables.Check.image_id << gone).execute()
        job_ids = {job_id for _, job_id in found}
        left = self._jobs.id << job_ids
        for table in (self._rows, self._discarded):
            table.delete().where(table.id << gone).execute()
            left &= self._jobs.id.not_in(table.select(table.job_id).where(table.job_id << job_ids))
        self._jobs.delete().where(left).execute()
        self.end_series(job_ids)
        return gone

    def end_series(self, job_ids: set[str]) -> None:
        """Called when these jobs may be gone, inside that transaction. A series keeps the prompt as well: with its last
        job it goes."""
        series, members, jobs = self._tables.Series, self._tables.SeriesJob, self._jobs
        gone = members.job_id << job_ids, members.job_id.not_in(jobs.select(jobs.id).where(jobs.id << job_ids))
        touched = [series_id for (series_id,) in members.select(members.series_id).where(*gone).distinct().tuples()]
        if touched:
            members.delete().where(*gone).execute()
            left = members.select(members.series_id).where(members.series_id << touched)
            series.delete().where(series.id << touched, series.id.not_in(left)).execute()

    def _mine(self, subject_id: str) -> Any:
        return self._rows.select().where(self._rows.subject_id == subject_id)

    def _images(self, subject_id: str, ids: Sequence[str]) -> tuple[Image, ...]:
        """In the order of the ids; one that was deleted a moment ago is left out."""
        # By their ids alone: asked for the owner too, SQLite would walk through everything that is the owner's.
        rows = self._rows.select().where(self._rows.id << list(ids))
        found = {image.id: image for image in self._opened(subject_id, rows)}
        return tuple(found[image_id] for image_id in ids if image_id in found)

    def _opened(self, subject_id: str, query: Any) -> tuple[Image, ...]:
        rows = [row for row in query if row.subject_id == subject_id]
        tags = self._tags.of(subject_id, [row.id for row in rows])
        return tuple(self._image(row, tags.get(row.id, ())) for row in rows)

    def _image(self, row: Any, tags: tuple[str, ...]) -> Image:
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
            kind=row.kind,
            starred=bool(row.starred),
            board_id=row.board_id,
            tags=tags,
        )


def missing(image_id: str) -> Missing:
    return Missing(f"id: there is no picture {image_id!r} of yours")

"""Tags: sealed words that a person puts on pictures. Each word is one row, however often it is used."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Database, chunked, fn

from policies.search import folded
from store.blobs import Missing
from store.models import ContentTables
from store.vault import Vault

ROWS_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Tag:
    id: str
    name: str
    pictures: int


class Tags:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault) -> None:
        self._db = database
        self._rows = tables.Tag
        self._uses = tables.ImageTag
        self._images = tables.Image
        self._vault = vault

    def all(self, subject_id: str) -> tuple[Tag, ...]:
        """Those in use, by name."""
        counts = (
            self._uses.select(self._uses.tag_id, fn.COUNT(self._uses.image_id))
            .join(self._images, on=self._images.id == self._uses.image_id)
            .where(self._uses.subject_id == subject_id)
            .group_by(self._uses.tag_id)
        )
        used = dict(counts.tuples())
        tags = [Tag(row.id, self._name(row), used[row.id]) for row in self._mine(subject_id) if row.id in used]
        return tuple(sorted(tags, key=lambda tag: (folded(tag.name), tag.id)))

    def named(self, subject_id: str, name: str) -> tuple[str, ...]:
        """Ids of the tags of that name, however it is written."""
        wanted = folded(name)
        return tuple(row.id for row in self._mine(subject_id) if folded(self._name(row)) == wanted)

    def count(self, subject_id: str) -> int:
        return int(self._mine(subject_id).count())

    def of(self, subject_id: str, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The names on each of these pictures; a picture without any is left out."""
        uses = (
            self._uses.select(self._uses.image_id, self._rows)
            .join(self._rows, on=self._rows.id == self._uses.tag_id)
            .where(self._uses.image_id << list(ids))  # by their ids alone: see the gallery
        )
        found: dict[str, list[str]] = {}
        opened: dict[str, str] = {}
        for image_id, tag_id, owner, sealed in uses.tuples():
            if owner != subject_id:
                continue
            if tag_id not in opened:
                opened[tag_id] = self._vault.open_text(owner, tag_id, "name", bytes(sealed))
            found.setdefault(image_id, []).append(opened[tag_id])
        return {image_id: tuple(sorted(names, key=folded)) for image_id, names in found.items()}

    def put(self, subject_id: str, ids: Sequence[str], name: str) -> tuple[str, ...]:
        """Those that did not have it. The first use of a name keeps its spelling; ids of others are passed over."""
        changed: list[str] = []
        with self._db.atomic("IMMEDIATE"):
            known = self.named(subject_id, name)
            tag_id = known[0] if known else self._add(subject_id, name)
            for some in chunked(ids, ROWS_AT_ONCE):
                with_it = self._uses.select(self._uses.image_id).where(self._uses.tag_id == tag_id)
                mine = self._images.select(self._images.id).where(
                    self._images.id << some,
                    self._images.subject_id == subject_id,
                    self._images.id.not_in(with_it),
                )
                fresh = [image_id for (image_id,) in mine.tuples()]
                uses = [{"tag_id": tag_id, "image_id": image_id, "subject_id": subject_id} for image_id in fresh]
                if uses:
                    self._uses.insert_many(uses).execute()
                changed += fresh
        return tuple(changed)

    def take(self, subject_id: str, ids: Sequence[str], name: str) -> tuple[str, ...]:
        """Those that had it. A tag that is on nothing any more goes."""
        changed: list[str] = []
        with self._db.atomic("IMMEDIATE"):
            for tag_id in self.named(subject_id, name):
                for some in chunked(ids, ROWS_AT_ONCE):
                    here = (self._uses.tag_id == tag_id) & (self._uses.image_id << some)
                    had = self._uses.select(self._uses.image_id).where(here)
                    changed += [image_id for (image_id,) in had.tuples()]
                    self._uses.delete().where(here).execute()
                if not self._uses.select().where(self._uses.tag_id == tag_id).exists():
                    self._rows.delete().where(self._rows.id == tag_id).execute()
        return tuple(changed)

    def get(self, subject_id: str, tag_id: str) -> Tag:
        """Raises Missing, also when it is another's."""
        row = self._mine(subject_id).where(self._rows.id == tag_id).first()
        if row is None:
            raise Missing(f"id: there is no tag {tag_id!r} of yours")
        uses = self._uses.select().join(self._images, on=self._images.id == self._uses.image_id)
        return Tag(row.id, self._name(row), uses.where(self._uses.tag_id == tag_id).count())

    def rename(self, subject_id: str, tag_id: str, name: str) -> Tag:
        """Wherever it is. Raises Missing."""
        self.get(subject_id, tag_id)
        sealed = self._vault.seal_text(subject_id, tag_id, "name", name)
        self._rows.update(name=sealed).where(self._rows.id == tag_id).execute()
        return self.get(subject_id, tag_id)

    def merge(self, subject_id: str, tag_id: str, into: str) -> Tag:
        """What had the one has the other, once, and the one is gone. Raises Missing for either."""
        with self._db.atomic("IMMEDIATE"):
            self.get(subject_id, tag_id)
            self.get(subject_id, into)
            had = self._uses.select(self._uses.image_id).where(self._uses.tag_id == into)
            moving = (self._uses.tag_id == tag_id) & self._uses.image_id.not_in(had)
            fresh = [image_id for (image_id,) in self._uses.select(self._uses.image_id).where(moving).tuples()]
            for some in chunked(fresh, ROWS_AT_ONCE):
                uses = [{"tag_id": into, "image_id": image_id, "subject_id": subject_id} for image_id in some]
                self._uses.insert_many(uses).execute()
            self._drop(tag_id)
        return self.get(subject_id, into)

    def delete(self, subject_id: str, tag_id: str) -> int:
        """The pictures stay. Answers on how many it was. Raises Missing."""
        with self._db.atomic("IMMEDIATE"):
            tag = self.get(subject_id, tag_id)
            self._drop(tag_id)
        return tag.pictures

    def forget(self, ids: Sequence[str]) -> None:
        """Called when these pictures are gone for good, inside that transaction."""
        lost = self._uses.select(self._uses.tag_id).where(self._uses.image_id << ids)
        tag_ids = [tag_id for (tag_id,) in lost.tuples()]
        self._uses.delete().where(self._uses.image_id << ids).execute()
        left = self._uses.select(self._uses.tag_id)
        self._rows.delete().where(self._rows.id << tag_ids, self._rows.id.not_in(left)).execute()

    def _drop(self, tag_id: str) -> None:
        self._uses.delete().where(self._uses.tag_id == tag_id).execute()
        self._rows.delete().where(self._rows.id == tag_id).execute()

    def _mine(self, subject_id: str) -> Any:
        return self._rows.select().where(self._rows.subject_id == subject_id)

    def _name(self, row: Any) -> str:
        return self._vault.open_text(row.subject_id, row.id, "name", bytes(row.name))

    def _add(self, subject_id: str, name: str) -> str:
        tag_id = uuid.uuid4().hex
        sealed = self._vault.seal_text(subject_id, tag_id, "name", name)
        self._rows.insert(id=tag_id, subject_id=subject_id, name=sealed).execute()
        return tag_id

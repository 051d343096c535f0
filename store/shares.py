"""Public links and their own copies of what they show. Every owner's call names its subject; visitors bring a token.

The copies are sealed under the subject's public key, apart from everything private: destroying that key takes every
public copy at once, and no private file can be read with it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import Database, Tuple, fn

from store.blobs import Missing
from store.models import ContentTables
from store.moments import micros, moment, moment_or_none
from store.subjects import digest
from store.vault import Vault
from store.withdrawing import VARIANTS, file_names, variant_of, withdraw

__all__ = ["VARIANTS", "NewShare", "Share", "Shares", "Withdrawn", "hash_password", "password_fits"]

PAGE = 48

Place = tuple[int, str]  # of a link among all, by its moment and its id


class Withdrawn(Exception):
    """The link was there once and is no more: taken back, expired, or its picture was deleted."""


@dataclass(frozen=True, slots=True)
class NewShare:
    """`card` is what the page says, as plain JSON values; `files` maps a variant to its bytes. `id` is a new one.

    Of a notebook `pictures` maps the number of each picture on the page to its id and its files, `image_id` is empty.
    """

    id: str
    image_id: str
    card: Mapping[str, Any]
    files: Mapping[str, bytes]
    notebook_id: str | None = None
    pictures: Mapping[int, tuple[str, Mapping[str, bytes]]] = field(default_factory=dict)
    listed: bool = False
    expires_at: datetime | None = None
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """`card["token"]` is the link's secret; only its hash stands in the open.

    `pictures` are the numbers and ids of those of a notebook that are still there.
    """

    id: str
    subject_id: str
    image_id: str
    notebook_id: str | None
    pictures: Mapping[int, str]
    created_at: datetime
    expires_at: datetime | None
    listed: bool
    views: int
    password_hash: str | None
    card: Mapping[str, Any]

    @property
    def token(self) -> str:
        return str(self.card["token"])


class Shares:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault) -> None:
        self._db = database
        self._rows = tables.Share
        self._copies = tables.SharePicture
        self._images = tables.Image
        self._notebooks = tables.Notebook
        self._reports = tables.Report
        self._tables = tables
        self._vault = vault

    def publish(self, subject_id: str, new: NewShare, now: datetime) -> Share:
        """Files first, then the row: a crash leaves orphans, never a link to half a picture."""
        share_id, token = new.id, secrets.token_urlsafe(16)  # 128 bits
        try:
            for variant, data in files_of(new):
                self._vault.put(subject_id, share_id, variant, data, key="public")
            copies = [
                {"share_id": share_id, "number": number, "image_id": image_id, "subject_id": subject_id}
                for number, (image_id, _) in new.pictures.items()
            ]
            card = json.dumps({**new.card, "token": token})
            with self._db.atomic("IMMEDIATE"):
                self._rows.create(
                    id=share_id,
                    token_hash=digest(token),
                    subject_id=subject_id,
                    image_id=new.image_id,
                    notebook_id=new.notebook_id,
                    state="live",
                    created_at=micros(now),
                    expires_at=micros(new.expires_at) if new.expires_at else None,
                    listed=int(new.listed),
                    password_hash=new.password_hash,
                    card=self._vault.seal_text(subject_id, share_id, "card", card, key="public"),
                )
                if copies:
                    self._copies.insert_many(copies).execute()
        except Exception:
            for name in file_names(share_id, (None, *new.pictures)):
                self._vault.blobs.delete(name)
            raise
        return self.get(subject_id, share_id, now)

    def of_subject(self, subject_id: str, now: datetime) -> tuple[Share, ...]:
        """What is public now, newest first."""
        rows = self._live(now).where(self._rows.subject_id == subject_id)
        return tuple(self._share(row) for row in rows.order_by(self._rows.created_at.desc()))

    def get(self, subject_id: str, share_id: str, now: datetime) -> Share:
        """Raises Missing, also when the link is another's."""
        row = self._live(now).where(self._rows.id == share_id, self._rows.subject_id == subject_id).first()
        if row is None:
            raise Missing(f"id: there is no link {share_id!r} of yours")
        return self._share(row)

    def lives(self, share_id: str, now: datetime) -> bool:
        """Whether it is public now, whoever it belongs to; opens nothing."""
        return bool(self._live(now).where(self._rows.id == share_id).exists())

    def by_token(self, token: str, now: datetime) -> Share:
        """For visitors. Raises Missing when it never was, Withdrawn when it is no more."""
        this = self._rows.token_hash == digest(token)
        row = self._live(now).where(this).first()
        if row is not None:
            return self._share(row)
        if self._rows.select().where(this).exists():
            raise Withdrawn("this link was taken back or has expired")
        raise Missing("there is no such link")

    def listed(
        self, now: datetime, before: Place | None = None, limit: int = PAGE
    ) -> tuple[tuple[Share, ...], Place | None]:
        """Those whose owners put them on the public gallery page, newest first, and where the next page begins."""
        table = self._rows
        rows = self._live(now).where(table.listed == 1, table.password_hash.is_null())
        if before is not None:
            rows = rows.where(Tuple(table.created_at, table.id) < Tuple(*before))
        found = list(rows.order_by(table.created_at.desc(), table.id.desc()).limit(limit + 1))
        shown = found[:limit]
        end = (shown[-1].created_at, shown[-1].id) if len(found) > limit else None
        return tuple(self._share(row) for row in shown), end

    def file(self, share: Share, variant: str) -> bytes:
        """Raises Missing for a variant that it does not have."""
        return self._vault.get(share.subject_id, share.id, self.variant(share, variant), key="public")

    def variant(self, share: Share, asked: str) -> str:
        """Which file that is: of a notebook `image-3` is its third picture, `image` the first that is there.

        Raises Missing.
        """
        kind, dash, number = asked.partition("-")
        known = kind in VARIANTS
        if known and share.notebook_id is None and not dash:
            return kind
        chosen = next((place for place in share.pictures if number in ("", str(place))), None)
        if known and share.notebook_id is not None and chosen is not None:
            return variant_of(kind, chosen)
        raise Missing(f"file: there is no public file {asked!r}")

    def count_view(self, share: Share) -> None:
        """A number and nothing else: not who, not when, not from where."""
        self._rows.update(views=self._rows.views + 1).where(self._rows.id == share.id).execute()

    def renew(
        self, share: Share, files: Mapping[int | None, Mapping[str, bytes]], card: Mapping[str, Any], now: datetime
    ) -> None:
        """Other bytes and other words under the same link. `files` by the number of a picture, None for the only one.

        What was taken back meanwhile stays gone.
        """
        for number, copies in files.items():
            for variant, data in copies.items():
                self._vault.put(share.subject_id, share.id, variant_of(variant, number), data, key="public")
        sealed = self._vault.seal_text(
            share.subject_id, share.id, "card", json.dumps({**card, "token": share.token}), key="public"
        )
        with self._db.atomic("IMMEDIATE"):
            there = self._live(now).where(self._rows.id == share.id).first()
            if there is not None:
                self._rows.update(card=sealed).where(self._rows.id == share.id).execute()
            left = {None, *self._pictures(there)} if there is not None else set()
        for name in file_names(share.id, set(files) - left):
            self._vault.blobs.delete(name)

    def each(self, now: datetime) -> Iterator[Share]:
        """Everything that is public, whoever it belongs to."""
        for (share_id,) in self._live(now).select(self._rows.id).tuples():
            row = self._live(now).where(self._rows.id == share_id).first()
            if row is not None:
                yield self._share(row)

    def withdraw(self, subject_id: str, share_id: str, now: datetime) -> None:
        """Row and doom of the files in one transaction. Raises Missing when the link is another's."""
        with self._db.atomic("IMMEDIATE"):
            share = self.get(subject_id, share_id, now)
            withdraw(self._tables, [share.id])

    def withdraw_all(self, subject_id: str) -> int:
        """Every link of the subject, without opening one. Answers how many were live."""
        ids = self._live_ids(subject_id)
        with self._db.atomic("IMMEDIATE"):
            withdraw(self._tables, ids)
        return len(ids)

    def files_of(self, subject_id: str) -> list[str]:
        """Names of the files of the subject's live links."""
        return [name for share_id in self._live_ids(subject_id) for name in self._names(share_id)]

    def withdraw_expired(self, now: datetime) -> int:
        """Links whose time is over: their copies go too. Answers how many."""
        over = (self._rows.state == "live") & (self._rows.expires_at <= micros(now))
        ids = [row.id for row in self._rows.select(self._rows.id).where(over)]
        with self._db.atomic("IMMEDIATE"):
            withdraw(self._tables, ids)
        return len(ids)

    def report(self, share: Share, reason: str, note: str, now: datetime) -> str:
        """Keeps what a visitor says about a page for the moderators. Answers its id."""
        report_id = uuid.uuid4().hex
        sealed = self._vault.seal_text(share.subject_id, report_id, "note", note, key="public") if note else None
        self._reports.create(
            id=report_id,
            share_id=share.id,
            subject_id=share.subject_id,
            created_at=micros(now),
            reason=reason,
            note=sealed,
            state="open",
        )
        return report_id

    def secret(self, share: Share) -> bytes:
        """A key of this link alone, for passes that open what its password guards."""
        return self._vault.keys.of(share.subject_id, "public").derive(b"pass", share.id.encode())

    def names(self) -> set[str]:
        """Names of the files of all live links."""
        ids = self._rows.select(self._rows.id).where(self._rows.state == "live").tuples()
        return {name for (share_id,) in ids for name in self._names(share_id)}

    def _names(self, share_id: str) -> list[str]:
        copies = self._copies.select(self._copies.number).where(self._copies.share_id == share_id).tuples()
        return file_names(share_id, (None, *(number for (number,) in copies)))

    def _live_ids(self, subject_id: str) -> list[str]:
        mine = (self._rows.subject_id == subject_id) & (self._rows.state == "live")
        return [row.id for row in self._rows.select(self._rows.id).where(mine)]

    def _live(self, now: datetime) -> Any:
        """A link lives as long as its picture or its notebook: whatever deletes the one ends the other."""
        table, books = self._rows, self._notebooks
        picture = self._images.select(self._images.id).where(self._images.id == table.image_id)
        book = books.select(books.id).where(books.id == table.notebook_id, books.deleted_at.is_null())
        in_time = table.expires_at.is_null() | (table.expires_at > micros(now))
        return table.select().where(table.state == "live", in_time, fn.EXISTS(picture) | fn.EXISTS(book))

    def _pictures(self, row: Any) -> dict[int, str]:
        """Those of a notebook that are in the gallery, by their place on the page."""
        if row.notebook_id is None:
            return {}
        copies, images = self._copies, self._images
        there = copies.select(copies.number, copies.image_id).join(images, on=(images.id == copies.image_id))
        return dict(there.where(copies.share_id == row.id).order_by(copies.number).tuples())

    def _share(self, row: Any) -> Share:
        card = self._vault.open_text(row.subject_id, row.id, "card", bytes(row.card), key="public")
        return Share(
            id=row.id,
            subject_id=row.subject_id,
            image_id=row.image_id,
            notebook_id=row.notebook_id,
            pictures=self._pictures(row),
            created_at=moment(row.created_at),
            expires_at=moment_or_none(row.expires_at),
            listed=bool(row.listed),
            views=row.views,
            password_hash=row.password_hash,
            card=json.loads(card),
        )


def files_of(new: NewShare) -> Iterator[tuple[str, bytes]]:
    """Every file of the link with the name of its variant."""
    yield from new.files.items()
    for number, (_, files) in new.pictures.items():
        yield from ((variant_of(variant, number), data) for variant, data in files.items())


def hash_password(password: str) -> str:
    """scrypt with a salt of its own; 16 MiB and a tenth of a second for each guess."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}:{stretched(password, salt).hex()}"


def password_fits(password: str, hashed: str) -> bool:
    salt, _, wanted = hashed.partition(":")
    return secrets.compare_digest(stretched(password, bytes.fromhex(salt)).hex(), wanted)


def stretched(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, maxmem=64 * 2**20)

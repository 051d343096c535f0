"""How public links end, inside the transactions of others: the link says "gone", its copies are doomed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from peewee import chunked

from store.blobs import blob_name
from store.models import ContentTables
from store.search import ROWS_AT_ONCE

VARIANTS = ("image", "preview", "thumb")


def variant_of(variant: str, number: int | None = None) -> str:
    """What the file of a link is called: that of its one picture, or of a numbered one of a notebook."""
    return variant if number is None else f"{variant}-{number}"


def file_names(share_id: str, numbers: Iterable[int | None] = (None,)) -> list[str]:
    return [blob_name(share_id, variant_of(variant, number)) for number in numbers for variant in VARIANTS]


def withdraw(tables: ContentTables, share_ids: Sequence[str]) -> None:
    """The links end, nothing of their pages stays, and their files are doomed."""
    shares, pictures = tables.Share, tables.SharePicture
    for some in chunked(share_ids, ROWS_AT_ONCE // len(VARIANTS)):
        gone = {"state": "withdrawn", "card": None, "password_hash": None, "listed": 0, "image_id": ""}
        shares.update(gone | {"notebook_id": None}).where(shares.id << some).execute()
        names = [name for share_id in some for name in file_names(share_id)]
        copies = pictures.select(pictures.share_id, pictures.number).where(pictures.share_id << some)
        names += [name for share_id, number in copies.tuples() for name in file_names(share_id, (number,))]
        pictures.delete().where(pictures.share_id << some).execute()
        doom(tables, names)


def withdraw_of_images(tables: ContentTables, image_ids: Sequence[str]) -> None:
    """The pictures are deleted: their own links go with them, and their copies in published notebooks."""
    shares, pictures = tables.Share, tables.SharePicture
    rows = shares.select(shares.id).where(shares.image_id << image_ids, shares.state == "live")
    withdraw(tables, [row.id for row in rows])
    copies = pictures.select(pictures.share_id, pictures.number).where(pictures.image_id << image_ids)
    doom(tables, [name for share_id, number in copies.tuples() for name in file_names(share_id, (number,))])
    pictures.delete().where(pictures.image_id << image_ids).execute()


def withdraw_of_notebooks(tables: ContentTables, notebook_ids: Sequence[str]) -> None:
    shares = tables.Share
    rows = shares.select(shares.id).where(shares.notebook_id << list(notebook_ids), shares.state == "live")
    withdraw(tables, [row.id for row in rows])


def doom(tables: ContentTables, names: Sequence[str]) -> None:
    for some in chunked(names, ROWS_AT_ONCE):
        tables.DoomedBlob.insert_many([{"name": name} for name in some]).on_conflict_ignore().execute()

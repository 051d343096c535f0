"""Boards: named places for pictures. A picture is on one board or on none; titles are sealed. Knows no files."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Database, chunked, fn

from policies.search import folded
from store.blobs import Missing
from store.models import ContentTables
from store.moments import micros, moment
from store.vault import Vault

ROWS_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Board:
    """`cover_id` is the picture that was chosen to stand for it, while that is on the board; else its newest."""

    id: str
    title: str
    created_at: datetime
    pictures: int
    cover_id: str | None


class Boards:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault) -> None:
        self._db = database
        self._rows = tables.Board
        self._images = tables.Image
        self._vault = vault

    def all(self, subject_id: str) -> tuple[Board, ...]:
        """By title."""
        counts = dict(
            self._images.select(self._images.board_id, fn.COUNT(self._images.id))
            .where(self._images.subject_id == subject_id, self._images.board_id.is_null(False))
            .group_by(self._images.board_id)
            .tuples()
        )
        boards = [self._board(row, counts.get(row.id, 0)) for row in self._mine(subject_id)]
        return tuple(sorted(boards, key=lambda board: (folded(board.title), board.id)))

    def get(self, subject_id: str, board_id: str) -> Board:
        """Raises Missing, also when the board is another's."""
        row = self._row(subject_id, board_id)
        count = self._images.select().where(self._images.subject_id == subject_id, self._images.board_id == board_id)
        return self._board(row, count.count())

    def titled(self, subject_id: str, title: str) -> tuple[str, ...]:
        """Ids of the boards of that title, however it is written."""
        wanted = folded(title)
        return tuple(row.id for row in self._mine(subject_id) if folded(self._title(row)) == wanted)

    def count(self, subject_id: str) -> int:
        return int(self._mine(subject_id).count())

    def add(self, subject_id: str, title: str, now: datetime) -> Board:
        board_id = uuid.uuid4().hex
        sealed = self._vault.seal_text(subject_id, board_id, "title", title)
        self._rows.insert(id=board_id, subject_id=subject_id, created_at=micros(now), title=sealed).execute()
        return self.get(subject_id, board_id)

    def rename(self, subject_id: str, board_id: str, title: str) -> Board:
        self._row(subject_id, board_id)
        sealed = self._vault.seal_text(subject_id, board_id, "title", title)
        self._rows.update(title=sealed).where(self._rows.id == board_id).execute()
        return self.get(subject_id, board_id)

    def set_cover(self, subject_id: str, board_id: str, image_id: str | None) -> Board:
        """Raises Missing for a picture that is not on this board."""
        self._row(subject_id, board_id)
        if image_id is not None and not self._on_board(subject_id, board_id, image_id):
            raise Missing(f"id: there is no picture {image_id!r} on this board")
        self._rows.update(cover_id=image_id).where(self._rows.id == board_id).execute()
        return self.get(subject_id, board_id)

    def delete(self, subject_id: str, board_id: str) -> int:
        """Its pictures stay, on no board. Answers how many those are."""
        with self._db.atomic("IMMEDIATE"):
            self._row(subject_id, board_id)
            mine = (self._images.subject_id == subject_id) & (self._images.board_id == board_id)
            freed = self._images.update(board_id=None).where(mine).execute()
            self._rows.delete().where(self._rows.id == board_id).execute()
        return int(freed)

    def move(self, subject_id: str, ids: Sequence[str], board_id: str | None) -> Mapping[str, str | None]:
        """Those that were elsewhere, each with the board it came from. Ids that are not theirs are passed over."""
        before: dict[str, str | None] = {}
        table = self._images
        with self._db.atomic("IMMEDIATE"):
            if board_id is not None:
                self._row(subject_id, board_id)
            for some in chunked(ids, ROWS_AT_ONCE):
                mine = table.select(table.id, table.board_id).where(table.id << some, table.subject_id == subject_id)
                moved = {image_id: old for image_id, old in mine.tuples() if old != board_id}
                table.update(board_id=board_id).where(table.id << list(moved)).execute()
                before |= moved
        return before

    def _mine(self, subject_id: str) -> Any:
        return self._rows.select().where(self._rows.subject_id == subject_id)

    def _row(self, subject_id: str, board_id: str) -> Any:
        row = self._rows.get_or_none(self._rows.id == board_id, self._rows.subject_id == subject_id)
        if row is None:
            raise Missing(f"id: there is no board {board_id!r} of yours")
        return row

    def _title(self, row: Any) -> str:
        return self._vault.open_text(row.subject_id, row.id, "title", bytes(row.title))

    def _on_board(self, subject_id: str, board_id: str, image_id: str | None) -> bool:
        table = self._images
        here = (table.id == image_id) & (table.subject_id == subject_id) & (table.board_id == board_id)
        return image_id is not None and bool(table.select().where(here).exists())

    def _board(self, row: Any, pictures: int) -> Board:
        cover: str | None = row.cover_id
        if pictures and not self._on_board(row.subject_id, row.id, cover):
            table = self._images
            newest = table.select(table.id).where(table.subject_id == row.subject_id, table.board_id == row.id)
            cover = newest.order_by(table.created_at.desc(), table.id.desc()).limit(1).scalar()
        return Board(row.id, self._title(row), moment(row.created_at), pictures, cover if pictures else None)

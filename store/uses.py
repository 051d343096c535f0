"""Since when this home knows each use of data: what comes later than a person is told to them. Rows are only added."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from peewee import Database

from policies.privacy import Purpose
from store.models import ContentTables
from store.moments import micros, moment


class Uses:
    def __init__(self, database: Database, tables: ContentTables) -> None:
        self._db = database
        self._rows = tables.DataUse

    def introduce(self, purposes: Iterable[Purpose], now: datetime) -> tuple[str, ...]:
        """Writes down what is new; answers its names. What a home begins with is as old as everything."""
        with self._db.atomic("IMMEDIATE"):
            known = set(self.since())
            fresh = [one for one in purposes if (one.id, one.version) not in known]
            for one in fresh:
                at = micros(now) if known else 0
                self._rows.insert(purpose=one.id, version=one.version, since=at).on_conflict_ignore().execute()
        return tuple(one.id for one in fresh)

    def since(self) -> dict[tuple[str, str], datetime]:
        return {(row.purpose, row.version): moment(row.since) for row in self._rows.select()}

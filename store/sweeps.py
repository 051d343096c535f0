"""Leases of housekeeping: who does which job now, and when it ran last. Two processes never do one job twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from peewee import Database

from store.models import ContentTables, upsert
from store.moments import micros, moment_or_none

LEASE = timedelta(minutes=30)


class Sweeps:
    def __init__(self, database: Database, tables: ContentTables) -> None:
        self._db = database
        self._rows = tables.Sweep

    @contextmanager
    def turn(self, name: str, owner: str, now: datetime, every: timedelta) -> Iterator[bool]:
        """True inside when it is this owner's to do now: not done within `every`, and nobody else at it.

        A run that fails is not counted as done, so that it is tried again.
        """
        mine = self._take(name, owner, now, every)
        try:
            yield mine
        except BaseException:
            if mine:
                self._rows.update(lease_until=0).where(self._rows.name == name, self._rows.owner == owner).execute()
            raise
        if mine:
            done = self._rows.update(lease_until=0, ran_at=micros(now))
            done.where(self._rows.name == name, self._rows.owner == owner).execute()

    def ran_at(self, name: str) -> datetime | None:
        row = self._rows.get_or_none(self._rows.name == name)
        return moment_or_none(row.ran_at) if row else None

    def _take(self, name: str, owner: str, now: datetime, every: timedelta) -> bool:
        with self._db.atomic("IMMEDIATE"):
            row = self._rows.get_or_none(self._rows.name == name)
            if row is not None and row.lease_until > micros(now):
                return False
            if row is not None and row.ran_at is not None and row.ran_at > micros(now - every):
                return False
            ran_at = row.ran_at if row else None
            upsert(self._rows, name=name, owner=owner, lease_until=micros(now + LEASE), ran_at=ran_at)
            return True

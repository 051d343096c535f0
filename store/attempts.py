"""Wrong sign-ins by what was typed, as a keyed hash. Whether such a name exists makes no difference to its rows."""

from __future__ import annotations

from datetime import datetime, timedelta

from peewee import Database

from policies import accounts
from store.keys import Keys
from store.models import IdentityTables, upsert
from store.moments import micros, moment


class Attempts:
    def __init__(self, database: Database, tables: IdentityTables, keys: Keys) -> None:
        self._db = database
        self._rows = tables.Attempt
        self._keys = keys

    def locked_until(self, name: str, now: datetime) -> datetime | None:
        row = self._rows.get_or_none(self._rows.name_index == self._index(name))
        return moment(row.locked_until) if row is not None and moment(row.locked_until) > now else None

    def fail(self, name: str, now: datetime) -> bool:
        """Counts a wrong try. True for the one that locks the name."""
        index = self._index(name)
        with self._db.atomic("IMMEDIATE"):
            row = self._rows.get_or_none(self._rows.name_index == index)
            before, since = (row.failures, moment(row.since)) if row is not None else (0, now)
            was_locked = row is not None and moment(row.locked_until) > now
            failures, since, locked = accounts.failed(before, since, now)
            until = micros(locked) if locked and not was_locked else row.locked_until if row is not None else 0
            values = {"failures": failures, "since": micros(since), "locked_until": until}
            upsert(self._rows, name_index=index, **values)
        return locked is not None and not was_locked

    def forget(self, name: str) -> None:
        self._rows.delete().where(self._rows.name_index == self._index(name)).execute()

    def forget_all(self) -> None:
        """After a rotation of the key that hashed the names: what was typed is not known, so no row can be renewed."""
        self._rows.delete().execute()

    def sweep(self, now: datetime) -> int:
        return int(self._rows.delete().where(self._rows.since < micros(now - timedelta(days=1))).execute())

    def _index(self, name: str) -> str:
        return self._keys.index("attempt", accounts.folded(name))[0]

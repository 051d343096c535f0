"""One database as a file of the data folder: what only SQLite has. Knows no table by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apsw
from playhouse.apsw_ext import APSWDatabase

from store.schema import bring_up

NEEDED = (3, 51, 3)  # before it, a rare reset of the write-ahead log could corrupt a database

# What was acknowledged survives a power cut (FULL); readers never wait for a writer (WAL); what is deleted is zeroed.
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "temp_store": "memory",
    "secure_delete": 1,
}
PAGES = 1000  # copied at a time, so that writers come between


class SQLite(APSWDatabase):
    def __init__(self, path: Path, name: str) -> None:
        path.touch(mode=0o600, exist_ok=True)
        super().__init__(str(path), pragmas=PRAGMAS, timeout=10)
        self.name = name

    def _add_conn_hooks(self, connection: Any) -> None:
        """APSW binds no datetime by itself, and the history of the migrations keeps one."""
        connection.convert_binding = lambda _cursor, _number, value: str(value)
        super()._add_conn_hooks(connection)

    def forget_deleted(self) -> None:
        """Empties the write-ahead log, which still holds the pages from before."""
        self.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def copy_out(self, target: Path) -> None:
        """SQLite's own backup: whole, while others write."""
        destination = apsw.Connection(str(target))
        try:
            copied(destination, self.connection())
            destination.execute("PRAGMA journal_mode=delete")
        finally:
            destination.close()

    def copy_in(self, source: Path) -> None:
        """Everything in the file instead of what is here."""
        origin = apsw.Connection(str(source))
        try:
            copied(self.connection(), origin)
        finally:
            origin.close()
        self.execute_sql("PRAGMA journal_mode=wal").fetchall()
        bring_up(self, self.name)

    def end(self) -> None:
        if not self.is_closed():
            self.close()


def copied(target: Any, source: Any) -> None:
    with target.backup("main", source, "main") as backup:
        while not backup.done:
            backup.step(PAGES)


def open_file(path: Path, name: str) -> SQLite:
    database = SQLite(path, name)
    bring_up(database, name)
    return database


def version() -> tuple[bool, str]:
    """Whether the SQLite in use is safe for the write-ahead log, and its version in words."""
    found = APSWDatabase.server_version
    wanted = ".".join(map(str, NEEDED))
    return found >= NEEDED, f"SQLite {'.'.join(map(str, found))}, expected {wanted} or newer"


def looked_up(file: Path, query: str) -> tuple[int, ...] | None:
    """The numbers that a query finds, in a file that is left as it is. None when its table is not there yet."""
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return tuple(int(number) for (number,) in connection.execute(query))
    except apsw.SQLError:
        return None
    finally:
        connection.close()

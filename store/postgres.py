"""One database on a PostgreSQL server: what differs from a file. Knows no table by name."""

from __future__ import annotations

import select
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import psycopg.conninfo
from playhouse.pool import PooledPostgresqlDatabase
from psycopg.sql import SQL, Identifier

from store.schema import HISTORY, bring_up
from store.settings import PREFIX, SettingsError
from store.sqlite import open_file

MOST_CONNECTIONS = 16  # of one studio to one database; who finds none free waits
WAIT = 20.0
BATCH = 500
OLDEST = 140000
ONE_WRITER = 0x50495843  # the advisory lock that stands for SQLite's one writer


class Postgres(PooledPostgresqlDatabase):
    """A thread has a connection only for a statement or a transaction: threads are many, a server's connections few."""

    def __init__(self, dsn: str, name: str) -> None:
        super().__init__(dsn, max_connections=MOST_CONNECTIONS, timeout=WAIT, prefer_psycopg3=True)
        self.name = name

    def begin(self, mode: str = "") -> None:
        """`IMMEDIATE` is SQLite's word for one writer at a time: what was read inside stays true until the end."""
        super().begin()
        if mode == "IMMEDIATE":
            try:
                self.cursor().execute("SELECT pg_advisory_xact_lock(%s)", (ONE_WRITER,))
            except BaseException:
                self.rollback()
                raise

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        try:
            return super().execute_sql(sql, params)
        finally:
            self._give_back()

    def commit(self) -> Any:
        try:
            return super().commit()
        finally:
            self._give_back()

    def rollback(self) -> Any:
        try:
            return super().rollback()
        finally:
            self._give_back()

    def forget_deleted(self) -> None:
        """Frees the room of deleted rows; keys are written anew. The server's own log forgets them later."""
        how = SQL("VACUUM FULL {}" if self.name == "keys" else "VACUUM {}")
        for table in self.get_tables():
            self.execute_sql(how.format(Identifier(table)).as_string())

    def copy_out(self, target: Path) -> None:
        """As a file of SQLite, all of one moment: what one kind of database wrote, the other reads."""
        with closing(open_file(target, self.name)) as copy, psycopg.connect(self.database) as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            copy.execute_sql("PRAGMA journal_mode=delete").fetchall()
            for table in tables(copy):
                columns = [column.name for column in copy.get_columns(table)]
                query = SQL("SELECT {} FROM {}").format(SQL(", ").join(map(Identifier, columns)), Identifier(table))
                marks = ", ".join("?" * len(columns))
                with connection.cursor(name="copy") as rows, copy.atomic():
                    rows.itersize = BATCH
                    for row in rows.execute(query):
                        copy.execute_sql(f'INSERT INTO "{table}" ({listed(columns)}) VALUES ({marks})', row)

    def copy_in(self, source: Path) -> None:
        """Everything in the file instead of what is here, or nothing of it."""
        with closing(open_file(source, self.name)) as copy, psycopg.connect(self.database) as connection:
            for table in tables(copy):
                columns = [column.name for column in copy.get_columns(table)]
                connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))
                into = SQL("COPY {} ({}) FROM STDIN").format(
                    Identifier(table), SQL(", ").join(map(Identifier, columns))
                )
                with connection.cursor().copy(into) as rows:
                    for row in copy.execute_sql(f'SELECT {listed(columns)} FROM "{table}"'):
                        rows.write_row(row)
                if "id" in columns:
                    count_on(connection, table)

    def refuse_reader(self, other: Postgres) -> None:
        """The role of the other database may read no table of this one. Raises SettingsError."""
        role = psycopg.conninfo.conninfo_to_dict(other.database)["user"]
        query = (
            "SELECT count(*) FROM pg_roles JOIN pg_tables ON schemaname = current_schema() "
            "WHERE rolname = %s AND has_table_privilege(rolname, format('%%I.%%I', schemaname, tablename), 'SELECT')"
        )
        (readable,) = self.execute_sql(query, (role,)).fetchone()
        if readable:
            raise SettingsError(
                f"{PREFIX}{other.name.upper()}_DSN: the role {role!r} can read {readable} tables of the {self.name} "
                "database. Expected a role that owns its own database and has no rights in the other."
            )

    def end(self) -> None:
        self.close_all()

    def _is_closed(self, connection: Any) -> bool:
        """Without asking the server before each statement: when it hung up, its farewell is there to be read."""
        if connection.closed:
            return True
        watch = select.poll()
        watch.register(connection.fileno(), select.POLLIN)
        return bool(watch.poll(0))

    def _give_back(self) -> None:
        if not self.in_transaction() and not self.is_closed():
            self.close()


def open_server(dsn: str, name: str) -> Postgres:
    """The database of a DSN, its tables up to date. Two studios that start at once wait for each other."""
    database = Postgres(dsn, name)
    with database.atomic("IMMEDIATE"):
        bring_up(database, name)
    return database


def tables(copy: Any) -> list[str]:
    return [table for table in copy.get_tables() if table != HISTORY and not table.startswith("sqlite_")]


def listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def count_on(connection: Any, table: str) -> None:
    """Numbers that the server gives out go on after the highest that was copied; other ids have no sequence."""
    (sequence,) = connection.execute("SELECT pg_get_serial_sequence(%s, 'id')", (f'"{table}"',)).fetchone()
    if sequence is not None:
        highest = SQL("SELECT setval(%s, (SELECT COALESCE(MAX(id), 0) FROM {}) + 1, false)")
        connection.execute(highest.format(Identifier(table)), (sequence,))


def version(dsn: str) -> tuple[bool, str]:
    with psycopg.connect(dsn) as connection:
        found = connection.info.server_version
    return found >= OLDEST, f"PostgreSQL {found // 10000}.{found % 10000}, expected {OLDEST // 10000} or newer"


def looked_up(dsn: str, query: str) -> tuple[int, ...] | None:
    """The numbers that a query finds. None when its table is not there yet."""
    with psycopg.connect(dsn) as connection:
        try:
            return tuple(int(number) for (number,) in connection.execute(query.encode()))
        except psycopg.errors.UndefinedTable:
            return None

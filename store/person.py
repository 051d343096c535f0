"""Everything the databases hold about one subject, read and removed as the map of data says. Knows no table by name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from policies import data_map
from policies.data_map import Column, Table
from store.backend import Backend
from store.keys import KeyGone
from store.moments import moment
from store.usage import Usage
from store.vault import Tampered, Vault

Row = dict[str, Any]


class Person:
    def __init__(self, databases: Mapping[str, Backend], vault: Vault, usage: Usage) -> None:
        self._databases = databases
        self._vault = vault
        self._usage = usage

    def tables(self, subject_id: str) -> Iterator[tuple[Table, list[Row]]]:
        """Every table that can hold something about a person, with the rows about this one."""
        for table in data_map.TABLES:
            if table.owner and table.export:
                yield table, list(self.rows(table, subject_id))

    def rows(self, table: Table, subject_id: str, limit: int | None = None) -> Iterator[Row]:
        """As a person can read them: moments as text, what was sealed opened, what opens something left out."""
        found = self._where(table, subject_id)
        if found is None:
            return
        where, owner = found
        names = [column.name for column in table.columns]
        query = f"SELECT {listed(names)} FROM {quoted(table.name)} WHERE {where}"
        query += f" LIMIT {limit}" if limit is not None else ""
        for values in self._run(table, query, owner):
            raw = dict(zip(names, values, strict=True))
            yield {one.name: self._value(table, one, raw, subject_id) for one in table.columns if one.shown}

    def count(self, subject_id: str) -> dict[str, int]:
        """Rows of the subject in each table that goes with its person; only those that are not empty."""
        counts = {table.id: self.count_in(table, subject_id) for table in erased()}
        return {name: number for name, number in counts.items() if number}

    def count_in(self, table: Table, subject_id: str) -> int:
        return self._count(table, self._where(table, subject_id))

    def erase(self, subject_id: str, only: frozenset[str] = frozenset()) -> dict[str, int]:
        """Deletes every row about the subject that the map does not keep, or those of some tables. Safe to repeat."""
        gone: dict[str, int] = {}
        for table in erased():
            found = None if only and table.id not in only else self._where(table, subject_id)
            number = self._count(table, found)
            if found is None or not number:
                continue
            query = f"DELETE FROM {quoted(table.name)} WHERE {found[0]}"
            with self._databases[table.database].atomic("IMMEDIATE"):
                self._run(table, query, found[1])
            gone[table.id] = number
        return gone

    def flush(self) -> None:
        """What was deleted is zeroed in the files, and gone from the logs too."""
        for database in self._databases.values():
            database.forget_deleted()

    def _count(self, table: Table, found: tuple[str, str] | None) -> int:
        if found is None:
            return 0
        query = f"SELECT COUNT(*) FROM {quoted(table.name)} WHERE {found[0]}"
        return int(self._run(table, query, found[1]).fetchone()[0])

    def _run(self, table: Table, query: str, owner: str) -> Any:
        """`?` stands for the owner."""
        database = self._databases[table.database]
        return database.execute_sql(query.replace("?", database.param), (owner,))

    def _where(self, table: Table, subject_id: str) -> tuple[str, str] | None:
        """The condition that finds this subject's rows and its value; None when there can be none."""
        column, _, account = table.owner.partition("@")
        if account:
            account_id = self._vault.keys.links.account_of(subject_id)
            return (f"{quoted(column)} = ?", account_id) if account_id else None
        if column == "pseudonym":
            pseudonym = self._usage.pseudonym(subject_id)
            return (f"{quoted(column)} = ?", pseudonym) if pseudonym else None
        column, _, parent = column.partition(">")
        if parent:
            mine = f"SELECT {quoted('id')} FROM {quoted(parent)} WHERE {quoted('subject_id')} = ?"
            return f"{quoted(column)} IN ({mine})", subject_id
        return f"{quoted(column)} = ?", subject_id

    def _value(self, table: Table, column: Column, raw: Row, subject_id: str) -> Any:
        value = raw[column.name]
        if value is None:
            return None
        if column.sealed:
            value = self._opened(table, column, raw, subject_id)
            if value is None:
                return None
        if column.kind == "moment":
            return moment(int(value)).isoformat() if int(value) else None
        if column.kind == "flag":
            return bool(value)
        if column.kind == "json":
            return json.loads(value) if value else None
        return value

    def _opened(self, table: Table, column: Column, raw: Row, subject_id: str) -> str | None:
        bound_to = table.object.strip("'") if table.object.startswith("'") else str(raw[table.object])
        field = column.sealed.format_map(raw)
        try:
            return self._vault.open_text(subject_id, bound_to, field, bytes(raw[column.name]), table.key)
        except (KeyGone, Tampered):
            return None


def erased() -> Iterator[Table]:
    """Tables whose rows go with their person. What leads to other rows goes after them, the person's own row last."""
    going = [table for table in data_map.TABLES if table.owner and table.erase == "rows"]
    last = ("identity.account", "keys.link", "content.subject")
    yield from sorted(going, key=lambda one: (last.index(one.id) + 1 if one.id in last else 0, ">" not in one.owner))


def quoted(name: str) -> str:
    """Names come from the map alone; quoted all the same."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: list[str]) -> str:
    return ", ".join(map(quoted, names))

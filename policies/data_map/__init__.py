"""The map of data: every column of every database, what it is for, how long it stays, how it leaves and how it goes.

The page "My data", the download, the erasure and the processing record are made from it. Knows names, never values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.data_map.content import CONTENT
from policies.data_map.identity import IDENTITY
from policies.data_map.keys import KEYS
from policies.data_map.shape import A_DAY, LAWFUL, Column, Table

__all__ = ["A_DAY", "CONTENT", "IDENTITY", "KEYS", "LAWFUL", "TABLES", "Column", "Table"]

TABLES: tuple[Table, ...] = (*CONTENT, *IDENTITY, *KEYS)
MIGRATION_TABLES = frozenset({"schema_migration"})  # which migrations ran: about nobody


def of(database: str, name: str) -> Table:
    return next(one for one in TABLES if (one.database, one.name) == (database, name))


def personal(database: str) -> tuple[Table, ...]:
    """Tables with rows of somebody."""
    return tuple(one for one in TABLES if one.database == database and one.owner)


def unannotated(found: Mapping[tuple[str, str], Iterable[str]]) -> tuple[str, ...]:
    """Columns that exist and that this map does not know, and the other way round, as `database.table.column`."""
    real = {f"{db}.{table}.{column}" for (db, table), names in found.items() for column in names}
    known = {f"{one.database}.{one.name}.{column.name}" for one in TABLES for column in one.columns}
    return tuple(sorted(real ^ known))


def schema() -> dict[str, Any]:
    """The JSON Schema of the download's `data.json`."""
    exported = [one for one in TABLES if one.export and one.owner]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Everything that PixCosmos keeps about one person",
        "type": "object",
        "additionalProperties": False,
        "properties": {one.id: rows_schema(one) for one in exported},
        "required": [one.id for one in exported],
    }


def rows_schema(table: Table) -> dict[str, Any]:
    shown = [column for column in table.columns if column.shown]
    row = {
        "type": "object",
        "additionalProperties": False,
        "properties": {column.name: column_schema(column) for column in shown},
        "required": [column.name for column in shown],
    }
    return {"title": table.title, "description": table.purpose, "type": "array", "items": row}


def column_schema(column: Column) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "text": {"type": ["string", "null"]},
        "number": {"type": ["number", "null"]},
        "moment": {"type": ["string", "null"], "format": "date-time"},
        "flag": {"type": ["boolean", "null"]},
        "json": {"type": ["object", "array", "string", "null"]},
    }
    return {"description": column.means, **kinds[column.kind]}


@dataclass(frozen=True, slots=True)
class Record:
    """One processing of the record of GDPR Article 30."""

    database: str
    name: str
    purpose: str
    lawful: str
    categories: tuple[str, ...]
    retention: str
    security: str
    erasure: str
    recipients: tuple[str, ...] = field(default=())


def processing_record(recipients: Iterable[str] = ()) -> tuple[Record, ...]:
    """The same map gives the same record, word for word."""
    ends: dict[str, str] = {"rows": "rows are deleted with the account", "nobody": "about nobody"}
    return tuple(
        Record(
            one.database,
            one.name,
            one.purpose,
            LAWFUL[one.lawful],
            tuple(column.means for column in one.columns),
            one.retention + (f"; without an account {one.guest}" if one.guest else ""),
            "sealed with a key of the person" if any(column.sealed for column in one.columns) else "pseudonymous",
            ends.get(one.erase, one.kept_because),
            tuple(recipients),
        )
        for one in TABLES
    )

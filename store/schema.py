"""Brings the tables of a database up to date, whatever keeps it."""

from __future__ import annotations

from pathlib import Path

from peewee import Database
from playhouse.migrations import Runner

MIGRATIONS = Path(__file__).parent / "migrations"
HISTORY = "schema_migration"  # the runner's own table


def bring_up(database: Database, name: str) -> None:
    Runner(database, str(MIGRATIONS / name), table_name=HISTORY).up()

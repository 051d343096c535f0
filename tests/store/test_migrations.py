"""A fresh database and one that was brought up to date have the tables that the code reads."""

from __future__ import annotations

import pytest
from peewee import Model

from store.db import Stores
from store.models import content_tables, identity_tables, key_tables
from store.schema import MIGRATIONS

TABLES = {"content": content_tables, "keys": key_tables, "identity": identity_tables}


@pytest.mark.parametrize("name", TABLES)
def test_the_migrations_make_what_the_models_say(stores: Stores, name: str) -> None:
    database = stores.databases[list(TABLES).index(name)]
    tables = TABLES[name](database)
    for table in (getattr(tables, slot) for slot in tables.__slots__):
        assert issubclass(table, Model)
        there = {column.name: column.null for column in database.get_columns(table._meta.table_name)}
        wanted = {field.column_name: field.null for field in table._meta.sorted_fields}
        assert there == wanted
        indexes = {tuple(index.columns) for index in database.get_indexes(table._meta.table_name)}
        assert {tuple(fields) for fields, _ in table._meta.indexes} <= indexes
    assert list((MIGRATIONS / name).glob("0001_*.py"))

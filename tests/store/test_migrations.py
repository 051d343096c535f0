"""A fresh database and one that was brought up to date have the tables that the code reads."""

from __future__ import annotations

import pytest
from peewee import Model

from store.db import MIGRATIONS, Stores
from store.models import content_tables, key_tables


@pytest.mark.parametrize("name", ["content", "keys"])
def test_the_migrations_make_what_the_models_say(stores: Stores, name: str) -> None:
    database = stores.databases[("content", "keys").index(name)]
    tables = content_tables(database) if name == "content" else key_tables(database)
    for table in (getattr(tables, slot) for slot in tables.__slots__):
        assert issubclass(table, Model)
        there = {column.name: column.null for column in database.get_columns(table._meta.table_name)}
        wanted = {field.column_name: field.null for field in table._meta.sorted_fields}
        assert there == wanted
        indexes = {tuple(index.columns) for index in database.get_indexes(table._meta.table_name)}
        assert {tuple(fields) for fields, _ in table._meta.indexes} <= indexes
    assert list((MIGRATIONS / name).glob("0001_*.py"))

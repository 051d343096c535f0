"""A fresh database and one that was brought up to date have the tables that the code reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from peewee import Model

from policies.notebook import Cell, Notebook
from policies.verdict import Verdict
from store.db import Stores, open_stores
from store.models import content_tables, identity_tables, key_tables
from store.schema import HISTORY, MIGRATIONS
from store.settings import Settings
from tests.conftest import NOON

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


def test_notebooks_from_before_a_cell_kept_its_refusal_are_brought_up_to_date(settings: Settings) -> None:
    before = open_stores(settings)
    kept = before.notebooks.create("alice", Notebook("Foxes", (Cell(id="n" * 32, text="a fox"),)), NOON)
    content = before.databases[0]
    content.execute_sql("ALTER TABLE notebook_cell DROP COLUMN refused")
    content.execute_sql(f"DELETE FROM {HISTORY} WHERE name = '0019_refusals'")
    before.close()
    now = open_stores(settings)
    assert now.notebooks.get("alice", kept.id) == kept
    why = Verdict(False, "out_of_range", "steps: 999", "steps")
    now.notebooks.refuse("alice", kept.id, "n" * 32, why)
    assert now.notebooks.get("alice", kept.id).refusals == {"n" * 32: why}
    now.close()


def test_cells_from_before_they_knew_their_age_are_as_old_as_their_notebook(settings: Settings) -> None:
    before = open_stores(settings)
    kept = before.notebooks.create("alice", Notebook("Foxes", (Cell(id="n" * 32, text="a fox"),)), NOON)
    content = before.databases[0]
    for table, column in (("notebook_cell", "changed_at"), ("notebook_change", "changed_at"), ("erasure", "asked")):
        content.execute_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
    content.execute_sql("DROP TABLE started")
    content.execute_sql(f"DELETE FROM {HISTORY} WHERE name IN ('0020_allowance', '0021_ages')")
    before.close()
    now = open_stores(settings)
    assert now.notebooks.get("alice", kept.id) == kept
    assert now.notebook_ages.outlived("alice", NOON) == ()
    [old] = now.notebook_ages.outlived("alice", NOON + timedelta(seconds=1))
    assert (old.cells, old.whole) == (("n" * 32,), True)
    assert now.erasures.ask("alice", NOON, NOON).asked
    now.close()

"""The map of data knows every column that there is, and what is made from it is the same each time."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from jsonschema import Draft202012Validator

from components.actions import exporting
from policies import accounts, data_map, limits, retention
from policies.data_map import TABLES, Table
from store import inputs
from store.db import Stores


@pytest.mark.promise("P60")
@pytest.mark.promise("P44")
def test_every_column_of_every_database_is_annotated(stores: Stores) -> None:
    found = {
        (name, table): [column.name for column in database.get_columns(table)]
        for name, database in zip(("content", "keys", "identity"), stores.databases, strict=True)
        for table in database.get_tables()
        if table not in data_map.MIGRATION_TABLES
    }
    assert data_map.unannotated(found) == ()
    assert data_map.unannotated(found | {("content", "job"): [*found["content", "job"], "shoe_size"]}) == (
        "content.job.shoe_size",
    )


@pytest.mark.parametrize("table", TABLES, ids=lambda one: one.id)
def test_every_table_says_what_for_how_long_and_how_it_goes(table: Table) -> None:
    assert table.title and table.purpose and table.retention
    assert table.lawful in data_map.LAWFUL
    assert table.erase in (("rows", "kept") if table.owner else ("nobody", "kept"))
    assert bool(table.kept_because) == (table.erase == "kept")
    assert all(column.means for column in table.columns)


@pytest.mark.promise("P1")
def test_an_account_holds_the_declared_fields_and_no_others(stores: Stores) -> None:
    columns = {column.name for column in stores.databases[2].get_columns("account")}
    told_by_the_person = {"name", "email", "username"}
    ours = {"id", "email_index", "username_index", "password_hash", "role", "premium", "verified_at", "created_at"}
    assert columns == told_by_the_person | ours | {"active_at", "locale", "totp_secret", "totp_since", "totp_used"}


@pytest.mark.promise("P83")
def test_the_processing_record_writes_itself_the_same_each_time() -> None:
    first, again = data_map.processing_record(["Stripe"]), data_map.processing_record(["Stripe"])
    assert first == again
    assert {(one.database, one.name) for one in first} == {(one.database, one.name) for one in TABLES}
    assert all(one.purpose and one.lawful and one.categories and one.retention and one.erasure for one in first)


@pytest.mark.promise("P50")
def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(data_map.schema())
    assert json.loads(json.dumps(data_map.schema())) == data_map.schema()


@pytest.mark.promise("P24")
def test_the_content_database_has_no_column_for_a_name(stores: Stores) -> None:
    naming = {"name", "email", "username", "address", "account_id", "phone"}
    content = stores.databases[0]
    found = {
        f"{table}.{column.name}"
        for table in content.get_tables()
        for column in content.get_columns(table)
        if column.name in naming
    }
    # Of files, rules, migrations, and a sealed one of tags.
    assert found == {"doomed_blob.name", "sweep.name", "schema_migration.name", "tag.name"}
    assert data_map.of("content", "tag").column("name").sealed


@pytest.mark.promise("P60")
@pytest.mark.parametrize(
    ("table", "said", "kept"),
    [
        ("content.export", "a day", exporting.KEPT),
        ("content.started", "a day", limits.ALLOWANCE),
        ("content.takeout", "7 days", retention.EXPORTS),
        ("content.usage_event", "730 days", retention.ANALYTICS),
        ("content.input", "a week after nothing needs it any more", inputs.UNNEEDED),
        ("identity.ticket", "three days at most", accounts.VERIFY_WITHIN),
        ("keys.backup_key", "30 days", retention.BACKUPS),
    ],
)
def test_how_long_something_stays_is_said_as_it_is(table: str, said: str, kept: timedelta) -> None:
    assert data_map.of(*table.split(".")).retention == said
    written = {"a day": 1, "three days": 3, "a week": 7, "7 days": 7, "30 days": 30, "730 days": 730}
    assert timedelta(days=next(days for words, days in written.items() if said.startswith(words))) == kept

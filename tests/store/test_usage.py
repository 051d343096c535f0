"""Counts of use name nobody, and end after two years."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store.db import Stores
from tests.conftest import NOON

ME, OTHER = "a" * 32, "b" * 32


@pytest.mark.promise("P5")
def test_an_event_is_a_pseudonym_a_feature_a_day_and_a_count(stores: Stores) -> None:
    for _ in range(3):
        stores.usage.count(ME, "text_to_image", NOON, credits=2)
    stores.usage.count(OTHER, "inpaint", NOON)
    database = stores.databases[0]
    assert {column.name for column in database.get_columns("usage_event")} == {
        *("id", "pseudonym", "feature", "day", "count", "credits")
    }
    query = "SELECT pseudonym, feature, day, count, credits FROM usage_event ORDER BY id"
    rows = database.execute_sql(query).fetchall()
    midnight = NOON.replace(hour=0)
    assert [row[1:] for row in rows] == [
        ("text_to_image", int(midnight.timestamp()) * 10**6, 3, 6.0),
        ("inpaint", int(midnight.timestamp()) * 10**6, 1, 0.0),
    ]
    assert ME not in rows[0] and rows[0][0] != rows[1][0]
    assert stores.usage.totals(NOON - timedelta(days=1)) == {"text_to_image": 3, "inpaint": 1}


@pytest.mark.promise("P5")
def test_an_undeclared_feature_is_refused(stores: Stores) -> None:
    with pytest.raises(ValueError, match="feature"):
        stores.usage.count(ME, "alice@example.com", NOON)


@pytest.mark.promise("P5")
def test_without_the_persons_key_nobody_can_tell_whose_it_was(stores: Stores) -> None:
    stores.usage.count(ME, "upscale", NOON)
    assert stores.usage.pseudonym(ME)
    stores.keys.destroy(ME)
    assert stores.usage.pseudonym(ME) is None


@pytest.mark.promise("P31")
def test_no_row_is_older_than_730_days(stores: Stores) -> None:
    for days in (0, 729, 730, 731, 2000):
        stores.usage.count(ME, "upscale", NOON - timedelta(days=days))
    before = NOON - timedelta(days=730)
    assert stores.usage.purge(before, dry_run=True) == 3
    assert stores.usage.purge(before) == 3
    days = [row[0] for row in stores.databases[0].execute_sql("SELECT day FROM usage_event")]
    assert len(days) == 2 and min(days) >= int(before.timestamp()) * 10**6


@pytest.mark.promise("P10")
def test_as_long_as_nothing_costs_no_balance_is_kept_anywhere(stores: Stores) -> None:
    """A count of uses has a place for what they cost; a column of money elsewhere would need its ledger first."""
    money = ("credit", "balance", "price", "ledger")
    found = {
        f"{table}.{column.name}"
        for database in stores.databases
        for table in database.get_tables()
        for column in database.get_columns(table)
        if any(word in f"{table}.{column.name}" for word in money)
    }
    assert found == {"usage_event.credits"}

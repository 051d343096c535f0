"""The audit log: a chain that shows every edit, and nothing in it that says who somebody is."""

from __future__ import annotations

import pytest

from store.db import Stores
from tests.conftest import NOON

ME = "a" * 32


def filled(stores: Stores) -> None:
    for number in range(5):
        stores.audit.add(NOON, "system", "sweep.done", ME, {"pictures": number})


@pytest.mark.promise("P82")
@pytest.mark.parametrize(
    "crime",
    [
        "UPDATE audit_entry SET facts = '{\"pictures\": 99}' WHERE number = 3",
        "UPDATE audit_entry SET at = at + 1 WHERE number = 3",
        "UPDATE audit_entry SET action = 'nothing' WHERE number = 3",
        "DELETE FROM audit_entry WHERE number = 3",
    ],
)
def test_an_edited_or_missing_entry_is_found(stores: Stores, crime: str) -> None:
    filled(stores)
    assert stores.audit.broken() is None
    stores.databases[0].execute_sql(crime)
    assert stores.audit.broken() in (3, 4)


@pytest.mark.promise("P82")
def test_a_chain_that_was_cut_short_no_longer_has_its_head(stores: Stores) -> None:
    filled(stores)
    head = stores.audit.head()
    stores.databases[0].execute_sql("DELETE FROM audit_entry WHERE number = 5")
    assert stores.audit.broken() is None
    assert stores.audit.head() != head


@pytest.mark.promise("P82")
@pytest.mark.parametrize("fact", ["Alice Liddell", "alice@example.com", "a red fox", "x" * 41])
def test_what_could_name_somebody_is_refused(stores: Stores, fact: str) -> None:
    with pytest.raises(ValueError, match="Expected a number or a short code"):
        stores.audit.add(NOON, "system", "sweep.done", ME, {"note": fact})
    assert stores.audit.head() == (0, "0" * 64)


@pytest.mark.promise("P80")
def test_a_reason_is_for_its_person_alone_and_goes_with_their_key(stores: Stores) -> None:
    stores.audit.add(NOON, "moderator", "staff.read", ME, reason="Asked about a missing picture")
    assert [one.reason for one in stores.audit.about(ME)] == ["Asked about a missing picture"]
    assert stores.audit.about("b" * 32) == ()
    raw = b"".join(bytes(row[0]) for row in stores.databases[0].execute_sql("SELECT reason FROM audit_entry"))
    assert b"missing" not in raw
    stores.keys.destroy(ME)
    assert [one.reason for one in stores.audit.about(ME)] == [""]
    assert stores.audit.broken() is None

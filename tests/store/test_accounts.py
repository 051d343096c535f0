"""Accounts: sealed, found by keyed hashes, and tied to what they made by one row that lies elsewhere."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.accounts import Account, Profile, Taken
from store.backend import Backend
from store.blobs import Missing
from store.db import Stores, open_stores
from store.keys import KeyGone
from store.models import identity_tables
from store.settings import Settings

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
ADA = Profile(name="Ada Lovelace", email="Ada@Example.org", username="ada_l")
SUBJECT = "5" * 32

# What the account's row may hold, and nothing else.
PERSONAL = {"name", "email", "username", "email_index", "username_index"}
OF_THE_ACCOUNT = {"id", "password_hash", "role", "premium", "locale"}
MOMENTS = {"created_at", "verified_at", "active_at"}
SECOND_FACTOR = {"totp_secret", "totp_since", "totp_used"}


@pytest.fixture
def ada(stores: Stores) -> Account:
    return stores.accounts.add(SUBJECT, ADA, "hash", "en", NOON)


@pytest.mark.promise("P1")
def test_the_account_holds_the_declared_fields_and_no_others(stores: Stores) -> None:
    fields = {field.name for field in identity_tables(stores.databases[2]).Account._meta.sorted_fields}
    assert fields == PERSONAL | OF_THE_ACCOUNT | MOMENTS | SECOND_FACTOR


def test_a_person_is_found_however_they_spell_it(stores: Stores, ada: Account) -> None:
    for spelled in ("ada@example.org", " ADA@EXAMPLE.ORG ", "Ada_L", "ada_l"):
        assert stores.accounts.credentials(spelled) == (ada.id, "hash")
    assert stores.accounts.credentials("ada") is None
    found = stores.accounts.of_email("ada@example.org")
    assert found == ada
    assert (ada.name, ada.email, ada.username) == ("Ada Lovelace", "Ada@Example.org", "ada_l")


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        (Profile(name="B", email="ADA@example.org", username="b_b"), "email"),
        (Profile(name="B", email="b@example.org", username="ADA_L"), "username"),
    ],
)
def test_an_address_and_a_username_belong_to_one_person(
    stores: Stores, ada: Account, profile: Profile, field: str
) -> None:
    with pytest.raises(Taken) as taken:
        stores.accounts.add("6" * 32, profile, "hash", "en", NOON)
    assert taken.value.field == field
    assert stores.keys.links.account_of("6" * 32) is None
    bob = stores.accounts.add("6" * 32, Profile(name="B", email="b@x.org", username="b_b"), "hash", "en", NOON)
    with pytest.raises(Taken):
        stores.accounts.update(bob, **{field: getattr(profile, field)})


@pytest.mark.promise("P21")
@pytest.mark.promise("P24")
def test_no_database_says_in_plain_text_who_somebody_is(stores: Stores, ada: Account, settings: Settings) -> None:
    stores.sessions.issue(ada.id, "email_new", NOON, timedelta(days=1), "lovelace@example.net")
    for path in settings.data.rglob("*"):
        if path.is_file():
            data = path.read_bytes().lower()
            assert not [word for word in (b"lovelace", b"ada@example", b"ada_l") if word in data], path.name


@pytest.mark.promise("P24")
def test_content_names_nobody_and_identity_made_nothing(stores: Stores, ada: Account, tmp_path: Path) -> None:
    """The account's id is in no row of content, the subject's in none of identity: only the keys tie them."""
    stores.preferences.write(SUBJECT, {"theme": "dark"})
    content, keys, identity = (everything(one, tmp_path / one.name) for one in stores.databases)
    assert content.count(ada.id) == 0
    assert SUBJECT in content
    assert identity.count(SUBJECT) == 0
    assert ada.id in identity
    assert ada.id in keys
    assert SUBJECT in keys


def everything(database: Backend, path: Path) -> str:
    database.copy_out(path)
    return "\n".join(sqlite3.connect(path).iterdump())


def test_without_its_keys_an_account_cannot_be_read(stores: Stores, ada: Account) -> None:
    stores.keys.destroy(SUBJECT)
    with pytest.raises(KeyGone):
        stores.accounts.get(ada.id)
    assert stores.accounts.of_email("ada@example.org") is None


def test_a_removed_account_leaves_no_row(stores: Stores, ada: Account) -> None:
    stores.accounts.set_switch(ada.id, "news", True)
    stores.sessions.issue(ada.id, "reset", NOON, timedelta(hours=1))
    stores.accounts.remove(ada.id)
    with pytest.raises(Missing):
        stores.accounts.get(ada.id)
    tables = identity_tables(stores.databases[2])
    assert [table for table in (tables.Account, tables.Switch, tables.Ticket) if table.select().count()] == []
    assert stores.keys.links.account_of(SUBJECT) is None
    stores.accounts.add(SUBJECT, ADA, "hash", "en", NOON)


def test_a_sign_up_that_died_half_way_can_be_done_again(stores: Stores) -> None:
    stores.keys.links.tie("d" * 32, SUBJECT)
    assert stores.accounts.add(SUBJECT, ADA, "hash", "en", NOON).subject_id == SUBJECT


def test_accounts_are_read_again_after_a_restart(stores: Stores, ada: Account, settings: Settings) -> None:
    again = open_stores(settings)
    assert again.accounts.get(ada.id) == ada
    again.close()


def test_a_code_of_the_second_factor_counts_once(stores: Stores, ada: Account) -> None:
    stores.accounts.set_totp(ada, "SECRET", NOON)
    assert stores.accounts.totp_secret(ada) == "SECRET"
    assert stores.accounts.use_totp(ada.id, 100)
    assert not stores.accounts.use_totp(ada.id, 100)
    assert not stores.accounts.use_totp(ada.id, 99)
    assert stores.accounts.use_totp(ada.id, 101)

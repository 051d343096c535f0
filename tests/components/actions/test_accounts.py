"""Making an account: what is asked, what is kept, whose it is, and how its address changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from components.actions import accounts, generate, signing_in
from components.actions.tidying import tidy
from policies.accounts import FAILURES
from policies.actor import Actor
from policies.draft import Draft
from policies.verdict import Refused
from store.blobs import Missing
from store.db import open_stores
from store.gallery import NewImage
from store.receipts import Receipt
from tests.components.actions.conftest import PASSWORD, Home, token_of


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.verdict.code


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": ""}, "account_name"),
        ({"email": "alice at example"}, "account_email"),
        ({"username": "a"}, "account_username"),
        ({"username": "admin"}, "account_taken"),
        ({"password": "short"}, "account_password_length"),
        ({"password": "password1"}, "account_password_weak"),
        ({"password": "alice@example.org"}, "account_password_weak"),
        ({"consent": False}, "account_consent"),
        ({"birth": (1990, 2, 30)}, "account_birth"),
        ({"birth": (2013, 11, 2)}, "account_age"),
    ],
)
def test_a_sign_up_that_is_refused_writes_nothing(home: Home, changed: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        home.sign_up("alice", **changed)
    assert code_of(refused) == code
    assert home.studio.stores.accounts.all_ids() == ()
    assert home.mail() == []


@pytest.mark.promise("P55")
def test_who_turns_thirteen_today_may_and_their_birth_date_is_kept_nowhere(home: Home) -> None:
    home.sign_up("alice", birth=(2013, 11, 1))
    [account_id] = home.studio.stores.accounts.all_ids()
    row = home.studio.stores.accounts._rows.get_by_id(account_id).__data__
    assert "2013" not in str(row)


@pytest.mark.promise("P78")
def test_the_consent_is_kept_with_version_time_and_language(home: Home) -> None:
    home.sign_up("alice", policy_version="3", locale="de")
    [account_id] = home.studio.stores.accounts.all_ids()
    assert home.studio.stores.receipts.of_account(account_id) == (Receipt("policy", "3", True, "de", home.clock()),)


def test_what_a_guest_drew_is_the_persons(home: Home) -> None:
    guest = home.guest()
    home.studio.stores.preferences.write(guest.subject_id, {"theme": "dark"})
    home.sign_up("alice", guest)
    account = accounts.verify(home.studio, guest, home.link())
    assert account.subject_id == guest.subject_id
    assert home.studio.stores.preferences.read(account.subject_id) == {"theme": "dark"}


def test_the_cookie_from_before_the_sign_up_opens_nothing(home: Home) -> None:
    token, subject_id = home.studio.stores.subjects.new_guest(home.clock())
    guest = home.guest().__class__(subject_id, "guest")
    home.sign_up("alice", guest)
    assert home.studio.stores.subjects.of_token(token, home.clock()) == subject_id
    accounts.verify(home.studio, guest, home.link())
    assert home.studio.stores.subjects.of_token(token, home.clock()) is None


def test_an_address_that_has_an_account_is_told_so_and_nobody_else_is(home: Home) -> None:
    home.join("alice")
    home.sign_up("mallory", email="alice@example.org")
    [mail] = home.mail()
    assert (mail.to, mail.subject) == ("alice@example.org", "You have an account already")
    assert len(home.studio.stores.accounts.all_ids()) == 1


def test_a_username_that_is_taken_is_said_so(home: Home) -> None:
    home.join("alice")
    with pytest.raises(Refused) as refused:
        home.sign_up("alice", email="other@example.org")
    assert (code_of(refused), refused.value.verdict.field) == ("account_taken", "username")
    assert len(home.studio.stores.accounts.all_ids()) == 1


def test_a_name_that_is_taken_does_not_tell_which_addresses_are_known(home: Home) -> None:
    """Asked for with one's own name, an address that has an account must answer as one that has none."""
    home.join("alice"), home.join("mallory")
    answers = []
    for address in ("alice@example.org", "nobody@example.org"):
        with pytest.raises(Refused) as refused:
            home.sign_up("mallory", email=address)
        answers.append((code_of(refused), refused.value.verdict.field))
    assert answers[0] == answers[1] == ("account_taken", "username")


def test_who_signed_up_with_anothers_address_does_not_get_in_when_its_owner_opens_the_link(home: Home) -> None:
    """The link alone confirms nothing in another browser: the password of the sign-up is asked for."""
    home.sign_up("mallory", email="bob@example.org")
    token = home.link()
    bob = home.guest()
    _, asks = accounts.to_verify(home.studio, bob, token)
    assert asks
    with pytest.raises(Refused):
        accounts.verify(home.studio, bob, token, "a guess of bob")
    home.sign_up("bob", bob, email="bob@example.org")
    with pytest.raises(Missing):
        accounts.to_verify(home.studio, bob, token)
    assert accounts.verify(home.studio, bob, home.link()).username == "bob"


def test_a_mistyped_address_can_be_typed_again(home: Home) -> None:
    guest = home.sign_up("alice", email="alcie@example.org")
    home.sign_up("alice", guest)
    [account_id] = home.studio.stores.accounts.all_ids()
    assert home.studio.stores.accounts.get(account_id).email == "alice@example.org"


def test_a_link_works_once_and_for_three_days(home: Home) -> None:
    guest = home.sign_up("alice")
    token = home.link()
    home.clock.forward(days=3)
    with pytest.raises(Missing):
        accounts.verify(home.studio, guest, token)
    home.clock.forward(days=-1)
    accounts.verify(home.studio, guest, token)
    with pytest.raises(Missing):
        accounts.verify(home.studio, guest, token)


def test_no_other_link_to_a_confirmed_address_opens_anything(home: Home) -> None:
    """A second letter of a sign-up would go around a second factor that is switched on later."""
    guest = home.sign_up("alice")
    account = accounts.mine(home.studio, Actor(guest.subject_id, "user"))
    first = home.link()
    home.clock.forward(minutes=1)
    accounts.post_verification(home.studio, account)
    second = home.link()
    accounts.verify(home.studio, guest, first)
    with pytest.raises(Missing):
        accounts.verify(home.studio, Actor("", "nobody"), second, PASSWORD)


def test_passwords_that_are_guessed_behind_a_link_are_counted(home: Home) -> None:
    home.sign_up("alice")
    token = home.link()
    for _ in range(FAILURES):
        with pytest.raises(Refused):
            accounts.verify(home.studio, home.guest(), token, "a guess")
    with pytest.raises(Refused) as refused:
        accounts.verify(home.studio, home.guest(), token, PASSWORD)
    assert code_of(refused) == "account_locked"


@pytest.mark.promise("P47")
def test_name_and_username_can_be_corrected(home: Home) -> None:
    alice, _ = home.join("alice"), home.join("bob")
    account = accounts.change_profile(home.studio, alice, "Alice B.", "alice_b")
    assert (account.name, account.username) == ("Alice B.", "alice_b")
    with pytest.raises(Refused):
        accounts.change_profile(home.studio, alice, "Alice", "BOB")


@pytest.mark.promise("P47")
@pytest.mark.parametrize("first", ["old", "new"])
def test_an_address_changes_when_both_mailboxes_agreed(home: Home, first: str) -> None:
    alice = home.join("alice")
    accounts.ask_for_email(home.studio, alice, "new@example.net", PASSWORD)
    letters = {"old": "alice@example.org", "new": "new@example.net"}
    tokens = {side: token_of(mail) for mail in home.mail() for side, to in letters.items() if mail.to == to}
    second = "old" if first == "new" else "new"
    assert not accounts.confirm_email(home.studio, first, tokens[first])
    assert accounts.mine(home.studio, alice).email == "alice@example.org"
    with pytest.raises(Missing):
        accounts.confirm_email(home.studio, first, tokens[first])
    assert accounts.confirm_email(home.studio, second, tokens[second])
    assert accounts.mine(home.studio, alice).email == "new@example.net"
    assert {mail.to for mail in home.mail()} == set(letters.values())
    assert not accounts.email_changing(home.studio, accounts.mine(home.studio, alice))


def test_a_link_in_the_old_mailbox_sets_no_password_after_the_change(home: Home) -> None:
    alice = home.join("alice")
    signing_in.ask_for_reset(home.studio, "alice@example.org")
    reset = home.link()
    accounts.ask_for_email(home.studio, alice, "new@example.net", PASSWORD)
    for mail in home.mail():
        accounts.confirm_email(home.studio, "old" if mail.to == "alice@example.org" else "new", token_of(mail))
    assert accounts.mine(home.studio, alice).email == "new@example.net"
    with pytest.raises(Missing):
        signing_in.reset_password(home.studio, reset, "another nebula of tractors")


def test_a_change_of_password_ends_a_change_of_address(home: Home) -> None:
    """As the letter to the old mailbox says to who did not ask for it."""
    alice = home.join("alice")
    _, session = home.enter("alice")
    accounts.ask_for_email(home.studio, alice, "mallory@example.net", PASSWORD)
    tokens = {mail.to: token_of(mail) for mail in home.mail()}
    accounts.confirm_email(home.studio, "new", tokens["mallory@example.net"])
    accounts.change_password(home.studio, alice, session, PASSWORD, "another nebula of tractors")
    with pytest.raises(Missing):
        accounts.confirm_email(home.studio, "old", tokens["alice@example.org"])
    assert accounts.mine(home.studio, alice).email == "alice@example.org"


def test_a_change_of_address_needs_the_password_and_a_day_at_most(home: Home) -> None:
    alice = home.join("alice")
    with pytest.raises(Refused):
        accounts.ask_for_email(home.studio, alice, "new@example.net", "wrong")
    accounts.ask_for_email(home.studio, alice, "new@example.net", PASSWORD)
    tokens = {mail.to: token_of(mail) for mail in home.mail()}
    accounts.confirm_email(home.studio, "old", tokens["alice@example.org"])
    home.clock.forward(days=1)
    with pytest.raises(Missing):
        accounts.confirm_email(home.studio, "new", tokens["new@example.net"])


def test_anothers_address_cannot_be_taken_and_is_not_given_away(home: Home) -> None:
    alice, _ = home.join("alice"), home.join("bob")
    accounts.ask_for_email(home.studio, alice, "bob@example.org", PASSWORD)
    letters = {mail.to: mail.subject for mail in home.mail()}
    assert letters["bob@example.org"] == "You have an account already"


def test_who_has_no_address_yet_sees_the_same_whether_it_is_anothers_or_free(home: Home) -> None:
    alice, _ = home.join("alice"), home.join("bob")
    account = home.studio.stores.accounts.update(accounts.mine(home.studio, alice), email="")
    seen = []
    for address in ("bob@example.org", "free@example.org"):
        accounts.ask_for_email(home.studio, alice, address, PASSWORD)
        seen.append(accounts.email_changing(home.studio, account))
    assert seen == [True, True]


def test_sign_ups_that_nobody_confirmed_are_forgotten(home: Home) -> None:
    guest = home.sign_up("alice")
    home.join("bob") if home.mail() else None
    home.clock.forward(days=3, minutes=1)
    assert tidy(home.studio)["unverified"] == 1
    assert tidy(home.studio)["unverified"] == 0
    assert len(home.studio.stores.accounts.all_ids()) == 1
    assert home.studio.stores.keys.links.account_of(guest.subject_id) is None


def test_a_link_that_was_mailed_once_more_has_its_whole_time(home: Home) -> None:
    guest = home.sign_up("alice")
    account = accounts.mine(home.studio, Actor(guest.subject_id, "user"))
    home.mail()
    home.clock.forward(days=2)
    accounts.post_verification(home.studio, account)
    token = home.link()
    home.clock.forward(days=2)
    assert tidy(home.studio)["unverified"] == 0
    assert accounts.verify(home.studio, guest, token).verified_at is not None


def test_who_confirmed_a_moment_ago_is_not_forgotten(home: Home) -> None:
    """The list of sign-ups was read before, and another one with the same address looks at them too."""
    alice = home.join("alice")
    account = accounts.mine(home.studio, alice)
    assert not accounts.remove_unverified(home.studio, account.id)
    assert accounts.mine(home.studio, alice) == account


@pytest.mark.promise("P6")
def test_an_address_that_is_old_is_cut_to_its_network(home: Home) -> None:
    alice = home.join("alice")
    _, session = home.enter("alice")
    home.clock.forward(days=6)
    assert tidy(home.studio)["addresses"] == 0
    home.clock.forward(days=1, minutes=1)
    assert tidy(home.studio)["addresses"] == 1
    kept = home.studio.stores.sessions.get(session.account_id, session.id)
    assert kept.device.address == "203.0.113.0/24"
    assert tidy(home.studio)["addresses"] == 0
    assert accounts.mine(home.studio, alice).active_at == session.created_at


def test_a_role_is_given_by_address(home: Home) -> None:
    home.join("alice")
    account = accounts.grant(home.studio, "ALICE@example.org", "moderator", True)
    assert (account.role, account.premium) == ("moderator", True)
    assert accounts.grant(home.studio, "alice@example.org", "admin").premium
    with pytest.raises(Refused):
        accounts.grant(home.studio, "nobody@example.org", "admin")


def test_a_guest_has_a_few_jobs_a_day_and_a_person_as_many_as_they_like(home: Home, apple: Draft) -> None:
    settings = home.studio.settings.model_copy(update={"guest_jobs": 2})
    studio = replace(home.studio, settings=settings)
    alice, guest, another = home.join("alice"), home.guest(), home.guest()
    for _ in range(2):
        generate.start(studio, guest, apple)
    with pytest.raises(Refused) as refused:
        generate.start(studio, guest, apple)
    assert refused.value.verdict.code == "guest_allowance"
    assert generate.start(studio, another, apple), "each guest has their own"
    for _ in range(3):
        assert generate.start(studio, alice, apple)
    home.clock.forward(days=1, minutes=1)
    assert generate.start(studio, guest, apple), "a new day, a new allowance"


def test_a_guest_who_deletes_pictures_gets_no_more_jobs_for_it(home: Home, apple: Draft) -> None:
    """With its last picture a job's row goes, and the day's count must not go with it: not in another process either,
    nor after a restart."""
    studio = replace(home.studio, settings=home.studio.settings.model_copy(update={"guest_jobs": 2}))
    guest, jobs = home.guest(), studio.stores.jobs
    for _ in range(2):
        job = generate.start(studio, guest, apple)
        jobs.claim("one", home.clock(), timedelta(minutes=1))
        assert jobs.finish(job.id, "one", [NewImage(0, 1, 8, 8, files={"full": b"pixels"})], 1.0, home.clock())
        studio.stores.gallery.delete(guest.subject_id, studio.stores.gallery.some_of(guest.subject_id, 10))
    fresh = open_stores(studio.settings)
    try:
        for stores in (studio.stores, fresh):
            with pytest.raises(Refused) as refused:
                generate.start(replace(studio, stores=stores), guest, apple)
            assert code_of(refused) == "guest_allowance"
    finally:
        fresh.close()


def test_a_premium_plan_has_its_share_of_the_turns(home: Home, apple: Draft) -> None:
    alice = home.join("alice")
    weights = []
    for premium in (False, True):
        accounts.grant(home.studio, "alice", "user", premium)
        job = generate.start(home.studio, alice, apple)
        weights.append(home.studio.stores.jobs._rows.get_by_id(job.id).weight)
    assert weights == [2.0, 4.0]

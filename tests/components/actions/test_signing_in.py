"""Signing in: right and wrong passwords, locks, second factors, sessions. Unknown names get the same answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyotp
import pytest

from components.actions import accounts, second_factor, signing_in
from components.actions.signing_in import recognise
from policies.accounts import FAILURES
from policies.actor import NOBODY, Actor
from policies.verdict import Refused
from store.blobs import Missing
from store.passwords import Passwords
from store.sessions import Device, Session
from tests.components.actions.conftest import LAPTOP, PASSWORD, Home

PHONE = Device("Chrome Mobile", "Android", "Pixel 8", "2001:db8:1:2::3")


def try_in(home: Home, name: str, password: str = "wrong") -> str:
    try:
        signing_in.sign_in(home.studio, name, password, LAPTOP)
    except Refused as refused:
        return refused.verdict.code
    return "in"


def test_by_address_or_username_whatever_the_case(home: Home) -> None:
    home.join("alice")
    for name in ("alice", "Alice", "ALICE@example.org"):
        assert try_in(home, name, PASSWORD) == "in"


def test_every_sign_in_has_a_token_of_its_own_and_only_its_hash_is_kept(home: Home) -> None:
    alice = home.join("alice")
    tokens = {home.enter("alice")[0] for _ in range(2)}
    assert len(tokens) == 2
    for token in tokens:
        assert recognise(home.studio, token)[0] == alice
        for path in home.studio.settings.data.glob("*.db*"):
            assert token.encode() not in path.read_bytes()


class Counting(Passwords):
    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.checked: list[bool] = []

    def check(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        self.checked.append(hashed is None)
        return super().check(password, hashed)


def test_unknown_names_cost_the_same_work_and_get_the_same_answers(home: Home) -> None:
    """One check of a password for every try, locked or not, known or not; the same codes in the same order."""
    home.join("alice")
    counting = Counting()
    home.studio = replace(home.studio, passwords=counting)
    known = [try_in(home, "alice") for _ in range(FAILURES + 3)]
    checked = len(counting.checked)
    unknown = [try_in(home, "nobody") for _ in range(FAILURES + 3)]
    assert known == unknown == ["account_wrong_pair"] * FAILURES + ["account_locked"] * 3
    assert (checked, len(counting.checked) - checked) == (FAILURES + 3, FAILURES + 3)


def statements(home: Home, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that is asked of a database from now on, as it happens."""
    heard: list[str] = []
    for database in home.studio.stores.databases:
        run = database.execute_sql

        def listen(sql: str, *values: Any, run: Callable[..., Any] = run, **more: Any) -> Any:
            heard.append(sql)
            return run(sql, *values, **more)

        monkeypatch.setattr(database, "execute_sql", listen)
    return heard


@pytest.mark.promise("P22")
def test_a_thousand_wrong_sign_ins_do_the_same_work_whether_the_name_exists_or_not(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Word for word the same questions to the databases, and one check of a password each: nothing is left that time
    could tell. Also for an account that has no password. The letter to the owner is written after the answer."""
    home.join("alice")
    bob = home.studio.stores.accounts.of_subject(home.join("bob").subject_id)
    home.studio.stores.accounts.update(bob, password_hash="")
    counting, afterwards = Counting(), []
    studio = replace(home.studio, passwords=counting)
    heard = statements(home, monkeypatch)

    def tried(name: str) -> tuple[str, list[str], int]:
        heard.clear()
        counting.checked.clear()
        with pytest.raises(Refused) as refused:
            signing_in.sign_in(studio, name, "wrong", LAPTOP, afterwards.append)
        return refused.value.verdict.code, list(heard), len(counting.checked)

    for _ in range(334):
        known, unknown, without = tried("alice"), tried("nobody"), tried("bob")
        assert known == unknown == without
        assert known[2] == 1 and known[1]
    assert len(afterwards) == 2, "one letter for each account, none for the name that is nobody's"
    home.mail()
    for work in afterwards:
        work()
    assert {mail.subject for mail in home.mail()} == {"Your sign-in is locked for a while"}
    with pytest.raises(Refused, match="patience"):
        signing_in.sign_in(home.studio, "alice", PASSWORD, LAPTOP)


def test_a_dummy_hash_is_checked_for_nobody() -> None:
    passwords = Passwords()
    assert passwords.check("nobody has this password", None) == (False, None)
    assert passwords.hash(PASSWORD).startswith("$argon2id$")


@pytest.mark.promise("P53")
def test_a_thousand_wrong_passwords_lock_the_name_and_its_owner_is_told(home: Home) -> None:
    home.join("alice")
    home.studio = replace(home.studio, passwords=NoWork())
    answers = [try_in(home, "alice") for _ in range(1000)]
    assert answers.count("account_locked") == 1000 - FAILURES
    assert [mail.subject for mail in home.mail()] == ["Your sign-in is locked for a while"]
    assert try_in(home, "alice", PASSWORD) == "account_locked"
    home.clock.forward(minutes=15)
    assert try_in(home, "alice", PASSWORD) == "in"


class NoWork(Passwords):
    """Compares at once, so that a thousand tries do not take minutes."""

    def check(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        return password == PASSWORD and hashed is not None, None


def test_a_right_password_forgets_the_wrong_ones(home: Home) -> None:
    home.join("alice")
    for _ in range(3):
        assert [try_in(home, "alice") for _ in range(FAILURES - 1)] == ["account_wrong_pair"] * (FAILURES - 1)
        assert try_in(home, "alice", PASSWORD) == "in"


def test_a_hash_of_a_lower_cost_is_renewed_at_the_sign_in(home: Home) -> None:
    from passlib.hash import argon2

    home.join("alice")
    stores = home.studio.stores
    account = stores.accounts.of_email("alice@example.org")
    assert account is not None
    old = argon2.using(type="ID", time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    stores.accounts.update(account, password_hash=old)
    assert try_in(home, "alice", PASSWORD) == "in"
    assert stores.accounts.password_hash(account.id) != old
    assert try_in(home, "alice", PASSWORD) == "in"


def test_nobody_gets_in_before_the_address_is_confirmed(home: Home) -> None:
    home.sign_up("alice")
    done = signing_in.sign_in(home.studio, "alice", PASSWORD, LAPTOP)
    assert (done.token, done.ticket) == ("", "")


def test_a_device_that_was_never_seen_is_told_about(home: Home) -> None:
    home.join("alice")
    home.enter("alice")
    home.enter("alice")
    assert home.mail() == []
    home.enter("alice", PHONE)
    [mail] = home.mail()
    assert "Chrome Mobile, Android, Pixel 8" in mail.text


def test_a_session_ends_by_itself_and_use_keeps_it_alive(home: Home) -> None:
    alice = home.join("alice")
    token, _ = home.enter("alice")
    for _ in range(5):
        home.clock.forward(days=29)
        assert recognise(home.studio, token)[0] == alice
    home.clock.forward(days=29)
    recognise(home.studio, token)
    home.clock.forward(days=29)
    assert recognise(home.studio, token) == (NOBODY, None)


def test_sessions_are_listed_and_ended_by_their_person_alone(home: Home) -> None:
    alice, bob = home.join("alice"), home.join("bob")
    here, there = home.enter("alice"), home.enter("alice", PHONE)
    assert {session.device for session in signing_in.sessions(home.studio, alice)} == {LAPTOP, PHONE}
    with pytest.raises(Missing):
        signing_in.end_session(home.studio, bob, there[1].id)
    signing_in.end_session(home.studio, alice, there[1].id)
    assert recognise(home.studio, there[0]) == (NOBODY, None)
    home.enter("alice", PHONE)
    assert signing_in.end_other_sessions(home.studio, alice, here[1]) == 1
    assert recognise(home.studio, here[0])[0] == alice


def test_a_forgotten_password_is_set_anew_and_everybody_is_signed_out(home: Home) -> None:
    home.join("alice")
    token, _ = home.enter("alice")
    signing_in.ask_for_reset(home.studio, "nobody@example.org")
    assert home.mail() == []
    signing_in.ask_for_reset(home.studio, "alice@example.org")
    link = home.link()
    with pytest.raises(Refused):
        signing_in.reset_password(home.studio, link, "password1")
    signing_in.reset_password(home.studio, link, "another nebula of tractors")
    assert recognise(home.studio, token) == (NOBODY, None)
    assert try_in(home, "alice", PASSWORD) == "account_wrong_pair"
    assert try_in(home, "alice", "another nebula of tractors") == "in"
    with pytest.raises(Missing):
        signing_in.reset_password(home.studio, link, "another nebula of tractors")


def test_of_two_who_come_with_one_reset_link_one_sets_the_password(home: Home) -> None:
    home.join("alice")
    signing_in.ask_for_reset(home.studio, "alice@example.org")
    link = home.link()
    account = signing_in.to_reset(home.studio, link)
    signing_in.reset_password(home.studio, link, "another nebula of tractors")
    with pytest.raises(Missing):  # looked at the link before the first had ended
        accounts.set_password(home.studio, account, "a password of somebody else", ticket=link)
    assert try_in(home, "alice", "another nebula of tractors") == "in"


def test_a_reset_link_works_for_an_hour_and_unlocks(home: Home) -> None:
    home.join("alice")
    home.studio = replace(home.studio, passwords=NoWork())
    for _ in range(FAILURES):
        try_in(home, "alice")
    home.mail()
    signing_in.ask_for_reset(home.studio, "alice@example.org")
    link = home.link()
    home.clock.forward(minutes=60)
    with pytest.raises(Missing):
        signing_in.to_reset(home.studio, link)
    home.clock.forward(minutes=-59)
    signing_in.reset_password(home.studio, link, PASSWORD)
    assert try_in(home, "alice", PASSWORD) == "in"


def test_a_changed_password_signs_the_other_devices_out(home: Home) -> None:
    alice = home.join("alice")
    here, there = home.enter("alice"), home.enter("alice")
    with pytest.raises(Refused):
        accounts.change_password(home.studio, alice, here[1], "wrong", "another nebula of tractors")
    accounts.change_password(home.studio, alice, here[1], PASSWORD, "another nebula of tractors")
    assert recognise(home.studio, here[0])[0] == alice
    assert recognise(home.studio, there[0]) == (NOBODY, None)
    assert [mail.subject for mail in home.mail()] == ["Your password was changed"]


# The second factor


def switch_on(home: Home, alice: Actor, session: Session) -> tuple[pyotp.TOTP, list[str]]:
    totp = pyotp.TOTP(second_factor.offer(home.studio, alice, PASSWORD).secret)
    return totp, second_factor.switch_on(home.studio, alice, session, code(home, totp))


def code(home: Home, totp: pyotp.TOTP, steps: int = 0) -> str:
    return totp.generate_otp(totp.timecode(home.clock()) + steps)


def with_code(home: Home, typed: str) -> str:
    done = signing_in.sign_in(home.studio, "alice", PASSWORD, LAPTOP)
    assert done.token == ""
    return signing_in.sign_in_with_code(home.studio, done.ticket, typed, LAPTOP).token


def test_a_code_is_asked_for_and_counts_once(home: Home) -> None:
    alice = home.join("alice")
    totp, _ = switch_on(home, alice, home.enter("alice")[1])
    right = code(home, totp)
    assert recognise(home.studio, with_code(home, right))[0] == alice
    for wrong in (right, "000000", "", code(home, totp, 5), "١٢٣٤٥٦"):
        with pytest.raises(Refused):
            with_code(home, wrong)
    home.clock.forward(seconds=30)
    assert with_code(home, code(home, totp, 1))


def test_codes_on_paper_work_once_each_and_are_hashed(home: Home) -> None:
    alice = home.join("alice")
    _, papers = switch_on(home, alice, home.enter("alice")[1])
    home.mail()
    assert len(set(papers)) == 10
    assert with_code(home, papers[0].upper().replace("-", " "))
    assert [mail.subject for mail in home.mail()] == ["A recovery code was used"]
    with pytest.raises(Refused):
        with_code(home, papers[0])


def test_fresh_codes_on_paper_take_a_code_beside_the_password(home: Home) -> None:
    alice = home.join("alice")
    totp, papers = switch_on(home, alice, home.enter("alice")[1])
    for wrong in ("", "000000"):
        with pytest.raises(Refused, match="six digits"):
            second_factor.fresh_recovery_codes(home.studio, alice, PASSWORD, wrong)
    with pytest.raises(Refused):
        second_factor.fresh_recovery_codes(home.studio, alice, "wrong password", papers[0])
    fresh = second_factor.fresh_recovery_codes(home.studio, alice, PASSWORD, code(home, totp))
    with pytest.raises(Refused):
        with_code(home, papers[1])
    assert with_code(home, fresh[1])
    assert second_factor.fresh_recovery_codes(home.studio, alice, PASSWORD, fresh[2]), "the phone is lost"


def test_wrong_codes_lock_the_second_step(home: Home) -> None:
    alice = home.join("alice")
    totp, papers = switch_on(home, alice, home.enter("alice")[1])
    for _ in range(FAILURES):
        with pytest.raises(Refused):
            with_code(home, "000000")
    for right in (code(home, totp, 1), papers[0]):
        with pytest.raises(Refused) as refused:
            with_code(home, right)
        assert refused.value.verdict.code == "account_locked"


def test_an_offer_changes_nothing_until_a_code_of_it_is_shown(home: Home) -> None:
    alice = home.join("alice")
    _, session = home.enter("alice")
    with pytest.raises(Refused):
        second_factor.offer(home.studio, alice, "wrong")
    offered = second_factor.offer(home.studio, alice, PASSWORD)
    assert "<svg" in offered.picture and offered.secret in offered.uri
    with pytest.raises(Refused):
        second_factor.switch_on(home.studio, alice, session, "000000")
    assert try_in(home, "alice", PASSWORD) == "in"
    assert signing_in.sign_in(home.studio, "alice", PASSWORD, LAPTOP).token


def test_it_can_be_switched_off_by_its_person_but_not_by_staff(home: Home) -> None:
    alice = home.join("alice")
    totp, _ = switch_on(home, alice, home.enter("alice")[1])
    home.clock.forward(seconds=30)
    accounts.grant(home.studio, "alice@example.org", "moderator")
    with pytest.raises(Refused) as refused:
        second_factor.switch_off(home.studio, alice, PASSWORD, code(home, totp))
    assert refused.value.verdict.code == "factor_staff"
    accounts.grant(home.studio, "alice@example.org", "user")
    second_factor.switch_off(home.studio, alice, PASSWORD, code(home, totp))
    assert signing_in.sign_in(home.studio, "alice", PASSWORD, LAPTOP).token


def test_a_session_from_before_the_factor_was_switched_off_is_no_staffs(home: Home) -> None:
    alice = home.join("alice")
    token, session = home.enter("alice")
    totp, _ = switch_on(home, alice, session)
    home.clock.forward(seconds=30)
    second_factor.switch_off(home.studio, alice, PASSWORD, code(home, totp))
    accounts.grant(home.studio, "alice@example.org", "admin")
    assert recognise(home.studio, token)[0] == alice


@pytest.mark.promise("P22")
def test_staff_have_their_rights_only_behind_a_second_factor(home: Home) -> None:
    alice = home.join("alice")
    token, session = home.enter("alice")
    accounts.grant(home.studio, "alice@example.org", "admin")
    assert recognise(home.studio, token)[0] == alice
    totp, _ = switch_on(home, alice, session)
    assert recognise(home.studio, token)[0] == replace(alice, kind="admin")
    home.clock.forward(seconds=30)
    assert recognise(home.studio, with_code(home, code(home, totp)))[0].kind == "admin"
    accounts.grant(home.studio, "alice@example.org", "user")
    assert recognise(home.studio, token)[0] == alice


def test_the_password_once_more_opens_what_cannot_be_undone_for_a_quarter_of_an_hour(home: Home) -> None:
    alice = home.join("alice")
    token, _ = home.enter("alice")
    now: Any = lambda: home.studio.stores.sessions.of_token(token, home.clock())  # noqa: E731
    signing_in.require_confirmed(home.studio, alice, now())
    home.clock.forward(minutes=15)
    with pytest.raises(Refused):
        signing_in.require_confirmed(home.studio, alice, now())
    with pytest.raises(Refused):
        signing_in.confirm(home.studio, alice, now(), "wrong")
    signing_in.confirm(home.studio, alice, now(), PASSWORD)
    signing_in.require_confirmed(home.studio, alice, now())


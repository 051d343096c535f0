"""An account that Hugging Face vouches for: its address, its password or none, its second factor, its data, its end."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pyotp
import pytest

from components.actions import leaving, taking_out
from components.studio import Studio
from policies.actor import Actor
from tests.components.actions.conftest import PASSWORD, Home, home, token_of  # noqa: F401
from tests.conftest import ON_BOTH
from tests.on_a_space import SUB, Person
from tests.openid_provider import Running

UNCONFIRMED = {"email": "wren@example.org"}


@pytest.mark.parametrize("claims", [{}, UNCONFIRMED, UNCONFIRMED | {"email_verified": "yes"}])
def test_an_address_that_is_not_confirmed_is_not_taken_over(
    space: Studio, there: Running, claims: dict[str, Any]
) -> None:
    there.is_now(SUB, **claims)
    person = Person(space)
    assert person.begin().headers["location"] == "/"
    assert person.me()["email"] == ""
    other = Person(space)
    there.is_now("another", **claims)
    assert other.begin(username="finch").headers["location"] == "/", "two without an address are two"
    assert person.letters() == [], "and no letter goes nowhere"


def test_an_address_is_added_by_opening_its_link(space: Studio, there: Running) -> None:
    there.is_now(SUB)
    person = Person(space)
    person.begin()
    assert person.post("/api/account/email", json={"email": "wren@example.org", "password": ""}).status_code == 202
    [letter] = person.letters()
    assert letter.to == "wren@example.org" and letter.subject == "Confirm your address"
    assert "Your address is changed" in person.post(f"/account/email/new/{token_of(letter)}").text
    assert person.me()["email"] == "wren@example.org"


def test_the_address_of_an_account_with_a_password_joins_nothing(
    home: Home,  # noqa: F811
    space: Studio,
    there: Running,
) -> None:
    alice = home.join("alice")
    there.is_now(SUB, email="alice@example.org", email_verified=True)
    person = Person(space)
    assert person.begin().headers["location"] == "/"
    assert person.me()["email"] == "" and person.me()["username"] == "wren"
    assert [mail.subject for mail in person.letters()] == ["Your address was seen at another sign-in"]
    account = space.stores.accounts.of_subject(alice.subject_id)
    assert space.stores.accounts.logins.of_account(account.id) == ()


def test_a_person_with_a_password_connects_and_parts(home: Home, space: Studio, there: Running, wren: Person) -> None:  # noqa: F811
    home.join("alice")
    alice = Person(space)
    alice.get("/account/sign-in")
    assert alice.post("/account/sign-in", data={"name": "alice", "password": PASSWORD}).headers["location"] == "/"
    there.is_now(SUB)
    taken = alice.arrive("connect")
    assert taken.status_code == 400 and "belongs to another account" in taken.text
    there.is_now("number of alice")
    assert alice.arrive("connect").headers["location"] == "/#account/security"
    [login] = alice.me()["logins"]
    alice.letters()
    elsewhere_too = Person(space)
    assert elsewhere_too.arrive().headers["location"] == "/"
    assert elsewhere_too.me()["username"] == "alice"
    assert wren.post(f"/api/account/logins/{login['id']}/end", json={}).status_code == 422
    assert alice.post(f"/api/account/logins/{login['id']}/end", json={}).status_code == 200
    assert alice.me()["logins"] == []
    assert 'name="ticket"' in Person(space).arrive().text, "it leads to no account any more"


def later(person: Person, minutes: int = 16) -> None:
    """Time passes since the person last proved who they are."""
    from datetime import timedelta

    account = person.studio.stores.accounts.named("wren")
    assert account is not None
    [session, *_] = person.studio.stores.sessions.of_account(account.id, person.studio.clock())
    person.studio.stores.sessions.confirm(session.id, person.studio.clock() - timedelta(minutes=minutes))


@pytest.mark.promise("P45")
@pytest.mark.promise("P46")
def test_what_needs_a_password_needs_a_fresh_sign_in(space: Studio, there: Running, wren: Person) -> None:
    later(wren)
    for path, body in (
        ("/api/privacy/exports", {}),
        ("/api/privacy/deletion", {"days": 0}),
        ("/api/account/factor/offer", {}),
        ("/api/account/email", {"email": "new@example.org", "password": ""}),
    ):
        assert wren.post(path, json=body).json()["error"]["code"] == "confirm_first"
    assert wren.post("/api/account/confirm", json={"password": ""}).json()["error"]["code"] == "no_password"
    assert wren.post("/api/account/confirm", json={"password": "x"}).json()["error"]["code"] == "no_password"
    there.is_now("somebody else")
    assert "That is somebody else" in wren.arrive("confirm").text
    assert wren.post("/api/privacy/exports", json={}).status_code == 403
    there.is_now(SUB)
    assert wren.arrive("confirm").headers["location"] == "/#account"
    assert there.asked()[-1]["prompt"] == "login"
    assert wren.post("/api/privacy/exports", json={}).status_code == 202


def test_password_actions_say_that_there_is_none(space: Studio, wren: Person) -> None:
    change = wren.post("/api/account/password", json={"current": "", "new": PASSWORD})
    assert change.json()["error"]["code"] == "no_password"
    for password in ("", PASSWORD):
        stranger = Person(space)
        stranger.get("/account/sign-in")
        assert stranger.post("/account/sign-in", data={"name": "wren", "password": password}).status_code == 422
    wren.post("/account/reset", data={"email": "wren@example.org"})
    [letter] = wren.letters()
    assert letter.subject == "You sign in with Hugging Face" and "/reset/" not in letter.text
    [login] = wren.me()["logins"]
    ended = wren.post(f"/api/account/logins/{login['id']}/end", json={})
    assert ended.json()["error"]["code"] == "no_password", "nobody locks themselves out"


def test_a_second_factor_is_asked_for_after_hugging_face_too(space: Studio, there: Running, wren: Person) -> None:
    secret = wren.post("/api/account/factor/offer", json={}).json()["secret"]
    codes = wren.post("/api/account/factor/on", json={"code": pyotp.TOTP(secret).now()}).json()["codes"]
    again = Person(space)
    page = again.arrive()
    assert again.me() is None
    [ticket] = re.findall(r'name="ticket" value="([^"]+)"', page.text)
    assert again.post("/account/code", data={"ticket": ticket, "code": "000000"}).status_code == 422
    assert again.post("/account/code", data={"ticket": ticket, "code": codes[0]}).headers["location"] == "/"
    later(again)
    [ticket] = re.findall(r'name="ticket" value="([^"]+)"', again.arrive("confirm").text)
    assert again.post("/api/privacy/exports", json={}).status_code == 403
    proof = {"ticket": ticket, "code": codes[1]}
    assert Person(space).post("/account/huggingface/code", data=proof).status_code == 400
    assert again.post("/account/huggingface/code", data=proof).headers["location"] == "/#account"
    assert again.post("/api/privacy/exports", json={}).status_code == 202


def exported(studio: Studio, subject_id: str) -> Any:
    taking_out.ask(studio, Actor(subject_id, "user"))
    done = taking_out.pack_next(studio)
    assert done is not None
    with zipfile.ZipFile(io.BytesIO(b"".join(studio.stores.takeouts.read(done)))) as taken:
        return json.loads(taken.read("data.json"))


@ON_BOTH
@pytest.mark.promise("P29")
def test_it_is_in_the_data_and_goes_with_the_account(space: Studio, there: Running) -> None:
    there.is_now(SUB, email="wren@example.org", email_verified=True)
    person = Person(space)
    person.begin()
    account = space.stores.accounts.named("wren")
    assert account is not None
    tables = {one["id"]: one for one in person.get("/api/privacy/data").json()["tables"]}
    [row] = tables["identity.login"]["rows"]
    assert (row["issuer"], row["subject"]) == (there.url, SUB)
    files = b"".join(path.read_bytes() for path in space.settings.data.glob("*.db*"))
    assert SUB.encode() not in files
    assert '"subject": "' + SUB in json.dumps(exported(space, account.subject_id)["identity.login"])
    leaving.erase_at_once(space, account.subject_id)
    assert space.stores.accounts.logins.account_of(there.url, SUB) is None
    assert person.me() is None
    assert 'name="ticket"' in Person(space).arrive().text, "who comes back begins anew"


def test_the_number_is_found_after_a_rotation_of_keys(space: Studio, there: Running, wren: Person) -> None:
    space.stores.keys.begin_rotation()
    space.stores.keys.wrap_anew()
    space.stores.accounts.index_anew()
    space.stores.keys.end_rotation()
    assert Person(space).arrive().headers["location"] == "/"

"""Sign-in with Hugging Face on a Space, against a real OpenID provider in a process of its own."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from components.actions import leaving, taking_out
from components.postman import Postman
from components.studio import Studio
from components.web import account_api, account_pages, elsewhere, errors, privacy_api, session, trust
from policies.actor import Actor
from store.settings import Settings
from tests.components.actions.conftest import PASSWORD, QUICK, Home, Mailbox, home, token_of  # noqa: F401
from tests.conftest import ON_BOTH
from tests.openid_provider import CLIENT, SECRET, Running, provider

PAGE = {"accept": "text/html"}
SUB = "5f1d-kanarienvogel-9921"
BIRTH = {"birth_day": "7", "birth_month": "3", "birth_year": "1990"}
OTHERS = ("issuer", "audience", "expired", "nonce", "signature", "hmac", "none", "missing", "profile", "denied")


@pytest.fixture(scope="module")
def there() -> Iterator[Running]:
    with provider() as running:
        yield running


@pytest.fixture
def space(studio: Studio, there: Running) -> Studio:
    settings = Settings(
        data=studio.settings.data,
        home="space",
        space_host="studio.example,studio.alias.example",
        oauth_client_id=CLIENT,
        oauth_client_secret=SECRET,  # type: ignore[arg-type]
        oauth_scopes="openid profile email",
        openid_provider_url=there.url,
        identity_dsn=studio.settings.identity_dsn,
        content_dsn=studio.settings.content_dsn,
        keys_dsn=studio.settings.keys_dsn,
    )
    return replace(studio, settings=settings, passwords=QUICK)


class Person(TestClient):
    def __init__(self, studio: Studio, base_url: str = "https://studio.example") -> None:
        server = FastAPI()
        errors.install(server)
        for room in (account_api, account_pages, elsewhere, privacy_api, trust):
            server.include_router(room.router(studio))
        server.add_middleware(session.Guard, studio=studio)
        super().__init__(server, base_url=base_url, headers=PAGE, follow_redirects=False)
        self.studio = studio

    def go(self, purpose: str = "enter") -> str:
        """Out, and what the provider sends the browser back with."""
        out = self.get(f"/account/huggingface/go/{purpose}")
        assert out.status_code == 303, out.text
        back = httpx2.get(out.headers["location"]).headers["location"]
        assert back.startswith("https://studio.example/account/huggingface/callback?")
        return back

    def arrive(self, purpose: str = "enter") -> Any:
        return self.get(self.go(purpose))

    def begin(self, **changed: str) -> Any:
        """The first sign-in, with its form."""
        return self.fill_in(self.arrive(), **changed)

    def fill_in(self, page: Any, **changed: str) -> Any:
        [ticket] = re.findall(r'name="ticket" value="([^"]+)"', page.text)
        form = {"ticket": ticket, "name": "Wren", "username": "wren", "consent": "yes"} | BIRTH | changed
        return self.post("/account/huggingface/welcome", data=form)

    def me(self) -> Any:
        return self.get("/api/account").json()["account"]

    def letters(self) -> list[Any]:
        box = Mailbox()
        Postman(self.studio, box).deliver()
        return [letter.mail for letter in box.letters]


@pytest.fixture
def wren(space: Studio, there: Running) -> Person:
    there.is_now(SUB, name="Wren", preferred_username="wren", email="wren@example.org", email_verified=True)
    person = Person(space)
    assert person.begin().headers["location"] == "/"
    return person


@ON_BOTH
def test_the_first_sign_in_asks_for_age_and_consent_and_the_next_for_nothing(space: Studio, there: Running) -> None:
    there.is_now(SUB, name="Wren", preferred_username="wren", email="wren@example.org", email_verified=True)
    person = Person(space)
    form = person.arrive()
    assert 'value="wren"' in form.text and "wren@example.org" in form.text
    assert 'name="consent" value="yes" required>' in form.text, "nobody agrees by doing nothing"
    guest = space.stores.subjects.of_token(person.cookies["pixcosmos"], space.clock())
    assert space.stores.accounts.all_ids() == (), "before the form there is no account"
    assert person.fill_in(form).headers["location"] == "/"
    me = person.me()
    assert (me["username"], me["email"]) == ("wren", "wren@example.org")
    assert (me["has_password"], len(me["logins"])) == (False, 1)
    account = space.stores.accounts.of_email("wren@example.org")
    assert account is not None and account.subject_id == guest, "what a guest drew comes along"
    [receipt] = space.stores.receipts.of_account(account.id)
    assert (receipt.purpose, receipt.given, receipt.how) == ("policy", True, "box")

    again = Person(space)
    there.is_now(SUB, name="Renamed", email="moved@example.org", email_verified=True)
    assert again.arrive().headers["location"] == "/"
    assert again.me()["username"] == "wren", "the number is what counts, not the name or the address"
    assert "wren@example.org" in str(again.me())


def test_what_is_asked_holds_state_nonce_and_a_challenge(space: Studio, there: Running) -> None:
    there.is_now(SUB)
    Person(space).go()
    Person(space).go()
    one, other = there.asked()[-2:]
    assert one["redirect_uri"] == "https://studio.example/account/huggingface/callback"
    assert one["scope"] == "openid profile email"
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name]) >= 43 and one[name] != other[name]


@pytest.mark.parametrize("wrong", OTHERS)
def test_an_answer_that_does_not_hold_lets_nobody_in(space: Studio, there: Running, wrong: str) -> None:
    there.is_now(SUB, wrong, name="Wren", email="wren@example.org", email_verified=True)
    person = Person(space)
    answer = person.arrive()
    assert answer.status_code == 400 and "That sign-in did not work" in answer.text
    assert person.me() is None
    assert space.stores.accounts.all_ids() == ()


def test_an_answer_counts_once_and_in_the_browser_that_began(space: Studio, there: Running, wren: Person) -> None:
    there.is_now(SUB)
    alice, mallory = Person(space), Person(space)
    alice.get("/account/sign-in")
    back = mallory.go()
    assert alice.get(back).status_code == 400, "mallory cannot make alice sign in as mallory"
    assert alice.me() is None
    assert mallory.get(back).headers["location"] == "/"
    assert mallory.get(back).status_code == 400
    assert mallory.get("/account/huggingface/callback?state=made-up&code=made-up").status_code == 400
    assert mallory.get("/account/huggingface/callback").status_code == 400


def test_another_site_can_begin_nothing_and_nobody_is_sent_elsewhere(space: Studio, there: Running) -> None:
    there.is_now(SUB)
    person = Person(space)
    cross = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert person.get("/account/huggingface/go/enter", headers=cross).headers["location"] == "/account/sign-in"
    for purpose in ("confirm", "connect", "else"):
        assert person.get(f"/account/huggingface/go/{purpose}").headers["location"] == "/account/sign-in"
    # Another name of the same Space: to the one that the provider knows, and from there out.
    alias = Person(space, "https://studio.alias.example")
    moved = alias.get("/account/huggingface/go/enter").headers["location"]
    assert moved == "https://studio.example/account/huggingface/go/enter"
    back = person.go() + "&_target_url=https://evil.example&next=//evil.example"
    assert person.fill_in(person.get(back), username="finch").headers["location"] == "/"


def test_a_sign_in_that_takes_too_long_is_over(space: Studio, there: Running) -> None:
    from datetime import timedelta

    now = [space.clock()]
    there.is_now(SUB)
    person = Person(replace(space, clock=lambda: now[0]))
    back = person.go()
    now[0] += timedelta(minutes=16)
    assert person.get(back).status_code == 400


@pytest.mark.promise("P55")
def test_a_child_is_refused_here_too_and_nothing_is_kept(space: Studio, there: Running) -> None:
    there.is_now(SUB, name="Wren", email="wren@example.org", email_verified=True)
    person = Person(space)
    answer = person.begin(birth_year=str(space.clock().year - 12))
    assert answer.status_code == 403 and "13" not in answer.text
    assert person.cookies["pixcosmos_age"] == "1"
    assert person.arrive().status_code == 403
    assert space.stores.accounts.all_ids() == ()
    assert SUB.encode() not in b"".join(path.read_bytes() for path in space.settings.data.glob("*.db*"))


@pytest.mark.promise("P78")
def test_without_the_tick_there_is_no_account(space: Studio, there: Running) -> None:
    there.is_now(SUB)
    person = Person(space)
    answer = person.begin(consent="")
    assert answer.status_code == 422 and "consent-error" in answer.text
    assert space.stores.accounts.all_ids() == ()
    assert person.fill_in(answer).headers["location"] == "/", "and the form can be sent again"


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
    assert person.get("/api/account").status_code in (200, 401)
    assert 'name="ticket"' in Person(space).arrive().text, "who comes back begins anew"


def test_the_number_is_found_after_a_rotation_of_keys(space: Studio, there: Running, wren: Person) -> None:
    space.stores.keys.begin_rotation()
    space.stores.keys.wrap_anew()
    space.stores.accounts.index_anew()
    space.stores.keys.end_rotation()
    assert Person(space).arrive().headers["location"] == "/"


def test_the_button_is_there_on_a_space_alone(home: Home, space: Studio) -> None:  # noqa: F811
    assert "/account/huggingface/go/enter" in Person(space).get("/account/sign-in").text
    assert Person(space).get("/account/sign-up").status_code == 404
    hosted = Settings(data=space.settings.data, home="hosted", oauth_client_id=CLIENT, oauth_client_secret=SECRET)  # type: ignore[arg-type]
    plain = Settings(data=space.settings.data, home="space")
    for settings, status in ((hosted, 200), (plain, 404)):
        person = Person(replace(home.studio, settings=settings), "http://studio.example")
        page = person.get("/account/sign-in")
        assert page.status_code == status and "huggingface" not in page.text
        assert person.get("/account/huggingface/go/enter").status_code == 404
        assert person.get("/account/huggingface/callback").status_code == 404


@pytest.mark.promise("P33")
def test_who_else_hears_of_a_sign_in_is_on_the_trust_page(space: Studio) -> None:
    listed = Person(space).get("/trust/data").json()["subprocessors"]
    assert [one["name"] for one in listed] == ["Hugging Face (127.0.0.1)"]
    smtp = SecretStr("smtps://me:secret-7@mail.example:465")
    mailing = replace(space, settings=space.settings.model_copy(update={"smtp": smtp}))
    told = Person(mailing).get("/trust/data")
    assert [one["name"] for one in told.json()["subprocessors"]][0] == "Mail server (mail.example)"
    assert "secret-7" not in told.text


def test_a_provider_in_plain_text_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    from store.settings import SettingsError

    monkeypatch.setenv("SPACE_ID", "someone/studio")
    monkeypatch.setenv("SPACE_HOST", "someone-studio.hf.space")
    monkeypatch.setenv("OAUTH_CLIENT_ID", CLIENT)
    monkeypatch.setenv("OAUTH_CLIENT_SECRET", SECRET)
    settings = Settings.load()
    assert settings.signs_in_elsewhere and settings.address == "https://someone-studio.hf.space"
    assert settings.openid_provider_url == "https://huggingface.co"
    monkeypatch.setenv("OPENID_PROVIDER_URL", "http://huggingface.co")
    with pytest.raises(SettingsError, match="OPENID_PROVIDER_URL"):
        Settings.load()
    assert SECRET not in repr(settings)


def test_what_goes_out_names_nobody(space: Studio, there: Running, wren: Person) -> None:
    """The address that the browser is sent to holds chance and the Space's own number, and nothing of the person."""
    out = wren.get("/account/huggingface/go/confirm").headers["location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(out).query).items()}
    known = {"client_id", "redirect_uri", "scope", "response_type", "state", "nonce", "prompt"}
    assert set(asked) == known | {"code_challenge", "code_challenge_method"}
    assert "wren" not in json.dumps(asked)

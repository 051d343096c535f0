"""Sign-in with Hugging Face on a Space, against a real OpenID provider in a process of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from components.studio import Studio
from store.settings import Settings
from tests.components.actions.conftest import Home, home  # noqa: F401
from tests.conftest import ON_BOTH
from tests.on_a_space import SUB, Person
from tests.openid_provider import CLIENT, SECRET, Running

OTHERS = ("issuer", "audience", "expired", "nonce", "signature", "hmac", "none", "missing", "profile", "denied")


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

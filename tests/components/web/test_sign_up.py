"""Signing up as a browser does: what is asked, what is refused, and what is left of it on the disk."""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape

import pytest
from fastapi.testclient import TestClient

import app
from components import words
from components.actions import taking_out
from policies.actor import Actor
from policies.cookies import registered
from tests.components.actions.conftest import PASSWORD, Home, home, token_of  # noqa: F401

PAGE = {"accept": "text/html"}
AGENT = "Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/AP3A.241005) AppleWebKit/537.36 Chrome/140.0.7339.51 Mobile"
FORM = {
    "name": "Ada Lovelace",
    "email": "ada@example.org",
    "username": "ada_l",
    "password": PASSWORD,
    "birth_day": "28",
    "birth_month": "2",
    "birth_year": "1990",
    "consent": "yes",
}


@pytest.fixture
def browser(home: Home) -> TestClient:  # noqa: F811
    browser = TestClient(app.build(home.studio), base_url="http://studio.example", headers={"user-agent": AGENT})
    browser.get("/", headers=PAGE)
    return browser


def on_disk(home: Home, *words: str) -> list[str]:  # noqa: F811
    files = [path for path in home.studio.settings.data.rglob("*") if path.is_file()]
    return [word for word in words if any(word.encode() in path.read_bytes() for path in files)]


@pytest.mark.promise("P55")
def test_the_question_about_age_is_neutral(browser: TestClient) -> None:
    """It asks for a date, and nothing on the page says which answers are good."""
    page = browser.get("/account/sign-up", headers=PAGE).text
    text = re.sub(r"<[^>]+>", " ", page[page.index("<form") : page.index("</form")])
    assert "birth" in page
    assert not re.search(r"\b(13|thirteen|age|old enough|years|adult|child)\b", text, re.IGNORECASE), text


@pytest.mark.promise("P55")
def test_who_is_too_young_leaves_a_mark_in_the_browser_for_a_day_and_nothing_here(
    browser: TestClient, home: Home  # noqa: F811
) -> None:
    year = str(home.clock().year - 12)
    answer = browser.post("/account/sign-up", data=FORM | {"birth_year": year}, follow_redirects=False)
    assert answer.status_code == 403
    assert not re.search(r"\b1[23]\b", re.sub(r"<[^>]+>", " ", answer.text)), "nothing to learn a better answer from"
    [mark] = answer.headers.get_list("set-cookie")
    assert re.match(r"pixcosmos_age=1; HttpOnly; Max-Age=86400; Path=/; SameSite=lax", mark)
    again = browser.post("/account/sign-up", data=FORM, follow_redirects=False)
    assert again.status_code == 403, "a better answer a minute later is none"
    assert home.studio.stores.accounts.all_ids() == ()
    assert home.studio.stores.outbox.counts()["waiting"] == 0
    assert on_disk(home, "Lovelace", "ada@example.org", "ada_l") == []


@pytest.mark.promise("P1")
@pytest.mark.promise("P55")
@pytest.mark.promise("P78")
def test_a_sign_up_keeps_what_it_names_and_a_receipt_and_no_date_of_birth(
    browser: TestClient, home: Home  # noqa: F811
) -> None:
    page = browser.get("/account/sign-up", headers=PAGE).text
    box = re.search(r"<input type=\"checkbox\" name=\"consent\"[^>]*>", page)
    assert box is not None and "required" in box[0] and "checked" not in box[0]
    unticked = {name: value for name, value in FORM.items() if name != "consent"}
    assert browser.post("/account/sign-up", data=unticked, follow_redirects=False).status_code == 422
    assert home.studio.stores.accounts.all_ids() == ()

    assert browser.post("/account/sign-up", data=FORM, follow_redirects=False).headers["location"] == "/account/sent"
    [mail] = home.mail()
    assert browser.post(f"/account/verify/{token_of(mail)}", data={}, follow_redirects=False).status_code == 303
    [account_id] = home.studio.stores.accounts.all_ids()
    account = home.studio.stores.accounts.get(account_id)
    assert (account.name, account.email, account.username) == ("Ada Lovelace", "ada@example.org", "ada_l")
    row = str(home.studio.stores.accounts._rows.get_by_id(account_id).__data__)
    assert "1990" not in row and "28" not in re.sub(r"[0-9a-f]{16,}|b'.*?'|\d{10,}", "", row)
    [receipt] = home.studio.stores.receipts.of_account(account_id)
    assert (receipt.purpose, receipt.version, receipt.given, receipt.locale) == ("policy", "1", True, "en")
    assert receipt.at == home.clock()
    known = {table.id: rows for table, rows in home.studio.stores.person.tables(account.subject_id)}
    assert [(row["purpose"], row["version"], row["locale"]) for row in known["identity.receipt"]] == [
        ("policy", "1", "en")
    ], "what the page and the download are made from has the receipt"
    assert taking_out.ask(home.studio, Actor(account.subject_id, "user"))


@pytest.mark.promise("P6")
def test_of_a_device_only_families_are_kept_and_its_address_is_sealed_then_cut(
    browser: TestClient, home: Home  # noqa: F811
) -> None:
    from components.actions.tidying import tidy

    home.join("ada")
    home.studio.stores.databases[2].execute_sql("DELETE FROM session")
    form = {"name": "ada", "password": PASSWORD}
    assert browser.post("/account/sign-in", data=form, follow_redirects=False).status_code == 303
    [account_id] = home.studio.stores.accounts.all_ids()
    [session] = home.studio.stores.sessions.of_account(account_id, home.clock())
    kept = (session.device.browser, session.device.system, session.device.device, session.device.address)
    assert kept == ("Chrome Mobile", "Android", "Pixel 9", "testclient")
    assert on_disk(home, AGENT, "140.0", "AP3A.241005", "AppleWebKit", "testclient") == []
    home.clock.forward(days=home.studio.settings.address_days, minutes=1)
    assert tidy(home.studio)["addresses"] == 1
    [session] = home.studio.stores.sessions.of_account(account_id, home.clock())
    assert session.device.address == ""
    assert home.clock() - session.created_at > timedelta(days=7)


@pytest.mark.promise("P8")
def test_every_cookie_of_a_sign_up_is_in_the_register(browser: TestClient, home: Home) -> None:  # noqa: F811
    assert set(browser.cookies) == {"pixcosmos"}
    browser.post("/account/sign-up", data=FORM | {"birth_year": str(home.clock().year - 12)})
    assert set(browser.cookies) == {"pixcosmos", "pixcosmos_age"}
    assert all(registered(name) for name in browser.cookies)


@pytest.mark.parametrize("code", sorted(words.LANGUAGES))
def test_the_pages_around_an_account_speak_the_readers_language(browser: TestClient, code: str) -> None:
    told = {"accept-language": code}
    for path, key in (("sign-up", "page_sign_up"), ("sign-in", "page_sign_in"), ("sent", "page_sent_text")):
        page = browser.get(f"/account/{path}", headers=PAGE | told).text
        assert f'<html lang="{code}">' in page
        assert escape(words.say_in(code, key)) in page
    refused = browser.post("/account/sign-up", data=FORM | {"username": "a"}, headers=told)
    assert escape(words.error("account_username", code)[0]) in refused.text


def test_signing_in_before_the_address_is_confirmed_fills_no_mailbox(
    browser: TestClient, home: Home  # noqa: F811
) -> None:
    """Whoever signed up with another's address knows the password: each sign-in mails the link once more."""
    browser.post("/account/sign-up", data=FORM)
    typed = {"name": FORM["username"], "password": PASSWORD}
    codes = []
    for _ in range(30):
        home.clock.forward(seconds=1)
        codes.append(browser.post("/account/sign-in", data=typed).status_code)
    assert codes.count(200) == 20 and codes[-1] == 429
    assert len(home.mail()) == 21

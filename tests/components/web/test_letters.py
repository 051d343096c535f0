"""News by mail: asked for by one choice, ended by one click of a mail program, and one answer wherever it is shown."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

import app
from components.actions import accounts, choices, mail, notices, privacy
from components.smtp import message_of
from store.outbox import Letter, Mail
from tests.components.actions.conftest import Home, home  # noqa: F401

NEWS = ("New brushes", "There are new brushes.")


def headers(sent: Mail, home: Home) -> tuple[str, str]:  # noqa: F811
    message = message_of(Letter("1", "news", "news", None, 0, home.clock(), sent), "studio@example.org")
    return message["List-Unsubscribe"], message["List-Unsubscribe-Post"]


@pytest.mark.promise("P52")
def test_news_come_after_a_yes_and_end_with_one_post(home: Home) -> None:  # noqa: F811
    alice = home.join("alice")
    assert notices.announce(home.studio, *NEWS) == 0, "nobody gets news who did not ask for them"
    choices.choose(home.studio, alice, "marketing", True, "en")
    assert notices.announce(home.studio, *NEWS) == 1
    [sent] = home.mail()
    link, post = headers(sent, home)
    assert (link, post) == (f"<{sent.unsubscribe}>", "List-Unsubscribe=One-Click")
    browser = TestClient(app.build(home.studio), base_url="http://studio.example")
    path = urlsplit(sent.unsubscribe).path
    browser.get(path)
    assert privacy.switches(home.studio, alice)["marketing"], "a program that only looks changes nothing"
    home.clock.forward(minutes=1)
    assert browser.post(path, content="List-Unsubscribe=One-Click").status_code == 200
    assert not privacy.switches(home.studio, alice)["marketing"]
    assert notices.announce(home.studio, "More brushes", "There are more.") == 0
    assert [one.given for one in privacy.receipts(home.studio, alice)] == [False, True]


@pytest.mark.promise("P52")
def test_a_letter_on_its_way_is_dropped_after_a_no(home: Home) -> None:  # noqa: F811
    alice = home.join("alice")
    choices.choose(home.studio, alice, "marketing", True, "en")
    notices.announce(home.studio, *NEWS)
    home.clock.forward(minutes=1)
    choices.choose(home.studio, alice, "marketing", False, "en")
    assert home.mail() == []


@pytest.mark.promise("P54")
def test_the_switch_of_news_and_the_choice_about_them_are_one(home: Home) -> None:  # noqa: F811
    alice = home.join("alice")
    account = accounts.mine(home.studio, alice)
    assert not mail.switches(home.studio, account.id)["news"]
    assert accounts.set_switches(home.studio, alice, {"news": True})["news"]
    assert privacy.switches(home.studio, alice)["marketing"]
    home.clock.forward(minutes=1)
    choices.choose(home.studio, alice, "marketing", False, "en")
    assert not mail.switches(home.studio, account.id)["news"]


@pytest.mark.promise("P53")
def test_no_setting_stops_a_letter_about_safety(home: Home) -> None:  # noqa: F811
    alice = home.join("alice")
    account = accounts.mine(home.studio, alice)
    forged = accounts.set_switches(home.studio, alice, {"security": False, "service": False})
    assert forged["security"] and forged["service"]
    home.studio.stores.accounts.set_switch(account.id, "security", False)
    accounts.set_password(home.studio, account, "orange walrus nebula nine")
    assert [one.subject for one in home.mail()] == ["Your password was changed"]
    signed = mail.unsubscribe_token(home.studio, account.id, "security")
    mail.unsubscribe(home.studio, signed)
    assert mail.wants(home.studio, account.id, "security")

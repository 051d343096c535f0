"""News by mail: asked for by one choice, ended by one click of a mail program, and one answer wherever it is shown."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

import app
from components.actions import accounts, choices, mail, notices, privacy
from components.smtp import message_of
from policies.draft import Draft
from policies.notifications import KINDS
from store.gallery import NewImage
from store.outbox import Letter, Mail
from tests.components.actions.conftest import Home, home  # noqa: F401
from tests.conftest import SEEN

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


def set_by_hand(home: Home, kind: str, wanted: bool) -> None:  # noqa: F811
    """As the page does: the switch goes to the server, and the server tells what is so."""
    browser = TestClient(app.build(home.studio), base_url="http://studio.example")
    token, _ = home.enter("alice")
    answer = browser.put("/api/account/notifications", json={kind: wanted}, headers={"cookie": f"pixcosmos={token}"})
    assert answer.status_code == 200, answer.text
    assert {one["kind"]: one["wanted"] for one in answer.json()}[kind] is wanted


def cause(home: Home, kind: str, number: int) -> None:  # noqa: F811
    """What a letter of that kind is about happens: news are written, or a long job ends with nobody watching."""
    if kind == "news":
        notices.announce(home.studio, f"News {number}", "There are new brushes.")
        return
    alice = home.studio.stores.accounts.get(home.studio.stores.accounts.all_ids()[0]).subject_id
    jobs = home.studio.stores.jobs
    job = jobs.enqueue(alice, Draft(prompt="a fox"), 1.0, home.clock())
    jobs.claim("test", home.clock(), timedelta(hours=1))
    home.clock.forward(minutes=2)
    assert jobs.finish(job.id, "test", [NewImage(0, 1, 8, 8, files={"full": b"full"}, check=SEEN)], 1.0, home.clock())
    notices.tell_finished(home.studio, job)


@pytest.mark.promise("P54")
@pytest.mark.parametrize("kind", [kind.name for kind in KINDS if not kind.fixed])
def test_every_switch_has_its_effect(home: Home, kind: str) -> None:  # noqa: F811
    home.join("alice")
    home.enter("alice")
    home.mail()
    letters = []
    for number, wanted in enumerate((False, True, False)):
        home.clock.forward(minutes=1)
        set_by_hand(home, kind, wanted)
        home.mail()
        cause(home, kind, number)
        letters.append(len(home.mail()))
    assert letters == [0, 1, 0]


def test_hostile_words_stay_words_in_a_letter(home: Home) -> None:  # noqa: F811
    """Letters are plain text of one part, and nothing in them becomes a header."""
    hostile = '<img src=x onerror=alert(1)>"\r\nBcc: eve@example.org\r\n\r\n<script>alert(1)</script>'
    sent = Mail(to="alice@example.org", subject=f"News {hostile}", text=f"Somebody wrote: {hostile}")
    message = message_from_bytes(
        message_of(Letter("1", "news", "news", None, 0, home.clock(), sent), "studio@example.org").as_bytes(),
        policy=policy.default,
    )
    assert message.get_content_type() == "text/plain"
    assert not message.is_multipart()
    assert message["Bcc"] is None
    assert message["To"] == "alice@example.org"
    assert "<script>alert(1)</script>" in message.get_content()


def test_news_reach_the_others_while_somebody_is_being_deleted(home: Home) -> None:  # noqa: F811
    """Their keys are gone and their rows are not yet."""
    alice, bob = home.join("alice"), home.join("bob")
    account = home.studio.stores.accounts.of_subject(bob.subject_id)
    mail.switch(home.studio, account.id, "news", True)
    home.studio.stores.keys.destroy(alice.subject_id)
    assert notices.announce(home.studio, *NEWS) == 1

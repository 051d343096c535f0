"""Letters reach a real mail server: each event once, also after a crash; switches and one click have their effect."""

from __future__ import annotations

import email
import email.message
import email.policy
from collections.abc import Iterator
from dataclasses import replace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi.testclient import TestClient

import app
from components.actions import accounts, mail, notices
from components.postman import Postman
from components.smtp import Smtp, message_of, sender
from components.studio import Studio
from policies.notifications import KINDS
from store.db import open_stores
from store.outbox import Mail
from store.settings import Settings
from tests.components.actions.conftest import Home, home  # noqa: F401
from tests.e2e.conftest import free_port


class Sink:
    """Takes every mail, except for those to addresses that it does not know."""

    def __init__(self) -> None:
        self.mails: list[email.message.EmailMessage] = []
        self.busy = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.busy:
            return "451 Come back later"
        if address.startswith("gone@"):
            return "550 There is nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(email.message_from_bytes(envelope.content or b"", policy=email.policy.default))  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink()
    server = Controller(sink, hostname="127.0.0.1", port=free_port())
    server.start()
    sink.port = server.port  # type: ignore[attr-defined]
    yield sink
    server.stop()


@pytest.fixture
def posted(home: Home, sink: Sink) -> Home:  # noqa: F811
    """The hosted home, with the sink as its mail server and an address on the internet."""
    settings = Settings(
        data=home.studio.settings.data,
        home="hosted",
        public_url="https://studio.example",
        smtp=f"smtp://127.0.0.1:{sink.port}",  # type: ignore[attr-defined]
    )
    home.studio = replace(home.studio, settings=settings)
    return home


def deliver(home: Home) -> int:  # noqa: F811
    return Postman(home.studio).deliver()


@pytest.mark.promise("P2")
def test_each_event_is_one_mail(posted: Home, sink: Sink) -> None:
    posted.sign_up("alice")
    assert [deliver(posted), deliver(posted)] == [1, 0]
    [mail] = sink.mails
    assert (mail["To"], mail["Subject"]) == ("alice@example.org", "Confirm your address")
    assert mail["From"] == "PixCosmos <pixcosmos@studio.example>"
    assert "https://studio.example/account/verify/" in mail.get_content()
    assert mail["List-Unsubscribe"] is None


@pytest.mark.promise("P2")
def test_a_crash_between_commit_and_send_loses_no_mail_and_doubles_none(posted: Home, sink: Sink) -> None:
    """The process dies after the transaction: another one, which knows only the data folder, sends the letter."""
    posted.sign_up("alice")
    again = open_stores(posted.studio.settings)
    reborn = replace(posted.studio, stores=again)
    assert [Postman(reborn).deliver(), Postman(reborn).deliver(), deliver(posted)] == [1, 0, 0]
    assert len(sink.mails) == 1
    again.close()


@pytest.mark.promise("P2")
def test_a_transaction_that_failed_mails_nothing(posted: Home) -> None:
    alice = member(posted, "alice")
    account = posted.studio.stores.accounts.of_subject(alice.subject_id)
    with pytest.raises(ZeroDivisionError), posted.studio.stores.accounts.together():
        mail.post(posted.studio, account, "password_changed", "an event")
        raise ZeroDivisionError
    assert deliver(posted) == 0
    assert mail.post(posted.studio, account, "password_changed", "an event")
    assert not mail.post(posted.studio, account, "password_changed", "an event")
    assert deliver(posted) == 1


def test_a_letter_that_died_on_its_way_has_the_same_id_when_it_comes_again(posted: Home, sink: Sink) -> None:
    posted.sign_up("alice")
    letter = posted.studio.stores.outbox.claim(posted.clock())
    assert letter is not None
    Smtp(posted.studio.settings).carry(letter)  # and here the process dies
    assert deliver(posted) == 0
    posted.clock.forward(minutes=2)
    assert deliver(posted) == 1
    assert sink.mails[0]["Message-ID"] == sink.mails[1]["Message-ID"]


def test_a_busy_server_is_asked_again_later_and_an_unknown_address_is_not(posted: Home, sink: Sink) -> None:
    sink.busy = True
    posted.sign_up("alice")
    assert deliver(posted) == 0
    sink.busy = False
    assert deliver(posted) == 0
    posted.clock.forward(seconds=30)
    assert deliver(posted) == 1
    posted.sign_up("bob", email="gone@example.org")
    assert deliver(posted) == 0
    posted.clock.forward(days=1)
    assert deliver(posted) == 0
    assert posted.studio.stores.outbox.counts() == {"waiting": 0, "sent": 1, "dropped": 1}


def test_a_server_that_is_away_for_days_ends_the_waiting(posted: Home) -> None:
    settings = posted.studio.settings.model_copy(update={"smtp": None})
    unreachable = Settings(**settings.model_dump() | {"smtp": f"smtp://127.0.0.1:{free_port()}"})
    posted.studio = replace(posted.studio, settings=unreachable)
    posted.sign_up("alice")
    for _ in range(40):
        deliver(posted)
        posted.clock.forward(hours=2)
    assert posted.studio.stores.outbox.counts()["dropped"] == 1


@pytest.mark.promise("P21")
def test_letters_are_sealed_and_what_was_sent_is_emptied(posted: Home) -> None:
    posted.sign_up("alice")
    for path in posted.studio.settings.data.glob("identity.db*"):
        assert b"alice@example" not in path.read_bytes()
        assert b"/account/verify/" not in path.read_bytes()
    deliver(posted)
    rows = posted.studio.stores.outbox._rows
    assert [row.sealed for row in rows.select()] == [None]


@pytest.mark.promise("P54")
def test_a_switch_decides_whether_news_come(posted: Home, sink: Sink) -> None:
    alice, _ = member(posted, "alice"), member(posted, "bob")
    accounts.set_switches(posted.studio, alice, {"news": True})
    sink.mails.clear()
    assert notices.announce(posted.studio, "What is new", "A great deal.") == 1
    assert notices.announce(posted.studio, "What is new", "A great deal.") == 0
    deliver(posted)
    assert [mail["To"] for mail in sink.mails] == ["alice@example.org"]
    accounts.set_switches(posted.studio, alice, {"news": False})
    assert notices.announce(posted.studio, "More", "Even more.") == 0


@pytest.mark.promise("P54")
def test_a_switch_that_is_turned_off_stops_a_letter_that_is_already_written(posted: Home, sink: Sink) -> None:
    alice = member(posted, "alice")
    accounts.set_switches(posted.studio, alice, {"news": True})
    notices.announce(posted.studio, "What is new", "A great deal.")
    accounts.set_switches(posted.studio, alice, {"news": False})
    assert deliver(posted) == 0


@pytest.mark.promise("P52")
def test_one_click_of_the_mail_program_stops_the_next_letter(posted: Home, sink: Sink) -> None:
    alice = member(posted, "alice")
    accounts.set_switches(posted.studio, alice, {"news": True})
    sink.mails.clear()
    notices.announce(posted.studio, "What is new", "A great deal.")
    deliver(posted)
    [mail] = sink.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"].strip("<>").removeprefix("https://studio.example")
    # Mail programs send no cookie and say nothing about sites; a look at the link alone changes nothing.
    program = TestClient(app.build(posted.studio), base_url="https://studio.example")
    assert program.get(address).status_code == 200
    assert accounts.switches(posted.studio, posted.studio.stores.accounts.of_subject(alice.subject_id))["news"]
    assert program.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert notices.announce(posted.studio, "More", "Even more.") == 0
    assert program.post(address[:-1] + "é").status_code == 404


@pytest.mark.promise("P53")
def test_a_forged_switch_cannot_stop_security_and_service(posted: Home, sink: Sink) -> None:
    alice = member(posted, "alice")
    account = posted.studio.stores.accounts.of_subject(alice.subject_id)
    accounts.set_switches(posted.studio, alice, {kind.name: False for kind in KINDS})
    for kind in KINDS:
        posted.studio.stores.accounts.set_switch(account.id, kind.name, False)
    sink.mails.clear()
    assert mail.post(posted.studio, account, "password_changed", "one")
    assert mail.post(posted.studio, account, "verify", "two")
    assert not mail.post(posted.studio, account, "finished", "three")
    assert deliver(posted) == 2


@pytest.mark.promise("P54")
def test_a_long_job_that_nobody_watched_is_told_about_when_asked_for(posted: Home) -> None:
    from tests.components.web.test_guard import make_picture

    alice = member(posted, "alice")
    studio = posted.studio
    make_picture(studio, alice.subject_id)
    [job] = studio.stores.jobs.recent(alice.subject_id, posted.clock(), 5)
    posted.clock.forward(minutes=2)
    assert not notices.tell_finished(studio, job)
    accounts.set_switches(studio, alice, {"finished": True})
    with studio.live.watch(alice.subject_id, lambda: None):
        assert not notices.tell_finished(studio, job)
    assert notices.tell_finished(studio, job)
    assert not notices.tell_finished(studio, job)


def member(home: Home, name: str) -> accounts.Actor:  # noqa: F811
    """A person whose address is confirmed, with an empty outbox."""
    guest = home.sign_up(name)
    account = home.studio.stores.accounts.of_subject(guest.subject_id)
    home.studio.stores.accounts.update(account, verified_at=home.clock())
    Postman(home.studio).deliver()
    return replace(guest, kind="user")


def test_a_home_without_a_mail_server_prints(studio: Studio, capsys: pytest.CaptureFixture[str]) -> None:
    studio.stores.outbox.add("one", "service", Mail("a@example.org", "Subject", "Text"), studio.clock())
    assert Postman(studio).deliver() == 1
    assert "letter to a@example.org: Subject" in capsys.readouterr().out


def test_no_header_can_be_smuggled_into_a_letter(posted: Home) -> None:
    posted.studio.stores.outbox.add("x", "news", Mail("a@example.org", "Hi\r\nBcc: b@x.org", "T"), posted.clock())
    letter = posted.studio.stores.outbox.claim(posted.clock())
    assert letter is not None
    with pytest.raises(ValueError):
        message_of(letter, sender(posted.studio.settings))

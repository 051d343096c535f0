"""Letters over a real SMTP server: each event is mailed once, whatever dies on the way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from components.postman import Postman
from components.studio import Studio
from store.db import open_stores
from store.outbox import LEASE, TRIED_FOR, Mail
from store.settings import Settings
from tests.components.actions.conftest import Home, home  # noqa: F401
from tests.conftest import ON_BOTH, environment

MAIL = Mail("ada@example.org", "Grüße aus dem Studio", "Ein Fuchs ist fertig.\n")


@dataclass
class Sink:
    """A mail server that keeps what it takes. `answers` are given first, one for each letter."""

    kept: list[Message] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.kept.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def sink() -> Iterator[tuple[Sink, str]]:
    sink = Sink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield sink, f"smtp://127.0.0.1:{port}"
    finally:
        server.stop()


def mailing(studio: Studio, address: str) -> Studio:
    return replace(studio, settings=Settings(data=studio.settings.data, home="hosted", smtp=address))


@ON_BOTH
@pytest.mark.promise("P2")
def test_an_event_is_one_letter_however_often_it_is_told(home: Home, sink: tuple[Sink, str]) -> None:  # noqa: F811
    server, address = sink
    studio = mailing(home.studio, address)
    assert studio.stores.outbox.add("drawn 7", "service", MAIL, home.clock())
    assert not studio.stores.outbox.add("drawn 7", "service", MAIL, home.clock())
    assert Postman(studio).deliver() == 1
    assert Postman(studio).deliver() == 0
    [letter] = server.kept
    assert str(letter["To"]) == "ada@example.org"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_payload(decode=True).splitlines() == [b"Ein Fuchs ist fertig."]  # type: ignore[union-attr]
    assert studio.stores.outbox.counts() == {"waiting": 0, "sent": 1, "dropped": 0}


CHILD = """
import os
from store.db import open_stores
from store.outbox import Mail
from store.settings import Settings
from tests.conftest import NOON
stores = open_stores(Settings.load())
with stores.accounts.together():
    stores.outbox.add("signed up", "service", Mail("ada@example.org", "Hello", "Hello"), NOON)
    if WHEN == "before the commit": os.kill(os.getpid(), 9)
if WHEN == "holding the letter": stores.outbox.claim(NOON)
os.kill(os.getpid(), 9)
"""


@pytest.mark.promise("P2")
@pytest.mark.parametrize(
    ("when", "letters"), [("before the commit", 0), ("after the commit", 1), ("holding the letter", 1)]
)
def test_a_crash_loses_no_letter_and_sends_none_of_what_did_not_happen(
    home: Home, sink: tuple[Sink, str], when: str, letters: int  # noqa: F811
) -> None:
    server, address = sink
    root = Path(__file__).parents[2]
    env = os.environ | environment(home.studio.settings) | {"PYTHONPATH": str(root)}
    child = subprocess.run([sys.executable, "-c", f"WHEN = {when!r}\n{CHILD}"], cwd=root, env=env)
    assert child.returncode == -signal.SIGKILL
    home.clock.forward(seconds=LEASE.total_seconds())
    postman = Postman(mailing(home.studio, address))
    assert postman.deliver() == letters
    assert postman.deliver() == 0
    assert len(server.kept) == letters


@pytest.mark.promise("P2")
def test_two_postmen_carry_a_letter_once(home: Home, sink: tuple[Sink, str]) -> None:  # noqa: F811
    server, address = sink
    studio = mailing(home.studio, address)
    second = replace(studio, stores=open_stores(studio.settings))
    for number in range(6):
        studio.stores.outbox.add(f"event {number}", "service", MAIL, home.clock())
    claimed = [one.stores.outbox.claim(home.clock()) for one in (studio, second)]
    assert len({letter.id for letter in claimed if letter}) == 2
    home.clock.forward(seconds=LEASE.total_seconds())
    assert Postman(studio).deliver() + Postman(second).deliver() == 6
    assert len({letter["Message-ID"] for letter in server.kept}) == len(server.kept) == 6
    second.stores.close()


def test_a_server_that_is_busy_is_asked_again_and_gets_the_same_letter(
    home: Home, sink: tuple[Sink, str]  # noqa: F811
) -> None:
    """The same number, so that a server which took it before we died can tell."""
    server, address = sink
    studio = mailing(home.studio, address)
    server.answers = ["451 later, please"]
    studio.stores.outbox.add("drawn 7", "service", MAIL, home.clock())
    assert Postman(studio).deliver() == 0
    assert Postman(studio).deliver() == 0, "not at once"
    home.clock.forward(seconds=31)
    assert Postman(studio).deliver() == 1
    assert len(server.kept) == 1


def test_an_address_that_does_not_exist_is_given_up(home: Home, sink: tuple[Sink, str]) -> None:  # noqa: F811
    server, address = sink
    studio = mailing(home.studio, address)
    server.answers = ["550 there is no such person"]
    studio.stores.outbox.add("drawn 7", "service", MAIL, home.clock())
    Postman(studio).deliver()
    assert studio.stores.outbox.counts()["dropped"] == 1


def test_a_server_that_is_gone_for_days_is_given_up(home: Home) -> None:  # noqa: F811
    studio = mailing(home.studio, "smtp://127.0.0.1:9")
    studio.stores.outbox.add("drawn 7", "service", MAIL, home.clock())
    Postman(studio).deliver()
    assert studio.stores.outbox.counts()["waiting"] == 1
    home.clock.forward(seconds=TRIED_FOR.total_seconds() + 1)
    Postman(studio).deliver()
    assert studio.stores.outbox.counts() == {"waiting": 0, "sent": 0, "dropped": 1}

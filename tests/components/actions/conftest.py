"""People with accounts on a hosted home, whose clock and mailbox the test holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from components.actions import accounts, signing_in
from components.actions.accounts import SignUp
from components.postman import Postman
from components.studio import Studio
from policies.actor import Actor
from store.outbox import Letter, Mail
from store.passwords import Passwords
from store.sessions import Device, Session
from store.settings import Settings
from tests.conftest import NOON

PASSWORD = "violet tractor nebula seven"
LAPTOP = Device("Firefox", "Linux", "", "203.0.113.77")


QUICK = Passwords(time_cost=1, memory_cost=64, parallelism=1)


class Clock:
    """Stands still until the test moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


class Mailbox:
    """Carries letters into a list: what a person would find in their mailbox."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def carry(self, letter: Letter) -> None:
        self.letters.append(letter)


@dataclass
class Home:
    """A hosted home without its web server."""

    studio: Studio
    clock: Clock

    def mail(self) -> list[Mail]:
        """The letters that went out since the last look."""
        box = Mailbox()
        Postman(self.studio, box).deliver()
        return [letter.mail for letter in box.letters]

    def link(self) -> str:
        """The token at the end of the link in the one new letter."""
        [mail] = self.mail()
        return token_of(mail)

    def guest(self) -> Actor:
        return Actor(self.studio.stores.subjects.new_guest(self.clock())[1], "guest")

    def sign_up(self, username: str, guest: Actor | None = None, /, **changed: object) -> Actor:
        guest = guest or self.guest()
        accounts.sign_up(self.studio, guest, form(username, **changed))
        return guest

    def join(self, name: str) -> Actor:
        """Signs up and confirms the address. Answers the person, as every request of theirs would."""
        guest = self.sign_up(name)
        accounts.verify(self.studio, guest, self.link())
        return Actor(guest.subject_id, "user")

    def enter(self, name: str, device: Device = LAPTOP) -> tuple[str, Session]:
        """Signs in. Answers the cookie's token and the session."""
        done = signing_in.sign_in(self.studio, name, PASSWORD, device)
        session = self.studio.stores.sessions.of_token(done.token, self.clock())
        assert session is not None
        return done.token, session


def form(username: str, /, **changed: object) -> SignUp:
    plain = SignUp(
        name=username.title(),
        email=f"{username}@example.org",
        username=username,
        password=PASSWORD,
        birth=(1990, 2, 28),
        consent=True,
        policy_version="1",
        locale="en",
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def token_of(mail: Mail) -> str:
    found = re.search(r"/account/\S*/([\w-]{20,})$", mail.text, re.MULTILINE)
    assert found is not None, mail.text
    return found[1]


@pytest.fixture
def home(studio: Studio) -> Iterator[Home]:
    clock = Clock()
    settings = Settings(data=studio.settings.data, home="hosted", open_browser=False)
    yield Home(replace(studio, settings=settings, clock=clock, passwords=QUICK), clock)

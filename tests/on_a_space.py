"""A Space that signs people in with Hugging Face, and people in front of it; the provider is a real one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from components.postman import Postman
from components.studio import Studio
from components.web import account_api, account_pages, elsewhere, errors, privacy_api, session, trust
from store.settings import Settings
from tests.components.actions.conftest import QUICK, Mailbox
from tests.openid_provider import CLIENT, SECRET, Running, provider

PAGE = {"accept": "text/html"}
SUB = "5f1d-kanarienvogel-9921"
BIRTH = {"birth_day": "7", "birth_month": "3", "birth_year": "1990"}


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

"""Every route, ours and Gradio's, as everybody: no line of `routes.txt` gives anything of Alice's to somebody else.

A line is `kind METHOD path`. open: there without a session. visitor: what a session sees is its own. owned: names a
thing, and is 404 for all but its owner. staff: for moderators and admins, and what it shows of others is told to them.
closed: nobody gets it. A route without a line fails the test.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import app
from components.actions import accounts
from tests.components.actions.conftest import Home, home  # noqa: F401
from tests.components.web.test_guard import make_picture

LINES = [line.split() for line in Path(__file__).with_name("routes.txt").read_text().splitlines()]
KINDS = {(method, path): kind for kind, method, path in LINES}
# Streams that never end, whose owners test_guard.py and test_events.py check; and routes that end the own session.
UNENDING = ("/events", "/gradio_api/heartbeat/{session_hash}", "/gradio_api/queue/data")
LEAVING = ("/account/sign-out", "/logout")
NOBODY_ELSE = ("bob", "moderator", "admin", "nobody")
SECRETS = ("a secret of alice", "alice@example.org")


@dataclass
class Street:
    """A hosted home with its people, their cookies, and what is theirs."""

    browser: TestClient
    cookies: dict[str, str]
    things: dict[str, dict[str, str]]

    def ask(self, who: str, method: str, path: str) -> Any:
        headers = {"cookie": f"pixcosmos={self.cookies[who]}"} if who in self.cookies else {}
        body = {} if method in ("GET", "HEAD", "DELETE") else {"json": {}}
        return self.browser.request(method, path, headers=headers, follow_redirects=False, **body)  # type: ignore[arg-type]


@pytest.fixture
def street(home: Home) -> Street:  # noqa: F811
    studio, cookies, things = home.studio, {}, {}
    browser = TestClient(app.build(studio), base_url="http://studio.example", raise_server_exceptions=False)
    for who in ("alice", "bob", "moderator", "admin"):
        name = who if who in ("alice", "bob") else f"the_{who}"
        person = home.join(name)
        cookies[who], session = home.enter(name)
        image = make_picture(studio, person.subject_id, f"a secret of {who}")
        things[who] = {
            "image_id": image,
            "picture_id": image,
            "job_id": studio.stores.gallery.get(person.subject_id, image).job_id,
            "session_id": session.id,
        }
        if who in ("moderator", "admin"):
            accounts.grant(studio, f"{name}@example.org", who)
            studio.stores.sessions.confirm(session.id, home.clock(), second_factor=True)
    return Street(browser, cookies, things)


def routes(found: Any) -> Iterator[tuple[str, str]]:
    """What the server really answers to: our routers, and Gradio's application inside."""
    for route in found:
        inside = getattr(route, "original_router", None) or getattr(route, "app", None)
        if getattr(route, "path", "") == "" and hasattr(inside, "routes"):
            yield from routes(inside.routes)
        else:
            yield from ((method, route.path) for method in getattr(route, "methods", None) or ["GET"])


def filled(path: str, things: dict[str, str]) -> str:
    known = {"variant": "full"} | things
    return re.sub(r"{(\w+)(:path)?}", lambda hole: known.get(hole[1], "f" * 32), path)


def test_every_route_has_a_line(street: Street) -> None:
    there = set(routes(street.browser.app.routes))  # type: ignore[attr-defined]
    assert there - set(KINDS) == set(), "add a line for each to routes.txt and say what it is"
    assert set(KINDS) - there == set(), "these are gone: take their lines out of routes.txt"


@pytest.mark.promise("P22")
@pytest.mark.promise("P25")
def test_nobody_gets_what_is_alices(street: Street) -> None:
    for (method, path), kind in KINDS.items():
        for who in NOBODY_ELSE:
            if path in UNENDING + LEAVING and who != "nobody":
                continue
            answer = street.ask(who, method, filled(path, street.things["alice"]))
            case = f"{who}: {method} {path} is {answer.status_code}"
            assert answer.status_code < 500, case
            assert not [secret for secret in SECRETS if secret in answer.text], case
            if kind == "closed" or (kind == "owned" and who != "nobody"):
                assert answer.status_code in (404, 405, 422), case
            if kind == "staff" and who == "bob":
                assert answer.status_code in (403, 422), case
            if kind in ("owned", "visitor", "staff") and who == "nobody":
                assert answer.status_code == 401, case


@pytest.mark.promise("P25")
def test_the_same_addresses_serve_their_owner(street: Street) -> None:
    """Or the test above would prove nothing."""
    for path in ("/i/{image_id}", "/i/{image_id}/{variant}", "/api/images/{image_id}", "/api/jobs/{job_id}"):
        assert street.ask("alice", "GET", filled(path, street.things["alice"])).status_code == 200


@pytest.mark.promise("P25")
@pytest.mark.parametrize(("who", "whose"), [("alice", "bob"), ("bob", "alice")])
def test_a_thousand_requests_for_anothers_things_are_all_404(street: Street, who: str, whose: str) -> None:
    named = tuple(f"{{{name}}}" for name in street.things[whose])
    bodiless = ("cancel", "reproduce", "end")
    asked = [
        (method, path)
        for (method, path), kind in KINDS.items()
        if kind == "owned" and any(hole in path for hole in named) and (method == "GET" or path.endswith(bodiless))
    ]
    chance = random.Random(7)
    statuses = {
        street.ask(who, method, filled(path, street.things[whose])).status_code
        for method, path in chance.choices(asked, k=1000)
    }
    assert statuses == {404}

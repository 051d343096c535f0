"""The routes of the people who run a home: nothing for others, and nothing final without the password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

import app
from components.actions import accounts, privacy
from tests.components.actions.conftest import Home, home  # noqa: F401

WHY = "A letter of her school"


class Staff(TestClient):
    """Browsers of several people, one after another."""

    cookies_of: dict[str, str]

    def ask(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"cookie": f"pixcosmos={self.cookies_of[who]}"}
        answer = self.request(method, f"/api/staff/{path}", headers=headers, json=body)
        return answer.status_code, answer.json()


@pytest.fixture
def staff(home: Home) -> Iterator[Staff]:  # noqa: F811
    client = Staff(app.build(home.studio), base_url="http://studio.example")
    client.cookies_of = {}
    for name, role in (("alice", "user"), ("marta", "moderator"), ("anton", "admin")):
        home.join(name)
        accounts.grant(home.studio, f"{name}@example.org", role)
        enter(home, client, name, second_factor=role != "user")
    yield client


def enter(home: Home, client: Staff, name: str, *, second_factor: bool) -> None:  # noqa: F811
    client.cookies_of[name], session = home.enter(name)
    home.studio.stores.sessions.confirm(session.id, home.clock(), second_factor=second_factor)


def test_a_message_is_seen_opened_and_answered_by_staff_alone(home: Home, staff: Staff) -> None:  # noqa: F811
    person = home.join("bea")
    ticket = privacy.write_to_us(home.studio, person, "question", "Privacy Request", "What do you keep?").id
    for path, body in (("look", {"reason": WHY}), ("answer", {"text": "All of it"}), ("extend", {"reason": WHY})):
        status, said = staff.ask("alice", "POST", f"tickets/{ticket}/{path}", body)
        assert (status, said["error"]["code"]) == (403, "staff_only")
    assert staff.ask("alice", "GET", "tickets")[0] == 403
    _, [waiting] = staff.ask("marta", "GET", "tickets")
    assert waiting == {
        "id": ticket,
        "kind": "privacy",
        "created_at": "2026-11-01T12:00:00+00:00",
        "due_at": "2026-12-01T12:00:00+00:00",
        "extended": False,
        "overdue": False,
    }
    assert staff.ask("marta", "POST", f"tickets/{ticket}/look", {"reason": "so"})[1]["error"]["code"] == "reason_needed"
    opened = staff.ask("marta", "POST", f"tickets/{ticket}/look", {"reason": WHY})[1]
    assert opened["messages"][0]["text"] == "What do you keep?"
    home.clock.forward(days=31)
    enter(home, staff, "marta", second_factor=True)
    assert staff.ask("marta", "POST", f"tickets/{ticket}/answer", {"text": " "})[1]["error"]["field"] == "text"
    assert staff.ask("marta", "GET", "tickets")[1][0]["overdue"]
    assert staff.ask("marta", "POST", f"tickets/{ticket}/answer", {"text": "See My data."})[0] == 200
    assert staff.ask("marta", "GET", "tickets")[1] == []
    assert staff.ask("marta", "POST", f"tickets/{ticket}/look", {"reason": WHY})[0] == 404


@pytest.mark.promise("P56")
def test_a_childs_account_is_ended_by_an_admin_who_gave_the_password(home: Home, staff: Staff) -> None:  # noqa: F811
    child = {"email": "alice@example.org", "reason": WHY}
    assert staff.ask("marta", "POST", "children", child)[1]["error"]["code"] == "staff_only"
    home.clock.forward(minutes=20)
    assert staff.ask("anton", "POST", "children", child)[1]["error"]["code"] == "confirm_first"
    assert home.studio.stores.accounts.of_email("alice@example.org") is not None
    home.clock.forward(minutes=-20)
    status, receipt = staff.ask("anton", "POST", "children", child)
    assert (status, receipt["state"]) == (200, "done") and receipt["verified_at"]
    assert home.studio.stores.accounts.of_email("alice@example.org") is None
    assert staff.request("GET", "/api/account", headers={"cookie": f"pixcosmos={staff.cookies_of['alice']}"}).is_error

"""The routes of privacy: everybody's own, all of it, and honest about what needs a yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from fastapi.testclient import TestClient

import app
from components.actions import leaving, privacy, taking_out
from components.studio import Studio
from components.words import of_data
from policies import data_map
from policies.actor import Actor
from policies.verdict import Refused
from store.settings import Settings
from tests.components.actions.people import CANARY, live_a_little

PAGE = {"accept": "text/html"}


@pytest.fixture
def client(studio: Studio) -> TestClient:
    """The owner of a personal studio. Not started: what runs by itself is called by hand."""
    return TestClient(app.build(studio), base_url="http://127.0.0.1:7860")


@pytest.fixture
def hosted(studio: Studio) -> Studio:
    return replace(studio, settings=Settings(data=studio.settings.data, home="hosted"))


def today(studio: Studio) -> datetime:
    """Its first moment: uses are counted by the day."""
    return studio.clock().replace(hour=0, minute=0, second=0, microsecond=0)


def visitor(studio: Studio) -> tuple[TestClient, Actor]:
    browser = TestClient(app.build(studio), base_url="http://studio.example")
    browser.get("/", headers=PAGE)
    subject = studio.stores.subjects.of_token(browser.cookies["pixcosmos"], studio.clock())
    assert subject is not None
    return browser, Actor(subject, "guest")


@pytest.mark.promise("P44")
def test_the_page_covers_every_table_that_can_hold_something(client: TestClient, studio: Studio) -> None:
    live_a_little(studio, studio.owner)
    shown = client.get("/api/privacy/data").json()["tables"]
    assert {one["id"] for one in shown} == {table.id for table in data_map.TABLES if table.owner}
    for one in shown:
        named = {column["name"] for column in one["columns"]}
        table = data_map.of(*one["id"].split("."))
        assert named == {column.name for column in table.columns}
        for row in one["rows"]:
            assert set(row) == {column.name for column in table.columns if column.shown}
    assert CANARY in str(shown), "what is sealed is opened for its owner"


def test_what_is_kept_and_why_is_said_in_the_language_of_the_page(client: TestClient) -> None:
    tables = client.get("/api/privacy/data", headers={"accept-language": "de"}).json()["tables"]
    for one in tables:
        table = data_map.of(*one["id"].split("."))
        assert one["title"] == of_data(table.title, "de")
        assert one["purpose"] == of_data(table.purpose, "de") != table.purpose
        assert one["lawful"] == of_data(data_map.LAWFUL[table.lawful], "de")
        said = [column["means"] for column in one["columns"]]
        assert said == [of_data(column.means, "de") for column in table.columns]


@pytest.mark.promise("P80")
def test_a_look_of_staff_is_shown_with_its_reason(client: TestClient, studio: Studio) -> None:
    me = studio.owner
    assert client.get("/api/privacy/data").json()["staff_reads"] == []
    moderator = Actor("m" * 32, "moderator")
    with pytest.raises(Refused):
        privacy.look_as_staff(studio, moderator, me.subject_id, " ")
    privacy.look_as_staff(studio, moderator, me.subject_id, "A report about a broken picture")
    reads = client.get("/api/privacy/data").json()["staff_reads"]
    assert [(one["who"], one["reason"]) for one in reads] == [("moderator", "A report about a broken picture")]


@pytest.mark.promise("P44")
@pytest.mark.promise("P25")
def test_nobody_sees_or_takes_anothers(hosted: Studio) -> None:
    alice, alices = visitor(hosted)
    bob, _ = visitor(hosted)
    live_a_little(hosted, alices)
    export = taking_out.ask(hosted, alices)
    taking_out.pack_next(hosted)
    assert CANARY in alice.get("/api/privacy/data").text
    for path in ("data", "exports", "messages", "choices", "notices"):
        assert CANARY not in bob.get(f"/api/privacy/{path}").text
    assert bob.get(f"/api/privacy/exports/{export.id}/file").status_code == 404
    assert bob.get("/api/privacy/exports").json() == []


@pytest.mark.promise("P45")
def test_a_download_resumes_by_range(client: TestClient, studio: Studio) -> None:
    live_a_little(studio, studio.owner)
    asked = client.post("/api/privacy/exports").json()
    assert client.get(f"/api/privacy/exports/{asked['id']}/file").status_code == 422
    taking_out.pack_next(studio)
    (one,) = client.get("/api/privacy/exports").json()
    whole = client.get(one["url"])
    assert whole.headers["content-type"] == "application/zip"
    assert len(whole.content) == one["size_bytes"] == int(whole.headers["content-length"])
    rest = client.get(one["url"], headers={"range": "bytes=100-", "if-range": whole.headers["etag"]})
    assert (rest.status_code, rest.content) == (206, whole.content[100:])
    some = client.get(one["url"], headers={"range": "bytes=5-9"})
    assert (some.content, some.headers["content-range"]) == (whole.content[5:10], f"bytes 5-9/{one['size_bytes']}")
    assert client.get(one["url"], headers={"range": "bytes=999999999-"}).status_code == 416
    stale = client.get(one["url"], headers={"range": "bytes=5-9", "if-range": '"other"'})
    assert (stale.status_code, stale.content) == (200, whole.content)


@pytest.mark.promise("P46")
def test_asking_cancelling_and_the_receipt(client: TestClient, studio: Studio) -> None:
    live_a_little(studio, studio.owner)
    assert client.get("/api/privacy/deletion").json()["state"] == "none"
    asked = client.post("/api/privacy/deletion", json={"days": 7}).json()
    assert asked["state"] == "waiting"
    assert client.post("/api/privacy/deletion/cancel").json()["state"] == "none"
    assert client.post("/api/privacy/deletion/cancel").status_code == 404
    assert client.post("/api/privacy/deletion", json={"days": 8}).status_code == 422
    asked = client.post("/api/privacy/deletion", json={"days": 0}).json()
    leaving.run_due(studio)
    receipt = client.get(f"/trust/receipt/{asked['receipt']}").json()
    assert receipt["state"] == "done" and receipt["verified_at"]
    assert client.get(f"/trust/receipt/{'0' * 32}").status_code == 404
    assert client.get("/api/privacy/deletion").json()["state"] == "none", "whoever comes next begins anew"


@pytest.mark.promise("P62")
@pytest.mark.promise("P41")
def test_a_new_use_is_forbidden_until_accepted(client: TestClient, studio: Studio) -> None:
    server = app.build(studio)

    @server.get("/try", include_in_schema=False)
    def tried() -> dict[str, bool]:
        privacy.require_consent(studio, studio.owner, "model_improvement")
        return {"used": True}

    server.router.routes.insert(0, server.router.routes.pop())
    person = TestClient(server, base_url="http://127.0.0.1:7860")
    refused = person.get("/try")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "consent_needed")
    choice = {"purpose": "model_improvement", "given": True, "locale": "de"}
    receipt = person.put("/api/privacy/choices", json=choice).json()["receipts"][0]
    assert (receipt["purpose"], receipt["given"], receipt["locale"]) == ("model_improvement", True, "de")
    assert person.get("/try").json() == {"used": True}
    person.put("/api/privacy/choices", json=choice | {"given": False})
    assert person.get("/try").status_code == 403
    assert len(person.get("/api/privacy/choices").json()["receipts"]) == 2, "a receipt is never changed"


@pytest.mark.promise("P48")
@pytest.mark.promise("P5")
def test_who_objects_is_not_counted(hosted: Studio) -> None:
    alice, alices = visitor(hosted)
    privacy.used(hosted, alices, "text_to_image")
    alice.put("/api/privacy/choices", json={"purpose": "analytics", "given": False})
    privacy.used(hosted, alices, "text_to_image")
    assert hosted.stores.usage.totals(today(hosted)) == {"text_to_image": 1}


@pytest.mark.promise("P81")
def test_a_browser_with_global_privacy_control_emits_no_event(hosted: Studio) -> None:
    alice, alices = visitor(hosted)
    assert privacy.switches(hosted, alices)["analytics"]
    alice.get("/api/images", headers={"sec-gpc": "1"})
    alice.get("/api/images", headers={"sec-gpc": "1"})
    privacy.used(hosted, alices, "text_to_image")
    assert hosted.stores.usage.totals(today(hosted)) == {}
    versions = [one.version for one in privacy.receipts(hosted, alices)]
    assert versions == ["gpc", "gpc"], "one objection for each optional use, heard once"


@pytest.mark.promise("P5")
def test_a_personal_studio_counts_nothing(studio: Studio) -> None:
    privacy.used(studio, studio.owner, "text_to_image")
    assert studio.stores.person.count(studio.owner.subject_id).get("content.usage_event", 0) == 0


@pytest.mark.promise("P11")
@pytest.mark.promise("P76")
def test_however_a_privacy_request_is_written_it_is_one_ticket_due_in_a_month(hosted: Studio) -> None:
    alice, _ = visitor(hosted)
    for subject in ("Privacy Request", "RE: privacy request", "Fwd: Re: PRIVACY REQUEST"):
        note = {"kind": "question", "subject": subject, "text": f"What do you know? ({subject})"}
        assert alice.post("/api/privacy/messages", json=note).status_code == 201
    alice.post("/api/privacy/messages", json={"kind": "feedback", "subject": "Nice", "text": "I like it."})
    tickets = alice.get("/api/privacy/messages").json()
    request = next(one for one in tickets if one["kind"] == "privacy")
    assert len(tickets) == 2 and len(request["messages"]) == 3
    opened = hosted.stores.tickets.waiting()
    assert opened[0].kind == "privacy" and opened[0].due_at is not None
    assert (opened[0].due_at - opened[0].created_at).days == 30
    assert opened[1].due_at is None
    empty = alice.post("/api/privacy/messages", json={"kind": "question", "subject": " ", "text": "x"})
    assert empty.status_code == 422

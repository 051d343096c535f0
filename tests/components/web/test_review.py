"""Moderators and the people they judge: a case is taken on before anything of it is seen, and every look is told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from fastapi.testclient import TestClient

from components.actions import accounts, housekeeping, leaving, moderation, privacy
from components.studio import Studio
from policies.actor import Actor
from store.settings import Settings
from tests.components.actions.conftest import Home, home  # noqa: F401
from tests.components.web.public import edges, keep, served, sharp
from tests.components.web.test_public_notebooks import book
from tests.components.web.test_showcase import path, publish
from tests.conftest import ON_BOTH

EVIL = "<img src=x onerror=alert(1)>"


@dataclass
class Court:
    """A hosted home that holds every picture back, its people, and their browsers."""

    studio: Studio
    home: Home
    people: dict[str, Actor]
    browsers: dict[str, TestClient]

    def __getitem__(self, who: str) -> TestClient:
        return self.browsers[who]

    def held(self, who: str) -> str:
        return keep(self.studio, self.people[who].subject_id, pixels=sharp())

    def published(self, who: str) -> tuple[str, dict[str, object]]:
        """A picture that the scan let pass, and its public link."""
        calm = replace(self.studio, settings=Settings(data=self.studio.settings.data, home="hosted"))
        image = keep(calm, self.people[who].subject_id, pixels=sharp())
        return image, publish(self[who], image)


@pytest.fixture
def court(home: Home) -> Court:  # noqa: F811
    strict = Settings(data=home.studio.settings.data, home="hosted", scan_explicit=0.0)
    studio = replace(home.studio, settings=strict)
    people, browsers = {}, {"nobody": served(studio, "http://studio.example")}
    for who in ("alice", "bob", "mona", "mark"):
        people[who] = home.join(who)
        token, session = home.enter(who)
        if who in ("mona", "mark"):
            accounts.grant(studio, f"{who}@example.org", "moderator")
            studio.stores.sessions.confirm(session.id, home.clock(), second_factor=True)
            people[who] = Actor(people[who].subject_id, "moderator")
        browsers[who] = served(studio, "http://studio.example")
        browsers[who].cookies.set("pixcosmos", token)
    return Court(studio, home, people, browsers)


def code(answer: object) -> str:
    return str(answer.json()["error"]["code"])  # type: ignore[attr-defined]


@pytest.mark.promise("P16")
def test_an_unclaimed_case_opens_nothing_and_a_claimed_one_is_blurred_first(court: Court) -> None:
    image = court.held("alice")
    assert court["alice"].post(f"/api/images/{image}/appeal", json={"note": f"a wave {EVIL}"}).status_code == 200
    [case] = court["mona"].get("/api/review").json()["cases"]
    assert (case["kind"], case["id"], case["claim"], case["words"]) == ("picture", image, "open", "")
    picture = f"/api/review/picture/{image}/picture"
    for clear in ("", "?clear=true"):
        assert code(court["mona"].get(picture + clear)) == "claim_first"
    release = {"decision": "release"}
    assert code(court["mona"].post(f"/api/review/picture/{image}/decide", json=release)) == "claim_first"

    claimed = court["mona"].post(f"/api/review/picture/{image}/claim").json()
    assert (claimed["claim"], claimed["words"]) == ("mine", f"a wave {EVIL}")
    blurred, clear = court["mona"].get(picture), court["mona"].get(f"{picture}?clear=true")
    assert edges(blurred.content) < 25 < 60 < edges(clear.content)
    assert clear.headers["cache-control"] == "no-store"
    assert code(court["mark"].post(f"/api/review/picture/{image}/claim")) == "case_taken"
    assert code(court["mark"].get(picture)) == "claim_first"
    court.home.clock.forward(minutes=31)
    assert code(court["mona"].get(picture)) == "claim_first"
    assert court["mark"].post(f"/api/review/picture/{image}/claim").status_code == 200


@pytest.mark.promise("P16")
@pytest.mark.promise("P80")
def test_every_look_is_in_the_chain_and_told_to_its_person(court: Court) -> None:
    image = court.held("alice")
    court["alice"].post(f"/api/images/{image}/appeal", json={})
    court["mona"].get("/api/review")
    assert privacy.staff_reads(court.studio, court.people["alice"]) == []
    court["mona"].post(f"/api/review/picture/{image}/claim")
    for _ in range(2):
        court["mona"].get(f"/api/review/picture/{image}/picture?clear=true")
    reads = privacy.staff_reads(court.studio, court.people["alice"])
    assert [read["who"] for read in reads] == ["moderator"] * 3
    assert all("another look" in read["reason"] for read in reads)
    assert court.studio.stores.audit.broken() is None


@ON_BOTH
@pytest.mark.promise("P16")
def test_a_moderators_no_has_a_reason_and_can_be_asked_about_again(court: Court) -> None:
    image = court.held("alice")
    flag = court["alice"].get(f"/api/images/{image}").json()["flag"]
    assert (flag["state"], flag["veiled"], flag["may_ask"], flag["answer"]) == ("flagged", True, True, "")
    for round in range(3):
        asked = court["alice"].post(f"/api/images/{image}/appeal", json={"note": "please"})
        assert asked.json()["flag"]["state"] == "appealed" and not asked.json()["flag"]["may_ask"]
        assert code(court["alice"].post(f"/api/images/{image}/appeal", json={})) == "appeal_waits"
        court["mona"].post(f"/api/review/picture/{image}/claim")
        decide = f"/api/review/picture/{image}/decide"
        assert code(court["mona"].post(decide, json={"decision": "uphold"})) == "answer_needed"
        assert code(court["mona"].post(decide, json={"decision": "take_down"})) == "unknown"
        assert court["mona"].post(decide, json={"decision": "uphold", "answer": f"No {round}"}).status_code == 200
        flag = court["alice"].get(f"/api/images/{image}").json()["flag"]
        assert (flag["state"], flag["answer"], flag["may_ask"]) == ("upheld", f"No {round}", round < 2)
    assert code(court["alice"].post(f"/api/images/{image}/appeal", json={})) == "appeals_over"
    assert court["mona"].get("/api/review").json()["cases"] == []
    kinds = [notice.kind for notice in privacy.notices(court.studio, court.people["alice"])]
    assert kinds == ["review_uphold"] * 3


@pytest.mark.promise("P16")
def test_a_released_picture_is_shown_and_may_be_published(court: Court) -> None:
    image = court.held("alice")
    assert code(court["alice"].post("/api/shares", json={"image": image, "agreed": True})) == "flagged"
    court["alice"].post(f"/api/images/{image}/appeal", json={})
    court["mona"].post(f"/api/review/picture/{image}/claim")
    court["mona"].post(f"/api/review/picture/{image}/decide", json={"decision": "release", "answer": "A wave indeed."})
    assert court["alice"].get(f"/api/images/{image}").json()["flag"] is None
    assert edges(court["alice"].get(f"/i/{image}").content) > 60
    assert publish(court["alice"], image)


@ON_BOTH
@pytest.mark.promise("P16")
def test_a_reported_page_is_read_seen_and_taken_down_with_a_word_to_its_owner(court: Court) -> None:
    image, share = court.published("alice")
    link = path(share)
    court["nobody"].post(f"{link}/report", data={"reason": "rights", "note": f"mine {EVIL}"})
    court["nobody"].post(f"{link}/report", data={"reason": "other"})
    cases = court["mona"].get("/api/review").json()["cases"]
    assert [(one["kind"], one["label"], one["words"], one["page"]) for one in cases] == [
        ("report", "rights", "", None),
        ("report", "other", "", None),
    ]
    case = f"/api/review/report/{cases[0]['id']}"
    claimed = court["mona"].post(f"{case}/claim").json()
    assert (claimed["words"], claimed["page"]) == (f"mine {EVIL}", link)
    assert edges(court["mona"].get(f"{case}/picture").content) < 25
    assert edges(court["mona"].get(f"{case}/picture?clear=1").content) > 60
    ended = court["mona"].post(f"{case}/decide", json={"decision": "take_down", "answer": "Somebody else drew it."})
    assert ended.json() == {"waiting": 0}
    assert {court["nobody"].get(f"{link}{end}").status_code for end in ("", "/image.png", "/embed")} == {410}
    told = court["alice"].get("/api/shares").json()
    assert told["shares"] == [] and [one["answer"] for one in told["taken_down"]] == ["Somebody else drew it."]
    assert code(court["alice"].post("/api/shares", json={"image": image, "agreed": True})) == "flagged"
    flag = court["alice"].get(f"/api/images/{image}").json()["flag"]
    assert (flag["label"], flag["veiled"], flag["answer"]) == ("reported", False, "Somebody else drew it.")
    assert flag["may_ask"]


@pytest.mark.promise("P16")
def test_every_picture_of_a_guarded_notebook_is_seen_and_each_is_freed_on_its_own(court: Court) -> None:
    """A moderator has no password, and pages through the copies all the same; what is taken down is asked about one
    picture after the other, and one that is released may be public again while the other stays held back."""
    calm = replace(court.studio, settings=Settings(data=court.studio.settings.data, home="hosted"))
    alice = court.people["alice"]
    notebook, made = book(calm, alice)
    share = court["alice"].post("/api/shares", json={"notebook": notebook, "agreed": True, "password": "four"}).json()
    court["nobody"].post(f"{path(share)}/report", data={"reason": "rights"})
    [case] = court["mona"].get("/api/review").json()["cases"]
    address = f"/api/review/report/{case['id']}"
    assert code(court["mona"].get(f"{address}/picture?number=2")) == "claim_first"
    claimed = court["mona"].post(f"{address}/claim").json()
    assert (claimed["pictures"], claimed["page"]) == (2, None)
    for number in (1, 2):
        assert edges(court["mona"].get(f"{address}/picture?number={number}").content) < 25
        assert edges(court["mona"].get(f"{address}/picture?number={number}&clear=1").content) > 60
    assert court["mona"].get(f"{address}/picture?number=3").status_code == 404
    assert len(privacy.staff_reads(court.studio, alice)) == 3  # the case, and each clear look

    court["mona"].post(f"{address}/decide", json={"decision": "take_down", "answer": "Not yours."})
    held = court["alice"].get("/api/images?q=is:held").json()["images"]
    assert {image["id"] for image in held} == set(made)
    for image in made:
        assert code(court["alice"].post("/api/shares", json={"image": image, "agreed": True})) == "flagged"
        assert court["alice"].post(f"/api/images/{image}/appeal", json={"note": "mine"}).status_code == 200
    for image, decision in zip(made, ("release", "uphold"), strict=True):
        court["mark"].post(f"/api/review/picture/{image}/claim")
        judged = {"decision": decision, "answer": "So be it."}
        assert court["mark"].post(f"/api/review/picture/{image}/decide", json=judged).status_code == 200
    assert publish(court["alice"], made[0])
    assert code(court["alice"].post("/api/shares", json={"image": made[1], "agreed": True})) == "flagged"


@ON_BOTH
def test_a_moderators_name_leaves_a_case_with_time_and_with_the_moderator(court: Court) -> None:
    image, share = court.published("alice")
    court["nobody"].post(f"{path(share)}/report", data={"reason": "other"})
    held = court.held("bob")
    court["bob"].post(f"/api/images/{held}/appeal", json={})
    stores, mona = court.studio.stores, court.people["mona"].subject_id

    def names() -> set[str | None]:
        return {case.claimed_by for case in (*stores.checks.waiting(), *stores.reports.waiting())}

    def claim() -> None:
        for case in court["mona"].get("/api/review").json()["cases"]:
            assert court["mona"].post(f"/api/review/{case['kind']}/{case['id']}/claim").status_code == 200
        assert names() == {mona}

    claim()
    court.home.clock.forward(minutes=29)
    housekeeping.stale_claims(court.studio, dry_run=False)
    assert names() == {mona}
    court.home.clock.forward(minutes=1)
    housekeeping.stale_claims(court.studio, dry_run=False)
    assert names() == {None}
    claim()
    leaving.delete_rows(court.studio, mona)
    assert names() == {None}


def test_a_report_that_is_nothing_leaves_the_page_alone(court: Court) -> None:
    _, share = court.published("alice")
    court["nobody"].post(f"{path(share)}/report", data={"reason": "other"})
    [case] = court["mona"].get("/api/review").json()["cases"]
    court["mona"].post(f"/api/review/report/{case['id']}/claim")
    court["mona"].post(f"/api/review/report/{case['id']}/decide", json={"decision": "dismiss"})
    assert court["mona"].get("/api/review").json()["cases"] == []
    assert court["nobody"].get(path(share)).status_code == 200
    assert court["alice"].get("/api/shares").json()["taken_down"] == []


def test_a_page_that_was_taken_back_meanwhile_is_no_case(court: Court) -> None:
    _, share = court.published("alice")
    court["nobody"].post(f"{path(share)}/report", data={"reason": "other"})
    court["alice"].post(f"/api/shares/{share['id']}/take-back")
    assert court["mona"].get("/api/review").json()["cases"] == []


@pytest.mark.promise("P22")
def test_only_moderators_with_a_second_factor_review_and_nobody_their_own(court: Court) -> None:
    image = court.held("mona")
    court["mona"].post(f"/api/images/{image}/appeal", json={})
    assert code(court["mona"].post(f"/api/review/picture/{image}/claim")) == "own_case"
    for who in ("alice", "bob"):
        assert court[who].get("/api/review/waiting").json() == {"moderator": False, "staff": False, "waiting": 0}
        for method, address in (("GET", ""), ("POST", f"/picture/{image}/claim"), ("GET", f"/picture/{image}/picture")):
            assert code(court[who].request(method, f"/api/review{address}")) == "staff_only"
    assert court["nobody"].get("/api/review").status_code == 401
    assert court["mark"].get("/api/review/waiting").json() == {"moderator": True, "staff": True, "waiting": 1}


def test_the_owner_of_a_personal_home_decides_reports_without_a_record_of_looks(studio: Studio) -> None:
    owner = served(studio)
    share = publish(owner, keep(studio, studio.owner.subject_id))
    served(studio).post(f"{path(share)}/report", data={"reason": "personal"})
    [case] = owner.get("/api/review").json()["cases"]
    assert owner.post(f"/api/review/report/{case['id']}/claim").status_code == 200
    assert owner.get(f"/api/review/report/{case['id']}/picture?clear=1").status_code == 200
    assert privacy.staff_reads(studio, studio.owner) == []
    strict = replace(studio, settings=Settings(data=studio.settings.data, scan_explicit=0.0))
    image = keep(strict, studio.owner.subject_id)
    assert moderation.appeal(studio, studio.owner, image, "").state == "released"

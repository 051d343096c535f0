"""The Trust page is open to everybody, tells nothing about anybody, and shows what the table of promises says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import app
from components import words
from components.actions import policy_life, promises
from components.pages.shell import STATIC
from components.studio import Studio
from components.web.session import cookie_header
from policies import cookies
from policies.promises import PROMISES
from policies.subprocessors import in_use
from store.settings import Settings, SettingsError

PUBLIC = {"home": "hosted", "public_url": "https://studio.example"}
FILLED = {"policy_effective": date(2026, 12, 1), "contact_email": "privacy@studio.example"}


@pytest.fixture
def stranger(studio: Studio) -> TestClient:
    """Somebody without a session, at a home for many."""
    settings = Settings(data=studio.settings.data, home="hosted", **FILLED)  # type: ignore[arg-type]
    return TestClient(app.build(replace(studio, settings=settings)), base_url="http://studio.example")


def test_it_is_open_without_a_session_and_makes_none(stranger: TestClient) -> None:
    for path in ("/trust", "/trust/data", "/ui/trust.js"):
        answer = stranger.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert stranger.get("/api/images").status_code == 401


def test_what_a_search_engine_reads_is_in_the_readers_language(stranger: TestClient) -> None:
    for language, title in (("de-AT,de;q=0.9", "Vertrauen"), ("en", "Trust"), ("tlh", "Trust")):
        answer = stranger.get("/trust", headers={"accept-language": language})
        assert f"<title>{title} · PixCosmos</title>" in answer.text
        assert f'<html lang="{language[:2] if language != "tlh" else "en"}">' in answer.text
        assert "accept-language" in answer.headers["vary"].lower()
    german = stranger.get("/trust", headers={"accept-language": "de"}).text
    assert f'<meta name="description" content="{escape(words.say_in("de", "trust_lead"))}">' in german


def test_every_promise_is_shown_with_its_state(stranger: TestClient) -> None:
    shown = stranger.get("/trust/data").json()
    assert [one["id"] for one in shown["promises"]] == [one.id for one in PROMISES]
    assert {one["id"] for one in shown["promises"] if one["kept"]} == {one.id for one in PROMISES if one.kept}
    assert shown["kept"] + shown["not_yet"] == len(PROMISES)
    assert all(one["missing"] or one["proofs"] for one in shown["promises"])


def test_tests_that_are_newer_than_the_last_run_are_counted(
    stranger: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Renamed and skipped ones too: nothing is called proven that was not seen to pass."""
    evidence = json.loads(promises.EVIDENCE.read_text())
    there = {proof.key for proof in promises.marked()}
    seen = {key: ids for key, ids in evidence["tests"].items() if key in there}
    left_out = sorted(seen)[:3]
    for path, tests in (("all", seen), ("fewer", {key: ids for key, ids in seen.items() if key not in left_out})):
        (tmp_path / path).write_text(json.dumps(evidence | {"tests": tests}))
    counted = []
    files = [tmp_path / "all", tmp_path / "fewer"]
    runs = [(promises.read_evidence(file), promises.table(evidence_file=file)) for file in files]
    for read, table in runs:
        monkeypatch.setattr(promises, "read_evidence", lambda found=read: found)
        monkeypatch.setattr(promises, "table", lambda found=table: found)
        counted.append(stranger.get("/trust/data").json()["newer"])
    assert counted[1] == counted[0] + 3
    assert counted[0] == len(there - set(seen))


@pytest.mark.promise("P75")
@pytest.mark.promise("P77")
def test_the_policy_is_shown_with_the_facts_of_this_home(stranger: TestClient) -> None:
    blocks = stranger.get("/trust/data").json()["policy"]["blocks"]
    said = [sentence for block in blocks for sentence in block["sentences"]]
    texts = [sentence["text"] for sentence in said]
    assert "Support: privacy@studio.example" in texts
    assert "This privacy policy is effective as of December 1, 2026 and was last updated on December 1, 2026." in texts
    assert not [sentence for sentence in said if sentence["blank"]]


@pytest.mark.promise("P77")
@pytest.mark.parametrize("missing", sorted(FILLED))
def test_a_public_studio_does_not_start_with_a_blank(missing: str, tmp_path: Path) -> None:
    values = PUBLIC | FILLED | {missing: None}
    with pytest.raises(SettingsError, match=f"PIXCOSMOS_{missing.upper()}"):
        app.serve(Settings(data=tmp_path, **values))  # type: ignore[arg-type]
    Settings(data=tmp_path, **PUBLIC, **FILLED).require_published_policy()  # type: ignore[arg-type]
    Settings(data=tmp_path).require_published_policy()  # a personal home has nobody to tell


@pytest.mark.promise("P74")
def test_every_version_that_was_can_be_read_and_compared(
    stranger: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (policy_life.TEXTS / "privacy-1.txt").read_text()
    (tmp_path / "privacy-1.txt").write_text(first)
    (tmp_path / "privacy-2.txt").write_text(first.replace("up to 2 years", "up to 1 year"))
    found = policy_life.versions(tmp_path)
    monkeypatch.setattr(policy_life, "versions", lambda: found)
    for number, years in ((1, "up to 2 years"), (2, "up to 1 year")):
        assert years in stranger.get(f"/trust/policy/{number}").text
    assert stranger.get("/trust/policy/3").status_code == 404
    changes = stranger.get("/trust/changes?old=1&new=2").json()
    assert {(one["kind"], "2 years" in one["text"]) for one in changes if one["kind"] != "same"} == {
        ("gone", True),
        ("new", False),
    }


def test_it_quotes_what_a_promise_names_and_nothing_else(stranger: TestClient) -> None:
    quoted = stranger.get("/trust/source", params={"place": "store/vault.py:Vault"}).json()["text"]
    assert quoted.startswith("class Vault")
    proof = "tests/components/web/test_trust.py:test_it_quotes_what_a_promise_names_and_nothing_else"
    for place in ("store/settings.py", "../../etc/passwd", "/etc/passwd", "store/vault.py:Tampered", proof, ""):
        assert stranger.get("/trust/source", params={"place": place}).status_code == 404


@pytest.mark.promise("P8")
def test_a_fresh_browser_gets_the_registered_cookie_alone(studio: Studio) -> None:
    settings = Settings(data=studio.settings.data, home="hosted")
    browser = TestClient(app.build(replace(studio, settings=settings)), base_url="http://studio.example")
    browser.get("/", headers={"accept": "text/html"})
    assert {cookie.name for cookie in browser.cookies.jar} == {"pixcosmos"}
    essential = {one.name for one in cookies.REGISTER if one.essential and one.kind == "cookie"}
    assert {cookie.name for cookie in browser.cookies.jar} <= essential


@pytest.mark.promise("P8")
@pytest.mark.parametrize(("days", "said"), [(1, "as a guest 1 day after"), (12, "as a guest 12 days after")])
def test_the_register_says_how_long_the_cookie_really_lasts(studio: Studio, days: int, said: str) -> None:
    settings = Settings(data=studio.settings.data, home="hosted", guest_days=days)
    browser = TestClient(app.build(replace(studio, settings=settings)), base_url="http://studio.example")
    told = browser.get("/trust/data").json()["cookies"][0]["kept"]
    assert said in told and "30 days after you signed in" in told
    answer = browser.get("/", headers={"accept": "text/html"})
    assert f"Max-Age={days * 24 * 3600};" in answer.headers["set-cookie"]
    assert f"Max-Age={cookies.SIGNED_IN * 24 * 3600};" in cookie_header(settings, "token")


@pytest.mark.promise("P8")
def test_whatever_a_script_remembers_is_in_the_register() -> None:
    kept = re.compile(r"[\"'`](pixcosmos[.\w-]*)[\"'`]")
    named = {name for path in STATIC.glob("*.js") for name in kept.findall(path.read_text())}
    assert named
    assert {name for name in named if not cookies.registered(name)} == set()
    scripts = "\n".join(path.read_text() for path in STATIC.glob("*.js"))
    assert "document.cookie" not in scripts


def test_others_are_named_when_there_are_some() -> None:
    assert in_use(blobs="/var/pictures") == ()
    assert [one.name for one in in_use(blobs="s3://bucket/folder", mail="mail.example", payments=True)] == [
        "Storage (s3, bucket)",
        "Mail server (mail.example)",
        "Stripe",
    ]

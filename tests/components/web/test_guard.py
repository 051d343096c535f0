"""One guard over every route: who is let in, from which host and site, and what nobody gets."""

from __future__ import annotations

import html
from dataclasses import replace

import httpx
import pytest
from fastapi.testclient import TestClient
from limits import parse

import app
from components import words
from components.studio import Studio
from components.web import rates
from policies.draft import Draft
from store.gallery import NewImage
from store.settings import Settings
from tests.conftest import SEEN

PAGE = {"accept": "text/html"}


@pytest.fixture
def hosted(studio: Studio) -> Studio:
    return replace(studio, settings=Settings(data=studio.settings.data, home="hosted"))


@pytest.fixture
def client(studio: Studio) -> TestClient:
    """Not started: no dispatcher takes the jobs that a test makes by hand."""
    return TestClient(app.build(studio), base_url="http://127.0.0.1:7860")


def visitor(studio: Studio) -> TestClient:
    """A browser of its own, with the session that its first look at the page gave it."""
    browser = TestClient(app.build(studio), base_url="http://studio.example")
    assert browser.get("/", headers=PAGE).status_code == 200
    return browser


def make_picture(studio: Studio, subject_id: str, prompt: str = "a secret") -> str:
    """A picture in the store without drawing it."""
    from datetime import timedelta

    now = studio.clock()
    job = studio.stores.jobs.enqueue(subject_id, Draft(prompt=prompt, seed=1), 1.0, now)
    claimed = studio.stores.jobs.claim("test", now, timedelta(minutes=1))
    assert claimed is not None
    assert claimed.id == job.id
    files = {"full": b"full", "native": b"native", "thumb256": b"small", "thumb512": b"large"}
    studio.stores.jobs.finish(job.id, "test", [NewImage(0, 1, 8, 8, 2, 2, files=files, check=SEEN)], 1.0, now)
    return studio.stores.gallery.of_job(subject_id, job.id)[0].id


def test_a_personal_home_lets_its_owner_in_without_a_sign(client: TestClient) -> None:
    assert client.get("/", headers=PAGE).status_code == 200
    assert client.get("/api/images").json() == {"images": [], "next": None}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.7:7860", ""])
def test_a_loopback_home_answers_to_no_other_name(client: TestClient, host: str) -> None:
    assert client.get("/", headers=PAGE | {"host": host}).status_code == 421


def refused(answer: httpx.Response, status: int, code: str, language: str) -> None:
    """A page in words of the reader's, with a policy of its own."""
    title, hint = words.error(code, language)
    text = html.unescape(answer.text)
    assert answer.status_code == status and answer.headers["content-type"].startswith("text/html")
    assert f'<html lang="{language}">' in text and title in text and hint in text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("language", ["en", "de", "ja"])
def test_who_is_turned_away_reads_why_and_a_program_a_line(
    studio: Studio, hosted: Studio, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    reads = PAGE | {"accept-language": language}
    here = TestClient(app.build(studio), base_url="http://127.0.0.1:7860")
    elsewhere = {"host": "evil.example"}
    refused(here.get("/", headers=reads | elsewhere), 421, "other_host", language)
    assert here.get("/", headers=elsewhere).text == "This studio does not answer to that host name."
    assert here.get("/ui/public.css", headers=elsewhere).status_code == 200  # what the page looks like, and no more
    assert here.get("/ui/shell.js", headers=elsewhere).status_code == 421
    assert here.get("/showcase", headers=elsewhere).status_code == 421
    settings = Settings(data=studio.settings.data, host="0.0.0.0", access_token="open sesame")  # type: ignore[arg-type]
    private = TestClient(app.build(replace(studio, settings=settings)), base_url="http://10.0.0.7:7860")
    refused(private.get("/", headers=reads), 401, "studio_private", language)
    assert private.get("/api/images").text.startswith("This studio is private.")
    monkeypatch.setitem(rates.RULES, "guest", parse("1/hour"))
    crowded = app.build(hosted)
    assert TestClient(crowded, base_url="http://studio.example").get("/", headers=PAGE).status_code == 200
    refused(TestClient(crowded, base_url="http://studio.example").get("/", headers=reads), 429, "too_many", language)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_another_site_can_change_nothing(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/api/images/delete", json={"ids": ["x"]}, headers=headers)
    assert answer.status_code == 403
    assert client.post("/api/images/delete", json={"ids": ["x"]}).status_code == 200


def test_another_site_can_link_but_not_embed(client: TestClient) -> None:
    site = {"sec-fetch-site": "cross-site"}
    assert client.get("/", headers=PAGE | site | {"sec-fetch-mode": "navigate"}).status_code == 200
    assert client.get("/api/images", headers=site | {"sec-fetch-mode": "cors"}).status_code == 403
    assert client.get("/i/any", headers=site | {"sec-fetch-mode": "no-cors"}).status_code == 403


def test_no_origin_is_reflected(client: TestClient) -> None:
    for path in ("/", "/api/images", "/gradio_api/info"):
        answer = client.get(path, headers={"origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "path",
    ["file=/etc/passwd", "upload", "deep_link", "stream/x/y/z", "proxy=https://evil.example", "runs", "vibe-code/"],
)
def test_the_rest_of_gradios_routes_is_closed(client: TestClient, path: str) -> None:
    assert client.get(f"/gradio_api/{path}").status_code == 404
    assert client.post(f"/gradio_api/{path}").status_code == 404


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/api/images", "/i/none", "/healthz"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_a_visitor_of_a_hosted_home_gets_a_session_of_their_own(hosted: Studio) -> None:
    stranger = TestClient(app.build(hosted), base_url="http://studio.example")
    assert stranger.get("/api/images").status_code == 401
    assert stranger.get("/i/any").status_code == 401
    cookie = stranger.get("/", headers=PAGE).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert stranger.get("/api/images").status_code == 200


def test_a_visitors_cookie_lasts_as_long_as_their_session(studio: Studio) -> None:
    """The home says how long: a cookie of a month would end a longer one before its time."""
    longer = replace(studio, settings=Settings(data=studio.settings.data, home="hosted", guest_days=60))
    browser = TestClient(app.build(longer), base_url="http://studio.example")
    assert f"Max-Age={60 * 24 * 3600};" in browser.get("/", headers=PAGE).headers["set-cookie"]


def test_a_public_https_home_marks_its_cookie_secure(studio: Studio) -> None:
    settings = Settings(data=studio.settings.data, home="hosted", public_url="https://studio.example")
    public = replace(studio, settings=settings)
    browser = TestClient(app.build(public), base_url="https://studio.example")
    assert "; Secure" in browser.get("/", headers=PAGE).headers["set-cookie"]


@pytest.mark.promise("P25")
def test_no_route_gives_a_picture_to_another_visitor(hosted: Studio) -> None:
    alice, bob = visitor(hosted), visitor(hosted)
    subject = hosted.stores.subjects.of_token(alice.cookies["pixcosmos"], hosted.clock())
    assert subject is not None
    image = make_picture(hosted, subject)
    paths = [f"/i/{image}{end}" for end in ("", "/native", "/thumb256", "/thumb512")] + [f"/api/images/{image}"]
    for path in paths:
        assert alice.get(path).status_code == 200
        assert bob.get(path).status_code == 404
        assert TestClient(app.build(hosted), base_url="http://studio.example").get(path).status_code == 401
    assert bob.get(f"/i/{image}/download").status_code == 404
    assert bob.post(f"/api/images/{image}/reproduce").status_code == 404
    assert bob.post("/api/images/delete", json={"ids": [image]}).json() == {"deleted": 0}
    assert bob.get("/api/images").json()["images"] == []
    job = hosted.stores.gallery.get(subject, image).job_id
    assert bob.post(f"/api/jobs/{job}/cancel").status_code == 404


@pytest.mark.promise("P26")
def test_a_deleted_picture_is_gone_from_every_address(client: TestClient, studio: Studio) -> None:
    image = make_picture(studio, studio.owner.subject_id)
    paths = [f"/i/{image}{end}" for end in ("", "/native", "/thumb256", "/thumb512", "/download")]
    tag = client.get(paths[0]).headers["etag"]
    assert client.get(paths[0], headers={"if-none-match": tag}).status_code == 304
    assert client.post("/api/images/delete", json={"ids": [image]}).json() == {"deleted": 1}
    for path in paths:
        assert client.get(path, headers={"if-none-match": tag}).status_code == 404


def test_nobody_reads_the_event_stream_of_anothers_page(hosted: Studio) -> None:
    server = app.build(hosted)
    alice = TestClient(server, base_url="http://studio.example")
    bob = TestClient(server, base_url="http://studio.example")
    for browser in (alice, bob):
        browser.get("/", headers=PAGE)
    address = "/gradio_api/heartbeat/abc123"
    from components.web.session import GradioSessions

    sessions = GradioSessions()
    assert sessions.belongs("abc123", "alice")
    assert sessions.belongs("abc123", "alice")
    assert not sessions.belongs("abc123", "bob")
    queue = "/gradio_api/queue/data?session_hash=abc123"
    with alice.stream("GET", queue) as first:
        assert first.status_code != 404
    assert bob.get(queue).status_code == 404
    assert bob.get(address).status_code == 404
    for call in ("queue/join", "cancel", "component_server"):
        assert bob.post(f"/gradio_api/{call}", json={"session_hash": "abc123"}).status_code == 404


def test_an_access_token_opens_a_personal_home_to_its_owner_alone(studio: Studio) -> None:
    settings = Settings(data=studio.settings.data, host="0.0.0.0", access_token="open sesame")  # type: ignore[arg-type]
    shared = TestClient(app.build(replace(studio, settings=settings)), base_url="http://10.0.0.7:7860")
    assert shared.get("/", headers=PAGE).status_code == 401
    assert shared.get("/?token=wrong", headers=PAGE).status_code == 401
    assert shared.get("/?token=open sesame", headers=PAGE).status_code == 200
    assert shared.get("/api/images").status_code == 200


def test_the_pages_scripts_are_asked_about_each_time(client: TestClient) -> None:
    answer = client.get("/ui/bench.js")
    assert answer.headers["cache-control"] == "no-cache"
    tag = {"if-none-match": answer.headers["etag"]}
    again = client.get("/ui/bench.js", headers=tag)
    assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")


def test_errors_say_what_happened_and_what_to_do(client: TestClient) -> None:
    error = client.get("/api/images/none").json()["error"]
    assert (error["code"], bool(error["title"]), bool(error["hint"])) == ("not_found", True, True)
    error = client.post("/api/images/delete", json={"ids": []}).json()["error"]
    assert (error["code"], error["field"]) == ("malformed", "ids")

"""What every visitor gets alike travels small and early; what is a person's own is not compressed."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

import app
from components.pages.shell import ALONE, STATIC
from components.studio import Studio


@pytest.fixture
def client(studio: Studio) -> TestClient:
    return TestClient(app.build(studio), base_url="http://127.0.0.1:7860")


@pytest.mark.parametrize("path", ["/", "/trust", "/ui/shell.js", "/ui/tokens.css", "/words/de.json"])
def test_page_scripts_and_words_are_compressed(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in answer.headers["vary"].lower()
    plain = client.get(path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == answer.text
    tag = answer.headers.get("etag")
    assert tag is None or client.get(path, headers={"if-none-match": tag}).status_code == 304


def test_what_is_ones_own_is_not(client: TestClient) -> None:
    for path in ("/api/editing", "/ui/fonts/inter-latin.woff2"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert len(answer.content) > 500
        assert "content-encoding" not in answer.headers, path


def test_a_font_is_kept_and_a_script_asked_about(client: TestClient) -> None:
    assert "max-age=2592000" in client.get("/ui/fonts/inter-latin.woff2").headers["cache-control"]
    assert client.get("/ui/shell.js").headers["cache-control"] == "no-cache"


def test_every_script_of_the_page_is_asked_for_at_once(client: TestClient) -> None:
    """A name in an import that is not among them would be found late, and one that is not there would be a mistake."""
    page = client.get("/").text
    early = set(re.findall(r'rel="modulepreload" href="/ui/([^"]+)"', page))
    imported = {
        name
        for script in STATIC.glob("*.js")
        if script.name not in ALONE
        for name in re.findall(r'(?:from|import\()\s*"\./([^"]+)"', script.read_text("utf-8"))
    }
    assert len(early) > 50
    assert page.index("modulepreload") < page.index("gradio_config"), "Gradio would put it in by script"
    assert imported <= early
    assert early == {script.name for script in STATIC.glob("*.js")} - ALONE


def test_the_page_describes_itself_and_nobody_else(client: TestClient) -> None:
    page = client.get("/").text
    head = page[: page.index("</head>")].split("window.gradio_config")[0]
    assert "twitter:" not in head
    assert "og:" not in head
    assert "githubusercontent" not in page
    assert page.count('<div id="waiting">') == 1
    assert page.index("<body") < page.index('<div id="waiting">')
    assert "PixCosmos" in page

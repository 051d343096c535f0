"""Who follows an old link in a browser reads a page; a program reads what it can understand."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

import app
from components import words
from components.studio import Studio

PAGE = {"accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def client(studio: Studio) -> TestClient:
    return TestClient(app.build(studio), base_url="http://127.0.0.1:7860")


@pytest.mark.parametrize("path", ["/nothing/here", "/i/none"])
def test_a_person_reads_a_page_in_their_language(client: TestClient, path: str) -> None:
    for language in ("en", "de"):
        answer = client.get(path, headers=PAGE | {"accept-language": language})
        title, hint = words.error("not_found", language)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert title in answer.text
        assert hint in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_program_reads_json(client: TestClient) -> None:
    answer = client.get("/i/none")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_what_is_there_is_not_touched(client: TestClient) -> None:
    assert "PixCosmos" in client.get("/", headers=PAGE).text
    assert client.get("/healthz", headers=PAGE).json()["state"]

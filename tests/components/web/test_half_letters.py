"""Half a letter in what a page or a program sends is refused by the name of its field; nothing of it is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from components.studio import Studio
from tests.components.web.public import served

HALF = "a \ud83d"  # the first half of an emoji


@pytest.fixture
def page(studio: Studio) -> TestClient:
    client = served(studio)
    client.post("/api/notebooks", json={})
    return client


def send(page: TestClient, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """As a script writes it: `json` of the client would refuse to encode the half itself."""
    kind = {"content-type": "application/json"}
    answer = page.post(path, content=json.dumps(body), headers=kind)
    return answer.status_code, answer.json().get("error", {})


@pytest.mark.parametrize(
    "field, draft",
    [
        ("draft.prompt", {"prompt": HALF}),
        ("draft.negative_prompt", {"prompt": "a fox", "negative_prompt": HALF}),
        ("draft.template", {"prompt": "a fox", "template": HALF}),
        ("draft.model", {"prompt": "a fox", "model": HALF}),
        ("draft.kind", {"prompt": "a fox", "kind": HALF}),
        ("draft.seed", {"prompt": "a fox", "seed": HALF}),
        ("draft.image", {"kind": "image_to_image", "prompt": "a fox", "image": HALF}),
        ("draft.controls[0].map", {"prompt": "a fox", "controls": [{"map": HALF}]}),
        ("draft", {HALF: "a fox"}),
    ],
)
def test_a_job_is_refused_by_the_name_of_the_field(page: TestClient, field: str, draft: dict[str, Any]) -> None:
    status, error = send(page, "/api/jobs", {"draft": draft})
    assert (status, error["field"]) == (422, field)
    assert page.get("/api/notebooks/current").json()["cells"] == []


@pytest.mark.parametrize(
    "field, change",
    [
        ("change.text", {"op": "add", "kind": "note", "text": HALF}),
        ("change.draft.prompt", {"op": "add", "kind": "text_to_image", "draft": {"prompt": HALF}}),
        ("change.title", {"op": "rename", "title": HALF}),
        ("change.series.x.values", {"op": "add", "kind": "text_to_image", "series": {"x": {"values": HALF}}}),
    ],
)
def test_a_change_of_a_notebook_is_refused_too(page: TestClient, field: str, change: dict[str, Any]) -> None:
    book = page.get("/api/notebooks/current").json()
    status, error = send(page, f"/api/notebooks/{book['id']}/changes", {"version": book["version"], "change": change})
    assert (status, error["field"]) == (422, field)
    assert page.get("/api/notebooks/current").json()["cells"] == []


@pytest.mark.parametrize("body", ["{", "", "null", "[" * 900 + "]" * 900, '"\\ud83d"'])
def test_a_body_that_nobody_asked_for_or_can_read_crashes_nothing(page: TestClient, body: str) -> None:
    kind = {"content-type": "application/json"}
    for path in ("/api/jobs", "/api/jobs/none/cancel"):
        assert 400 <= page.post(path, content=body, headers=kind).status_code < 500


def test_a_notebook_that_is_read_in_has_whole_letters(page: TestClient) -> None:
    given = json.dumps({"format": 1, "title": "", "cells": [{"id": "a", "kind": "note", "text": HALF}]})
    answer = page.post("/api/notebooks/import", files={"file": ("a.json", given.encode())})
    assert answer.status_code == 422
    assert "cells[0].text" in answer.json()["error"]["reason"]


@pytest.mark.parametrize(
    "path, body",
    [
        ("/api/boards", {"title": HALF}),
        ("/api/images/tag", {"ids": ["a"], "tag": HALF, "present": True}),
        ("/api/images/discard", {"ids": [HALF]}),
        ("/api/exports", {"q": HALF}),
        ("/api/shares", {"image": "a", "title": HALF, "agreed": True}),
        ("/api/images/a/appeal", {"note": HALF}),
    ],
)
def test_no_other_text_of_a_page_is_answered_with_a_crash(page: TestClient, path: str, body: dict[str, Any]) -> None:
    status, error = send(page, path, body)
    assert status == 422
    assert error["field"]

"""Models as the page sees them: listed with licence and size, fetched on request, failing in words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

import app
from components.studio import Studio
from store.settings import Settings


@pytest.fixture
def client(studio: Studio) -> Iterator[TestClient]:
    with TestClient(app.build(studio), base_url="http://127.0.0.1:7860") as client:
        yield client


def listed(client: TestClient) -> dict[str, dict[str, Any]]:
    return {model["id"]: model for model in client.get("/api/models").json()}


def test_every_model_says_what_it_is(client: TestClient) -> None:
    models = listed(client)
    assert models["starter"]["state"] == "ready"
    assert models["sd15"]["state"] == "available"
    assert all(model["name"] and model["licence"] and model["size_bytes"] > 0 for model in models.values())


def test_a_hub_out_of_reach_is_said_and_can_be_tried_again(client: TestClient) -> None:
    for _ in range(2):
        assert client.post("/api/models/sd15/fetch").status_code == 202
        deadline = time.monotonic() + 60
        while (model := listed(client)["sd15"])["state"] == "fetching":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert model["state"] == "failed"
        assert "did not answer" in model["reason"]
    assert listed(client)["starter"]["state"] == "ready"


def test_an_unknown_model_is_named(client: TestClient) -> None:
    answer = client.post("/api/models/nobody/fetch")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "model_missing"


def test_a_guest_cannot_fill_the_disk(studio: Studio) -> None:
    hosted = replace(studio, settings=Settings(data=studio.settings.data, home="hosted"))
    guest = TestClient(app.build(hosted), base_url="http://studio.example")
    guest.get("/", headers={"accept": "text/html"})
    answer = guest.post("/api/models/sd15/fetch")
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "not_yours"
    assert listed(guest)["sd15"]["state"] == "available"

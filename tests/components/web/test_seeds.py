"""A seed of 64 bits, as other studios draw with, is text wherever a script reads it: not a digit of it is lost."""

from __future__ import annotations

import numpy as np
import pytest
from fastapi.testclient import TestClient

from components.studio import Studio
from pipelines import images, provenance
from tests.components.web.public import served

LARGE = "18446744073709551557"  # a script would say ...551616
SETTINGS = {"prompt": "a fox from elsewhere", "steps": 12, "guidance": 5.0, "seed": int(LARGE), "model": "other"}


@pytest.fixture
def page(studio: Studio) -> TestClient:
    client = served(studio)
    client.post("/api/notebooks", json={})
    file = provenance.write(
        images.png(np.full((64, 96, 3), 90, np.uint8)), "png", SETTINGS | {"width": 96, "height": 64}
    )
    client.post("/api/imports", files={"file": ("fox.png", file)})
    return client


def test_a_picture_tells_its_seed_to_the_last_digit(page: TestClient) -> None:
    (image,) = page.get("/api/images").json()["images"]
    assert (image["seed"], image["draft"]["seed"]) == (LARGE, LARGE)
    assert f"Seed: {LARGE}" in image["parameters"]
    file = page.get(f"/i/{image['id']}/download").content
    assert page.post("/api/settings-from-file", files={"file": ("fox.png", file)}).json()["draft"]["seed"] == LARGE


def test_a_seed_is_found_by_all_of_its_digits(page: TestClient) -> None:
    neighbour = str(int(LARGE) - 1)
    for query, found in ((LARGE, 1), (neighbour, 0), (f">{neighbour}", 1), (f"{LARGE}..{LARGE}", 1), (f"<{LARGE}", 0)):
        assert len(page.get("/api/images", params={"q": f"seed:{query}"}).json()["images"]) == found


def test_a_cell_keeps_the_seed_that_was_written_and_a_job_names_it(page: TestClient) -> None:
    book = page.get("/api/notebooks/current").json()
    change = {"op": "add", "kind": "text_to_image", "draft": {"prompt": "a fox", "seed": LARGE}}
    path = f"/api/notebooks/{book['id']}/changes"
    written = page.post(path, json={"version": book["version"], "change": change}).json()
    assert written["cells"][0]["draft"]["seed"] == LARGE
    error = page.post("/api/jobs", json={"draft": {"prompt": "a fox", "seed": LARGE}}).json()["error"]
    assert error["field"] == "seed" and LARGE in error["reason"]
    job = page.post("/api/jobs", json={"draft": {"prompt": "a fox", "seed": "7", "steps": 1}}).json()
    assert (job["draft"]["seed"], job["pictures"][0]["seed"]) == ("7", "7")


@pytest.mark.parametrize("seed", ["seven", "-1", "1.5", "9" * 5000])
def test_what_is_no_seed_is_refused_by_its_name(page: TestClient, seed: str) -> None:
    answer = page.post("/api/jobs", json={"draft": {"prompt": "a fox", "seed": seed}})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "seed")

"""The lineage of a picture over HTTP: before it, after it, what is gone, another way from it, and the check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

import app
from components.studio import Studio
from policies.draft import Draft
from tests.conftest import ended


@pytest.fixture
def client(studio: Studio) -> Iterator[TestClient]:
    with TestClient(app.build(studio), base_url="http://127.0.0.1:7860") as client:
        yield client


def drawn(studio: Studio, client: TestClient, draft: dict[str, Any]) -> str:
    answer = client.post("/api/jobs", json={"draft": draft})
    assert answer.status_code == 202, answer.text
    job = studio.stores.jobs.get(studio.owner.subject_id, answer.json()["id"])
    ended(studio, job)
    (image,) = studio.stores.gallery.of_job(job.subject_id, job.id)
    return image.id


@pytest.fixture
def line(studio: Studio, client: TestClient, apple: Draft) -> tuple[str, str, str]:
    """A picture, one made from it, and one made from that."""
    first = drawn(studio, client, apple.to_dict())
    onward = apple.to_dict() | {"kind": "image_to_image", "strength": 0.7}
    second = drawn(studio, client, onward | {"image": first})
    return first, second, drawn(studio, client, onward | {"image": second, "prompt": "a lemon"})


def test_a_graph_goes_both_ways_and_says_what_is_gone(
    studio: Studio, client: TestClient, line: tuple[str, str, str]
) -> None:
    first, second, third = line
    graph = client.get(f"/api/images/{second}/lineage").json()
    assert {(node["id"], node["depth"], node["kind"]) for node in graph["nodes"]} == {
        (first, -1, "picture"),
        (second, 0, "picture"),
        (third, 1, "picture"),
    }
    assert sorted(graph["edges"]) == sorted([[first, second], [second, third]])
    assert graph["more"] is False and all(node["notebook"] for node in graph["nodes"])
    studio.stores.gallery.delete(studio.owner.subject_id, [second])
    graph = client.get(f"/api/images/{third}/lineage").json()
    assert {(node["id"], node["kind"]) for node in graph["nodes"]} == {(third, "picture"), (second, "gone")}
    assert client.get(f"/api/images/{second}/lineage").status_code == 404
    # The cell that was made from it has nothing to start from, and says so.
    book = client.get("/api/notebooks/current").json()
    last = book["cells"][2]
    assert book["cells"][1]["outputs"] == [{"image": "", "seed": "1"}] and last["state"] == "stale"
    assert last["outputs"][0]["image"] == third, "what was made from it stays"
    again = client.post(f"/api/images/{third}/verify")
    assert again.status_code == 404 and again.json()["error"]["code"] == "not_found"


def test_a_picture_is_verified_and_branched_from(client: TestClient, line: tuple[str, str, str]) -> None:
    for image in line:
        assert client.post(f"/api/images/{image}/verify").json() == {
            "equal": True,
            "share": 0.0,
            "most": 0,
            "changed": [],
        }
    cells = client.post(f"/api/images/{line[2]}/branch").json()["cells"]
    assert [cell["state"] for cell in cells] == ["fresh", "fresh", "fresh", "stale"], "it is not run yet"
    assert cells[3]["draft"]["prompt"] == "a lemon" and cells[3]["draft"]["seed"] == "1"
    assert cells[3]["inputs"] == {"image": {"cell": cells[1]["id"], "output": 0}}

"""The routes of uploads, masks and drafts: their owner's alone, and refusals that say what was expected."""

from __future__ import annotations

import io

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from components import words
from components.studio import Studio
from tests.components.actions.test_editing import mask_file, picture
from tests.components.web.test_guard import client, hosted, make_picture, visitor

__all__ = ["client", "hosted"]  # fixtures


def png(width: int = 48, height: int = 32) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture(width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def bring(browser: TestClient, file: bytes, **fields: str) -> dict[str, object]:
    answer = browser.post("/api/inputs", files={"file": ("a.png", file)}, data=fields)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


def pixels(answer: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(answer)))


def test_an_upload_comes_back_without_anything_but_its_pixels(client: TestClient) -> None:
    kept = bring(client, png())
    assert (kept["kind"], kept["width"], kept["height"]) == ("upload", 48, 32)
    answer = client.get(str(kept["url"]))
    assert answer.headers["cache-control"] == "private, no-cache"
    assert np.array_equal(pixels(answer.content), picture(48, 32))
    assert client.get(f"/sources/{kept['id']}/thumb512").headers["content-type"] == "image/webp"
    assert client.get(f"/api/sources/{kept['id']}").json()["width"] == 48


def test_a_mask_goes_on_where_it_was_and_is_the_size_of_its_picture(client: TestClient) -> None:
    source = bring(client, png())
    first = bring(client, mask_file(48, 32, (0, 0, 8, 8)), kind="mask", image=str(source["id"]))
    again = bring(
        client, mask_file(96, 64, (0, 0, 96, 64)), kind="mask", image=str(source["id"]), mask=str(first["id"])
    )
    assert first["id"] == again["id"]
    assert pixels(client.get(str(again["url"])).content).tolist() == np.full((32, 48), 255).tolist()


def test_a_gallery_picture_is_a_source_too(studio: Studio, client: TestClient) -> None:
    image_id = make_picture(studio, studio.owner.subject_id)
    assert client.get(f"/sources/{image_id}").content == b"full"
    assert client.get(f"/api/sources/{image_id}").json()["prompt"] == "a secret"


@pytest.mark.promise("P25")
def test_nobody_sees_or_uses_anothers_upload(hosted: Studio) -> None:
    alice, bob = visitor(hosted), visitor(hosted)
    theirs = bring(alice, png())["id"]
    for path in (f"/inputs/{theirs}", f"/api/inputs/{theirs}", f"/sources/{theirs}", f"/api/sources/{theirs}"):
        assert bob.get(path).status_code == 404
        assert alice.get(path).status_code == 200
    assert bob.delete(f"/api/inputs/{theirs}").status_code == 404
    draft = {"kind": "upscale", "image": theirs, "scale": 2}
    assert bob.post("/api/jobs", json={"draft": draft}).status_code == 404
    assert bob.post("/api/control/preview", json={"map": "tile", "image": theirs}).status_code == 404
    mask = {"file": ("m.png", mask_file(48, 32, (0, 0, 8, 8)))}
    assert bob.post("/api/inputs", files=mask, data={"kind": "mask", "image": theirs}).status_code == 404


@pytest.mark.promise("P26")
def test_what_is_taken_back_is_gone(client: TestClient) -> None:
    kept = bring(client, png())
    assert client.delete(f"/api/inputs/{kept['id']}").status_code == 204
    assert client.get(str(kept["url"])).status_code == 404


def test_any_draft_starts_and_takes_what_its_model_likes(client: TestClient) -> None:
    source = bring(client, png())
    answer = client.post("/api/jobs", json={"draft": {"kind": "upscale", "image": source["id"], "scale": 4}})
    job = answer.json()
    assert (answer.status_code, job["kind"]) == (202, "upscale")
    assert (job["draft"]["width"], job["draft"]["height"]) == (192, 128)
    assert client.get(f"/api/jobs/{job['id']}").json()["id"] == job["id"]
    drawn = client.post("/api/jobs", json={"draft": {"prompt": "a fox"}}).json()["draft"]
    assert (drawn["model"], drawn["steps"], drawn["scheduler"]) == ("starter", 20, "ddim")


@pytest.mark.parametrize(
    ("draft", "status", "code", "field"),
    [
        ({"prompt": ""}, 422, "empty", "prompt"),
        ({"kind": "inpaint", "prompt": "a hat"}, 422, "no_picture", "image"),
        ({"kind": "upscale", "image": "0" * 32}, 404, "not_found", ""),
        ({"kind": "upscale", "image": 7}, 422, "unknown", "image"),
        ({"prompt": "a fox", "colour": "red"}, 422, "malformed", "draft"),
        ({"prompt": "a fox", "controls": [{"network": "edges"}]}, 422, "unknown", "controls.network"),
    ],
)
def test_a_draft_that_cannot_be_says_why(
    client: TestClient, draft: dict[str, object], status: int, code: str, field: str
) -> None:
    answer = client.post("/api/jobs", json={"draft": draft})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (status, code, field)
    assert error["title"] and error["hint"]


@pytest.mark.parametrize("kind", ["canny", "lines", "shuffle", "tile", "as_it_is"])
def test_the_map_of_a_control_is_shown_before_anything_is_drawn(client: TestClient, kind: str) -> None:
    source = bring(client, png(160, 96))
    wanted = {"map": kind, "image": source["id"], "width": 128, "height": 192}
    answer = client.post("/api/control/preview", json=wanted)
    assert (answer.status_code, pixels(answer.content).shape) == (200, (192, 128, 3))


def test_a_map_that_is_not_drawn_here_is_refused_by_name(client: TestClient) -> None:
    answer = client.post("/api/control/preview", json={"map": "depth", "image": "x"})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "map")


def test_maps_that_are_not_drawn_here_say_what_they_would_fetch(client: TestClient) -> None:
    offered = {one["id"]: one for one in client.get("/api/editing").json()["elsewhere"]}
    assert {"depth", "pose", "soft_edge"} <= set(offered)
    for one in offered.values():
        assert "/" in one["repo"] and "." in one["file"]
        assert f"map_{one['id']}" in words.ENGLISH

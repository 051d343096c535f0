"""Two people on one home, every id of one tried by the other with a call that would work: 404, and nothing changed.

Calls that name many things at once pass over what is not theirs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from components.actions import gallery, notebooks, sources
from components.studio import Studio
from pipelines import images
from policies.actor import Actor
from store.settings import Settings
from tests.components.web.public import keep, served, sharp
from tests.conftest import ON_BOTH

pytestmark = pytest.mark.promise("P25")

# Calls in the order that alice can make them one after the other; what ends a thing comes last.
CALLS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/api/images/{image}", None),
    ("GET", "/api/images/{image}/around", None),
    ("GET", "/api/images/{image}/lineage", None),
    ("GET", "/i/{image}", None),
    ("GET", "/i/{image}/preview", None),
    ("GET", "/i/{image}/thumb256", None),
    ("GET", "/i/{image}/download", None),
    ("GET", "/sources/{image}", None),
    ("GET", "/api/sources/{upload}", None),
    ("GET", "/sources/{upload}/thumb512", None),
    ("GET", "/inputs/{upload}", None),
    ("GET", "/api/inputs/{upload}", None),
    ("POST", "/api/control/preview", {"map": "canny", "image": "{upload}"}),
    ("PATCH", "/api/boards/{board}", {"title": "taken over"}),
    ("POST", "/api/images/move", {"ids": ["{mine}"], "board": "{board}"}),
    ("PATCH", "/api/boards/{board}", {"cover": "{image}"}),
    ("PATCH", "/api/tags/{tag}", {"name": "taken over"}),
    ("GET", "/api/exports/{export}", None),
    ("GET", "/api/exports/{export}/1.zip", None),
    ("GET", "/api/shares/preview?image={image}", None),
    ("GET", "/api/shares/preview?notebook={notebook}", None),
    ("POST", "/api/shares", {"image": "{image}", "agreed": True}),
    ("POST", "/api/shares", {"notebook": "{notebook}", "agreed": True}),
    ("GET", "/api/notebooks/{notebook}", None),
    ("GET", "/api/notebooks/{notebook}/export?format=json", None),
    ("POST", "/api/notebooks/{notebook}/open", {}),
    ("POST", "/api/notebooks/{notebook}/changes", {"version": 0, "change": {"op": "rename", "title": "x"}}),
    ("POST", "/api/notebooks/{notebook}/stop", {}),
    ("POST", "/api/jobs", {"draft": {"kind": "image_to_image", "prompt": "a sea", "image": "{image}"}}),
    ("POST", "/api/shares/{share}/take-back", {}),
    ("DELETE", "/api/notebooks/{notebook}", None),
    ("POST", "/api/notebooks/{notebook}/restore", {}),
    ("DELETE", "/api/inputs/{upload}", None),
    ("DELETE", "/api/tags/{tag}", None),
    ("DELETE", "/api/boards/{board}", None),
)
MANY: tuple[tuple[str, Any], ...] = (
    ("/api/images/star", {"starred": True}),
    ("/api/images/tag", {"tag": "taken", "present": True}),
    ("/api/images/tag", {"tag": "hers", "present": False}),
    ("/api/images/move", {"board": None}),
    ("/api/images/discard", {}),
    ("/api/images/delete", {}),
)


@dataclass
class Two:
    alice: TestClient
    bob: TestClient
    things: dict[str, str]
    studio: Studio
    subject: str


@pytest.fixture
def two(studio: Studio) -> Two:
    home = replace(studio, settings=Settings(data=studio.settings.data, home="hosted"))
    browsers, subjects = [], []
    for _ in range(2):
        token, subject = home.stores.subjects.new_guest(home.clock())
        browser = served(home, "http://studio.example")
        browser.cookies.set("pixcosmos", token)
        browsers.append(browser)
        subjects.append(subject)
    alice = Actor(subjects[0], "guest")
    image = keep(home, alice.subject_id, pixels=sharp())
    gallery.tag(home, alice, [image], "hers", True)
    notebook = notebooks.create(home, alice)
    change = {"op": "add", "draft": {"prompt": "waves at sea"}}
    cell = notebooks.change(home, alice, notebook.id, notebook.version, change).document.cells[-1]
    job = home.stores.jobs.get(alice.subject_id, gallery.get(home, alice, image).job_id)
    assert cell.draft is not None
    home.stores.notebooks.run(alice.subject_id, notebook.id, cell.id, cell.draft, lambda: job)
    things = {
        "image": image,
        "board": gallery.add_board(home, alice, "Hers").id,
        "tag": gallery.tags(home, alice)[0].id,
        "upload": sources.upload(home, alice, images.png(sharp()), "upload").id,
        "notebook": notebook.id,
        "export": browsers[0].post("/api/exports", json={"ids": [image]}).json()["id"],
        "share": browsers[0].post("/api/shares", json={"image": image, "agreed": True}).json()["id"],
    }
    return Two(browsers[0], browsers[1], things, home, alice.subject_id)


def filled(value: Any, things: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.format(**things) if "{" in value else value
    if isinstance(value, list):
        return [filled(one, things) for one in value]
    if isinstance(value, dict):
        return {key: filled(one, things) for key, one in value.items()}
    return value


def call(client: TestClient, method: str, path: str, body: Any, things: dict[str, str]) -> int:
    return client.request(method, filled(path, things), json=filled(body, things)).status_code


def everything(two: Two) -> str:
    """What alice has, as her own page tells it."""
    paths = ("/api/images", "/api/boards", "/api/tags", "/api/notebooks", "/api/shares")
    return "\n".join(two.alice.get(path).text for path in paths)


@ON_BOTH
def test_every_id_of_one_is_404_for_the_other_and_works_for_its_owner(two: Two) -> None:
    before = everything(two)
    bobs = keep(two.studio, two.studio.stores.subjects.new_guest(two.studio.clock())[1])
    for method, path, body in CALLS:
        status = call(two.bob, method, path, body, two.things | {"mine": bobs})
        assert status == 404, f"bob: {method} {path} is {status}"
    assert everything(two) == before
    for method, path, body in CALLS:
        status = call(two.alice, method, path, body, two.things | {"mine": two.things["image"]})
        assert status < 300 or status == 409, f"alice: {method} {path} is {status}"


@pytest.mark.parametrize(("path", "body"), MANY, ids=lambda value: str(value)[-24:])
def test_calls_for_many_pass_over_what_is_anothers(two: Two, path: str, body: Any) -> None:
    before = everything(two)
    answer = two.bob.post(path, json={"ids": [two.things["image"]], **body})
    assert answer.status_code == 200 and two.things["image"] not in answer.text
    assert everything(two) == before
    assert two.bob.post("/api/exports", json={"ids": [two.things["image"]]}).status_code == 422

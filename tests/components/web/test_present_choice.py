"""Public copies say what their owner says now about training: taking the leave back signs every one of them anew."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

import app
from components.actions import choices, housekeeping, sharing
from components.studio import Studio
from pipelines import credentials, provenance
from store.blobs import blob_name
from store.shares import VARIANTS
from tests.components.web.public import keep, served
from tests.components.web.test_public_notebooks import book
from tests.components.web.test_showcase import FILES, path, publish

pytestmark = pytest.mark.promise("P14")


@pytest.fixture
def owner(studio: Studio) -> TestClient:
    return TestClient(app.build(studio), base_url="http://127.0.0.1:7860")


def said(studio: Studio, data: bytes) -> str:
    report = credentials.verify(data, studio.signer.credentials.root)
    assert report is not None and report.ours and report.intact
    return report.training


def agree(owner: TestClient, given: bool) -> None:
    assert owner.put("/api/privacy/choices", json={"purpose": "model_improvement", "given": given}).status_code == 200


def test_every_public_copy_carries_the_present_choice(studio: Studio, owner: TestClient) -> None:
    agree(owner, True)
    image = keep(studio, studio.owner.subject_id)
    link = path(publish(owner, image, prompt=True, metadata=True, title="Waves", password="four"))
    plain, stranger = path(publish(owner, image)), served(studio)
    before = {file: stranger.get(f"{plain}/{file}") for file in FILES}
    assert {said(studio, one.content) for one in before.values()} == {"constrained"}
    agree(owner, False)
    for file, old in before.items():
        kept = {"if-none-match": old.headers["etag"]}  # whoever has a copy is sent the new one
        fresh = stranger.get(f"{plain}/{file}", headers=kept)
        assert fresh.status_code == 200 and said(studio, fresh.content) == "notAllowed"
        assert stranger.get(f"{plain}/{file}", headers={"if-none-match": fresh.headers["etag"]}).status_code == 304
    page = stranger.post(link, data={"password": "four"}).text
    key = page.partition("key=")[2].partition('"')[0]
    guarded = stranger.get(f"{link}/image.png?key={key}").content
    found = provenance.read(guarded)
    assert said(studio, guarded) == "notAllowed" and found is not None and found["prompt"] == "waves at sea"
    assert "Waves" in page
    agree(owner, True)
    assert said(studio, stranger.get(f"{plain}/image.png").content) == "constrained"


def test_a_notebooks_pictures_do_too(studio: Studio, owner: TestClient) -> None:
    agree(owner, True)
    notebook, _ = book(studio, studio.owner)
    share = owner.post("/api/shares", json={"notebook": notebook, "agreed": True}).json()
    agree(owner, False)
    for number in (1, 2):
        for kind in ("image-{}.png", "preview-{}.jpg", "thumb-{}.webp"):
            data = served(studio).get(f"{path(share)}/{kind.format(number)}").content
            assert said(studio, data) == "notAllowed"


def test_what_was_interrupted_is_finished_later_and_what_was_taken_back_stays_gone(
    studio: Studio, owner: TestClient
) -> None:
    share = publish(owner, keep(studio, studio.owner.subject_id))
    gone = publish(owner, keep(studio, studio.owner.subject_id))
    choices.choose(studio, studio.owner, "model_improvement", True, "en")  # and then the power went
    old = next(one for one in sharing.mine(studio, studio.owner) if one.id == gone["id"])
    owner.post(f"/api/shares/{gone['id']}/take-back")
    sharing.renew_one(studio, old)  # under way while it was taken back
    assert served(studio).get(f"{path(gone)}/image.png").status_code == 410
    there = set(studio.stores.vault.blobs.names())
    assert not there & {blob_name(gone["id"], variant) for variant in VARIANTS}
    housekeeping.public_words(studio, dry_run=False)
    assert said(studio, served(studio).get(f"{path(share)}/image.png").content) == "constrained"
    assert sharing.renew_all(studio) == 0

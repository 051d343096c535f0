"""Small pictures: two sizes as WebP, sealed like the rest, for one browser alone, and made again when they are lost."""

from __future__ import annotations

import io
import threading

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from components.actions import generate
from components.jobs import Dispatcher
from components.studio import Studio
from pipelines import images
from pipelines.types import Pixels
from policies.draft import Draft
from store.blobs import blob_name
from store.vault import MAGIC
from tests.components.web.public import keep, served
from tests.conftest import ended

SIZES = {"thumb256": 256, "thumb512": 320}  # the longer side; a picture of 320 does not grow


@pytest.fixture
def owner(studio: Studio) -> TestClient:
    return served(studio)


@pytest.fixture
def image(studio: Studio) -> str:
    return keep(studio, studio.owner.subject_id)


@pytest.mark.parametrize("size", SIZES)
def test_each_size_is_a_webp_for_this_browser_alone(owner: TestClient, image: str, size: str) -> None:
    answer = owner.get(f"/i/{image}/{size}")
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.format, max(picture.size)) == ("WEBP", SIZES[size])
    assert picture.width * 256 == pytest.approx(picture.height * 320, rel=0.01)
    assert answer.headers["cache-control"] == "private, no-cache" and "cookie" in answer.headers["vary"]
    again = owner.get(f"/i/{image}/{size}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.promise("P3")
@pytest.mark.parametrize("size", SIZES)
def test_it_is_sealed_on_disk(studio: Studio, image: str, size: str) -> None:
    packed = studio.stores.vault.blobs.get(blob_name(image, size))
    assert packed.startswith(MAGIC) and b"WEBP" not in packed


@pytest.mark.parametrize("size", SIZES)
def test_one_that_was_lost_is_made_again_and_kept(studio: Studio, owner: TestClient, image: str, size: str) -> None:
    blobs, before = studio.stores.vault.blobs, owner.get(f"/i/{image}/{size}").content
    blobs.delete(blob_name(image, size))
    assert owner.get(f"/i/{image}/{size}").content == before
    assert blobs.get(blob_name(image, size)).startswith(MAGIC)


@pytest.mark.promise("P26")
def test_a_lost_one_of_a_deleted_picture_is_not(studio: Studio, owner: TestClient, image: str) -> None:
    studio.stores.vault.blobs.delete(blob_name(image, "thumb256"))
    owner.post("/api/images/delete", json={"ids": [image]})
    assert owner.get(f"/i/{image}/thumb256").status_code == 404
    assert blob_name(image, "thumb256") not in studio.stores.vault.blobs.names()


def test_they_are_made_off_the_devices_thread(
    studio: Studio, dispatcher: Dispatcher, apple: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, thumbnail = [], images.thumbnail

    def noted(pixels: Pixels, side: int) -> bytes:
        made.append((side, threading.current_thread().name.partition("_")[0]))
        return thumbnail(pixels, side)

    monkeypatch.setattr(images, "thumbnail", noted)
    job = generate.start(studio, studio.owner, apple)
    assert ended(studio, job).state == "done"
    assert sorted(made) == [(256, "finish"), (512, "finish")]

"""Whatever shows a picture: uploads and imports are scanned as they come, and no way in or out shows what is held."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from components.actions import exports, gallery, importing, notebooks, sheets, sources, taking_out
from components.live import Live
from components.previews import Previews, fit_to_show
from components.studio import Studio
from pipelines import images
from pipelines.nsfwjs import network
from pipelines.types import Progress
from policies.actor import Actor
from policies.draft import Draft
from policies.verdict import Refused
from store.settings import Settings
from tests.components.web.public import edges, keep, served, sharp


@pytest.fixture
def strict(studio: Studio) -> Studio:
    """A home whose scan holds every picture back."""
    return replace(studio, settings=Settings(data=studio.settings.data, scan_explicit=0.0))


@pytest.fixture
def owner(strict: Studio) -> TestClient:
    return served(strict)


def crash(pixels: object) -> None:
    raise RuntimeError("the scanner is broken")


def upload(client: TestClient) -> dict[str, object]:
    answer = client.post("/api/inputs", files={"file": ("a.png", images.png(sharp()))})
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


@pytest.mark.promise("P15")
def test_an_upload_is_scanned_and_shown_blurred_everywhere(strict: Studio, owner: TestClient) -> None:
    found = upload(owner)
    assert found["flag"]["label"] == "explicit"  # type: ignore[index]
    for address in (found["url"], f"/sources/{found['id']}", f"/sources/{found['id']}/thumb512"):
        assert edges(owner.get(str(address)).content) < 25, address
    refused = owner.post("/api/control/preview", json={"map": "canny", "image": found["id"]})
    assert refused.json()["error"]["code"] == "flagged"
    for draft in (
        Draft(kind="image_to_image", prompt="a sea", image=str(found["id"])),
        Draft(kind="upscale", image=str(found["id"]), scale=2.0),
        Draft(kind="inpaint", prompt="a sea", image=str(found["id"])),
    ):
        with pytest.raises(Refused, match="held back"):
            sources.settled(strict, strict.owner, draft)
    owner.post(f"/api/images/{found['id']}/appeal", json={})
    assert edges(owner.get(f"/sources/{found['id']}").content) > 60
    assert owner.get(f"/api/sources/{found['id']}").json()["url"].endswith("?released")
    assert owner.post("/api/control/preview", json={"map": "canny", "image": found["id"]}).status_code == 200
    owner.delete(f"/api/inputs/{found['id']}")
    assert strict.stores.checks.of(strict.owner.subject_id, str(found["id"])) is None


@pytest.mark.promise("P15")
def test_an_import_is_scanned_and_blurred_in_the_gallery(strict: Studio, owner: TestClient) -> None:
    answer = owner.post("/api/imports", files={"file": ("a.png", images.png(sharp()))})
    [brought] = answer.json()["brought"]
    image = owner.get(f"/api/images/{brought['image_id']}").json()
    assert image["flag"]["label"] == "explicit"
    for address in (image["url"], image["preview"], image["thumb"], image["thumb_large"]):
        assert edges(owner.get(address).content) < 25, address


@pytest.mark.promise("P15")
def test_a_broken_scan_takes_no_upload_and_no_import(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "classify", crash)
    client = served(studio)
    answer = client.post("/api/inputs", files={"file": ("a.png", images.png(sharp()))})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "scan_failed")
    brought = importing.bring_picture(studio, studio.owner, "a.png", images.png(sharp()))
    assert brought.state == "refused" and "scan" in brought.reason
    assert studio.stores.vault.blobs.names() == []


def test_an_empty_sheet_may_be_brought(studio: Studio) -> None:
    white = np.full((64, 64, 3), 255, np.uint8)
    answer = served(studio).post("/api/inputs", files={"file": ("a.png", images.png(white))})
    assert answer.json()["flag"] is None


@pytest.mark.promise("P15")
def test_what_was_kept_before_there_was_a_scan_is_scanned_when_it_is_first_shown(
    strict: Studio, owner: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = keep(strict, strict.owner.subject_id, pixels=sharp())
    strict.stores.checks.forget([image])
    with monkeypatch.context() as broken:
        broken.setattr(network, "classify", crash)
        assert owner.get(f"/i/{image}").status_code == 503
    assert edges(owner.get(f"/i/{image}").content) < 25
    assert owner.get(f"/api/images/{image}").json()["flag"]["label"] == "explicit"


def grid_sheet(studio: Studio, image: str) -> bytes:
    job = studio.stores.gallery.get(studio.owner.subject_id, image).job_id
    shown = sheets.picture(studio, studio.owner, job)
    assert shown is not None
    return images.encode(shown.convert("RGB"), "PNG")


def of_notebook(studio: Studio, image: str, format: exports.Format) -> bytes:
    actor = studio.owner
    kept = notebooks.create(studio, actor)
    job = studio.stores.gallery.get(actor.subject_id, image).job_id
    cell = notebooks.change(studio, actor, kept.id, kept.version, {"op": "add", "draft": {"prompt": "waves at sea"}})
    only = cell.document.cells[-1]
    notebook = studio.stores.notebooks
    notebook.run(actor.subject_id, kept.id, only.id, only.draft, lambda: studio.stores.jobs.get(actor.subject_id, job))  # type: ignore[arg-type]
    return exports.export(studio, actor, kept.id, format).data


def in_zip(studio: Studio, image: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(of_notebook(studio, image, "zip"))) as bundle:
        return bundle.read(next(name for name in bundle.namelist() if name.startswith("images/")))


def in_ipynb(studio: Studio, image: str) -> bytes:
    text = of_notebook(studio, image, "ipynb").decode()
    return base64.b64decode(text.partition('"image/png": "')[2].partition('"')[0].replace("\\n", ""))


def in_own_data(studio: Studio, image: str) -> bytes:
    found = studio.stores.gallery.get(studio.owner.subject_id, image)
    return b"".join(taking_out.picture(studio, studio.owner.subject_id, found, "full"))


def in_export(studio: Studio, image: str) -> bytes:
    return gallery.pack(studio, studio.owner, gallery.get(studio, studio.owner, image))


@pytest.mark.promise("P15")
@pytest.mark.parametrize("leave", [grid_sheet, in_zip, in_ipynb, in_own_data, in_export])
def test_no_file_that_leaves_holds_it_unblurred(
    studio: Studio, strict: Studio, leave: Callable[[Studio, str], bytes]
) -> None:
    free = keep(studio, studio.owner.subject_id, pixels=sharp())
    assert edges(leave(studio, free)) > 60
    held = keep(strict, strict.owner.subject_id, pixels=sharp())
    assert edges(leave(strict, held)) < 30


def jpeg() -> bytes:
    return images.preview(sharp())


@pytest.mark.promise("P15")
def test_a_preview_is_looked_at_like_a_picture(
    studio: Studio, strict: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fit_to_show(studio, jpeg()) == jpeg()
    veiled = fit_to_show(strict, jpeg())
    assert veiled is not None and edges(veiled) < 25 and Image.open(io.BytesIO(veiled)).format == "JPEG"
    monkeypatch.setattr(network, "classify", crash)
    broken = fit_to_show(studio, jpeg())
    assert broken is not None and edges(broken) < 25
    assert fit_to_show(studio, b"no picture") is None


@pytest.mark.promise("P15")
def test_steps_count_at_once_and_a_preview_comes_when_it_was_looked_at(strict: Studio) -> None:
    told: list[str] = []
    home = replace(strict, live=Live())
    previews = Previews(home, told.append)
    previews.advance(Progress("job", 0, 1, 20, "drawing", 1.0, jpeg()))
    progress = home.live.progress("job")
    assert progress is not None and progress.pictures[0].step == 1 and progress.pictures[0].preview is None
    previews._show_next()
    progress = home.live.progress("job")
    assert told == ["job"] and progress is not None
    assert progress.pictures[0].preview is not None and edges(progress.pictures[0].preview) < 25
    previews.advance(Progress("job", 0, 2, 20, "drawing", 1.0, jpeg()))
    home.live.forget("job")
    previews._show_next()
    assert home.live.progress("job") is None and told == ["job"]


def test_a_home_without_a_scan_shows_previews_at_once(studio: Studio) -> None:
    open_home = replace(studio, settings=Settings(data=studio.settings.data, scan=False), live=Live())
    Previews(open_home, lambda _: None).advance(Progress("job", 0, 1, 20, "drawing", 1.0, jpeg()))
    progress = open_home.live.progress("job")
    assert progress is not None and progress.pictures[0].preview == jpeg()


def test_anothers_upload_cannot_be_asked_about(studio: Studio, alice: Actor, bob: Actor) -> None:
    found = sources.upload(studio, alice, images.png(sharp()), "upload")
    assert sources.veiled(studio, alice.subject_id, found.id) is False
    assert studio.stores.checks.of(bob.subject_id, found.id) is None

"""Content credentials say what their owner chose, and those that a picture came with are not lost on the way."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import c2pa
import pytest

from components.actions import choices, finish, gallery, importing, sharing, sources
from components.studio import Studio
from pipelines import credentials, images
from pipelines.credentials import Report
from pipelines.types import Render
from policies.actor import Actor
from policies.sharing import Options
from tests.components.web.public import drawing, keep

pytestmark = pytest.mark.promise("P84")


def said(studio: Studio, data: bytes) -> Report:
    found = credentials.verify(data, studio.signer.credentials.root)
    assert found is not None and found.intact and found.ours
    return found


def makers(data: bytes, media_type: str) -> list[str]:
    """Who signed each step of a file's history."""
    with c2pa.Reader(media_type, io.BytesIO(data)) as reader:
        manifests = json.loads(reader.json())["manifests"]
    return sorted(json.dumps(one["claim_generator_info"]) for one in manifests.values())


def from_elsewhere() -> bytes:
    """A JPEG that another home made and signed."""
    return credentials.sign(images.jpeg(drawing(3)), credentials.create(datetime.now(UTC)))


def test_training_is_not_allowed_until_its_owner_says_so_and_never_to_others(studio: Studio, alice: Actor) -> None:
    def every_file() -> set[str]:
        image = keep(studio, alice.subject_id)
        share = sharing.publish(studio, alice, image, Options(agreed=True))
        public = [studio.stores.shares.file(share, variant) for variant in ("image", "preview", "thumb")]
        download = gallery.download(studio, alice, image).data
        return {said(studio, data).training for data in (download, *public)}

    assert every_file() == {"notAllowed"}
    choices.choose(studio, alice, "model_improvement", True, "en")
    assert every_file() == {"constrained"}
    choices.choose(studio, alice, "model_improvement", False, "en")
    assert every_file() == {"notAllowed"}


def test_the_kept_file_says_it_too(studio: Studio, alice: Actor) -> None:
    choices.choose(studio, alice, "model_improvement", True, "en")
    kept = finish.picture(studio, Render(0, 1, drawing(), None), training=choices.training(studio, alice.subject_id))
    assert said(studio, kept.files["full"]).training == "constrained"


def test_an_imports_own_credentials_are_its_history_in_the_gallery_and_in_downloads(
    studio: Studio, alice: Actor
) -> None:
    brought = importing.bring_picture(studio, alice, "a.jpg", from_elsewhere())
    for format in ("png", "jpeg", "webp"):
        data = gallery.download(studio, alice, brought.image_id, format=format).data  # type: ignore[arg-type]
        found = said(studio, data)
        assert found.ai_made and found.ingredients == 1 and "c2pa.transcoded" in found.actions
        assert len(makers(data, f"image/{format}")) == 3  # who made it, who took it in, who let it out
    bare = gallery.download(studio, alice, brought.image_id, signed=False).data
    assert credentials.verify(bare) is None


def test_an_uploads_credentials_are_in_what_is_made_from_it(studio: Studio, alice: Actor) -> None:
    upload = sources.upload(studio, alice, from_elsewhere(), "upload")
    parent = sources.data(studio, alice.subject_id, upload.id)
    made = finish.picture(studio, Render(0, 1, drawing(), None), parent)
    assert said(studio, made.files["full"]).ingredients == 1
    assert len(makers(made.files["full"], "image/png")) == 3


def test_what_came_without_credentials_gets_none(studio: Studio, alice: Actor) -> None:
    brought = importing.bring_picture(studio, alice, "a.jpg", images.jpeg(drawing(4)))
    assert credentials.verify(gallery.download(studio, alice, brought.image_id).data) is None


def test_broken_credentials_do_not_keep_a_picture_out(studio: Studio, alice: Actor) -> None:
    data = bytearray(from_elsewhere())
    data[-400] ^= 1
    brought = importing.bring_picture(studio, alice, "a.jpg", bytes(data))
    assert brought.state == "kept"

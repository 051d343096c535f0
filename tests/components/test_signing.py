"""What the studio keeps and gives away says that a model made it, and the page that verifies files reads it back."""

from __future__ import annotations

import io
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sd_parsers import ParserManager

from components.actions import finish, gallery, notebooks, verify
from components.signing import open_signer
from components.studio import Studio
from pipelines import chunks, credentials, images, watermark
from pipelines.types import Render
from policies.actor import NOBODY, Actor
from policies.draft import Draft
from store.settings import Settings, SettingsError
from tests.components.web.public import drawing, keep, served

pytestmark = pytest.mark.promise("P84")


@pytest.fixture
def image(studio: Studio, alice: Actor) -> str:
    return keep(studio, alice.subject_id, prompt="waves at sea, blue")


def test_the_home_certificate_is_made_once_and_private(settings: Settings) -> None:
    settings.data.mkdir(parents=True)
    first, second = (open_signer(settings, datetime.now(UTC)) for _ in range(2))
    assert first.credentials == second.credentials
    assert stat.S_IMODE((settings.data / "credentials.pem").stat().st_mode) == 0o600


def test_an_own_certificate_signs_and_a_wrong_one_is_refused_by_name(tmp_path: Path) -> None:
    own = credentials.create(datetime.now(UTC))
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(own.chain)
    key.write_bytes(own.key)
    settings = Settings(data=tmp_path, certificate=chain, certificate_key=key)
    assert open_signer(settings, datetime.now(UTC)).credentials == own
    chain.write_bytes(b"not a certificate")
    with pytest.raises(SettingsError, match="PIXCOSMOS_CERTIFICATE"):
        open_signer(settings, datetime.now(UTC))
    with pytest.raises(ValueError, match="Expected both, or neither"):
        Settings(data=tmp_path, certificate=chain)


def test_what_is_kept_has_the_very_pixels_and_is_signed(studio: Studio, alice: Actor, image: str) -> None:
    full = studio.stores.gallery.bytes(alice.subject_id, image, "full")
    assert np.array_equal(np.asarray(images.decode(full)), drawing())
    report = credentials.verify(full, studio.signer.credentials.root)
    assert report is not None and report.ours and report.ai_made and report.actions == ("c2pa.created",)
    assert b"trainedAlgorithmicMedia" in full and b"waves at sea" not in full


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_a_download_verifies_as_ours_with_its_mark_and_its_place(
    studio: Studio, alice: Actor, image: str, format: images.Format
) -> None:
    data = gallery.download(studio, alice, image, format=format).data
    found = verify.examine(studio, alice, data)
    assert found.report is not None
    assert (found.report.intact, found.report.ours, found.report.ai_made) == (True, True, True)
    assert "c2pa.watermarked.unbound" in found.report.actions and found.report.training == "notAllowed"
    assert found.mark == "ours" and found.settings and found.declared
    assert found.image is not None and found.image.id == image
    assert verify.examine(studio, NOBODY, data).image is None


def with_a_pixel_changed(signed: bytes) -> bytes:
    """The same file, signature and all, over pixels of which one differs by one level."""
    pixels = np.array(images.decode(signed))
    pixels[3, 5, 1] ^= 1
    parts = list(chunks.walk(images.png(pixels)))
    fresh = b"".join(images.png(pixels)[start:stop] for kind, start, stop in parts if kind == b"IDAT")
    kept = [(kind, signed[start:stop]) for kind, start, stop in chunks.walk(signed) if kind != b"IDAT"]
    return chunks.SIGNATURE + b"".join((fresh if kind == b"IEND" else b"") + part for kind, part in kept)


def test_one_changed_pixel_breaks_the_signature(studio: Studio, alice: Actor, image: str) -> None:
    found = verify.examine(studio, alice, with_a_pixel_changed(gallery.download(studio, alice, image).data))
    assert found.report is not None and not found.report.intact and not found.report.ours
    assert found.mark == "ours"  # one pixel does not drown the watermark


def test_other_tools_read_the_settings_of_a_signed_file(studio: Studio, alice: Actor, image: str) -> None:
    for format in ("png", "jpeg", "webp"):
        data = gallery.download(studio, alice, image, format=format).data  # type: ignore[arg-type]
        info = ParserManager().parse(Image.open(io.BytesIO(data)))
        assert info is not None and info.full_prompt == "waves at sea, blue"


def test_leaving_the_credentials_out_is_a_choice_and_the_mark_stays(studio: Studio, alice: Actor, image: str) -> None:
    bare = gallery.download(studio, alice, image, metadata=False, signed=False).data
    found = verify.examine(studio, alice, bare)
    assert (found.report, found.declared, found.settings) == (None, False, False)
    assert found.mark == "ours" and found.image is not None
    quiet = gallery.download(studio, alice, image, metadata=False).data
    found = verify.examine(studio, alice, quiet)
    assert found.report is not None and found.report.ours and not found.settings


def test_the_mark_names_no_person_and_only_its_home_finds_the_picture(
    studio: Studio, alice: Actor, bob: Actor, image: str, tmp_path: Path
) -> None:
    data = gallery.download(studio, alice, image).data
    assert verify.examine(studio, bob, data).image is None
    mark = watermark.extract(np.asarray(images.decode(data)))
    assert mark is not None and mark.payload >> 16 == studio.signer.home
    (tmp_path / "other").mkdir()
    elsewhere = open_signer(Settings(data=tmp_path / "other"), studio.clock())
    assert elsewhere.home != studio.signer.home and elsewhere.tag(image) != studio.signer.tag(image)


def test_the_public_page_tells_a_stranger_what_a_file_says(studio: Studio, alice: Actor, image: str) -> None:
    data = gallery.download(studio, alice, image).data
    stranger = served(studio)

    def said(sent: bytes, name: str = "a.png") -> str:
        return stranger.post("/verify", files={"file": (name, sent)}).text

    assert "Made here, and not changed since" in said(data)
    foreign = credentials.sign(images.png(drawing(3)), credentials.create(studio.clock()))
    assert "Signed elsewhere, and not changed since" in said(foreign)
    assert "Changed after it was signed" in said(with_a_pixel_changed(data))
    assert "Its pixels cannot be read" in said(data[: len(data) // 2])
    assert "does not say where it is from" in said(images.png(drawing(4)))
    answer = stranger.post("/verify", files={"file": ("notes.txt", b"hello")})
    assert answer.status_code == 422 and "not a picture" in answer.text
    small = replace(studio, settings=Settings(data=studio.settings.data, max_upload_bytes=1024))
    assert served(small).post("/verify", files={"file": ("a.png", data)}).status_code == 413


def test_its_owner_is_told_in_which_cell_it_was_drawn(studio: Studio, alice: Actor, bob: Actor) -> None:
    """The cell of the notebook that it was run for; nobody else is told, and nothing of a notebook that is gone."""
    now, jobs = studio.clock(), studio.stores.jobs
    job = notebooks.bench(studio, alice, Draft(prompt="waves", seed=1))
    assert jobs.claim("test", now, timedelta(minutes=1)) is not None
    assert jobs.finish(job.id, "test", [finish.picture(studio, Render(0, 1, drawing(), None))], 1.0, now)
    [made] = studio.stores.gallery.of_job(alice.subject_id, job.id)
    data = gallery.download(studio, alice, made.id).data
    book = notebooks.current(studio, alice)
    assert book is not None
    assert verify.examine(studio, alice, data).cell == verify.Place(book.document.title, 1)
    assert verify.examine(studio, bob, data).cell is None
    page = served(studio).post("/verify", files={"file": ("a.png", data, "image/png")}).text
    assert "In your notebook" not in page  # the owner of the home is not alice
    notebooks.delete(studio, alice, book.id)
    found = verify.examine(studio, alice, data)
    assert found.cell is None and found.image is not None

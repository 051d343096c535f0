"""Pictures that are taken out: whole, with a manifest that tells the truth, one at a time in memory, and one's own."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import psutil
import pytest
from PIL import Image as Pillow

from components.actions import exporting, gallery, importing
from components.actions.exporting import Packing
from components.studio import Studio
from pipelines import provenance
from policies.actor import Actor
from policies.draft import Draft
from policies.verdict import Refused
from store.gallery import NewImage
from store.vault import Missing
from tests.components.actions.test_importing import SETTINGS, png
from tests.conftest import SEEN


@pytest.fixture
def three(studio: Studio, alice: Actor) -> list[str]:
    """Ids of three pictures that alice brought, newest first."""
    for colour in ("red", "green", "blue"):
        importing.bring(studio, alice, f"{colour}.png", png(colour, settings=SETTINGS))
    return [image.id for image in gallery.page(studio, alice)[0]]


def opened(chunks: Iterator[bytes]) -> tuple[zipfile.ZipFile, dict[str, object]]:
    archive = zipfile.ZipFile(io.BytesIO(b"".join(chunks)))
    assert archive.testzip() is None
    return archive, json.loads(archive.read("manifest.json"))


@pytest.mark.promise("P49")
@pytest.mark.promise("P51")
@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_every_file_opens_and_has_its_hash_in_the_manifest(
    studio: Studio, alice: Actor, three: list[str], format: str
) -> None:
    export = exporting.prepare(studio, alice, Packing(format=format), ids=three)  # type: ignore[arg-type]
    archive, manifest = opened(exporting.part(studio, alice, export.id, 1).read())
    assert manifest["format"] == "pixcosmos-export/1" and manifest["parts"] == 1 and manifest["missing"] == []
    assert [picture["id"] for picture in manifest["pictures"]] == three  # type: ignore[attr-defined]
    for picture in manifest["pictures"]:  # type: ignore[attr-defined]
        data = archive.read(picture["file"])
        assert hashlib.sha256(data).hexdigest() == picture["sha256"]
        assert Pillow.open(io.BytesIO(data)).format == format.upper()
        found = provenance.read(data)
        assert found is not None and found["prompt"] == "a fox, at night" == picture["settings"]["prompt"]


def test_without_settings_nothing_tells_how_a_picture_was_made_or_sorted(
    studio: Studio, alice: Actor, three: list[str]
) -> None:
    board = gallery.add_board(studio, alice, "secret board")
    gallery.move(studio, alice, three, board.id)
    gallery.tag(studio, alice, three, "secret tag", True)
    packing = Packing(metadata=False)
    data = b"".join(exporting.stream(studio, alice, three, packing))
    for word in (b"secret", b"fox", b"red.png", b"blurry", b"parameters"):
        assert word not in data
    archive, manifest = opened(exporting.stream(studio, alice, three, Packing()))
    assert manifest["pictures"][0]["board"] == "secret board"  # type: ignore[index]


def test_a_download_comes_in_parts_that_can_be_fetched_again(
    studio: Studio, alice: Actor, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "PART", 2)
    export = exporting.prepare(studio, alice, Packing(), listing=gallery.listing("fox"))
    importing.bring(studio, alice, "late.png", png("white", settings=SETTINGS))  # not in a download planned before
    parts = exporting.parts(export)
    assert parts == [tuple(three[:2]), (three[2],)]
    for number, ids in enumerate(parts, 1):
        for _ in range(2):
            _, manifest = opened(exporting.part(studio, alice, export.id, number).read())
            assert [picture["id"] for picture in manifest["pictures"]] == list(ids)  # type: ignore[attr-defined]
    with pytest.raises(Missing):
        exporting.part(studio, alice, export.id, 3)


def test_what_was_deleted_meanwhile_is_said_to_be_missing(studio: Studio, alice: Actor, three: list[str]) -> None:
    export = exporting.prepare(studio, alice, Packing(), ids=three)
    gallery.discard(studio, alice, three[:1])
    archive, manifest = opened(exporting.part(studio, alice, export.id, 1).read())
    assert manifest["missing"] == three[:1]
    assert len(archive.namelist()) == 3  # two pictures and the manifest


@pytest.mark.promise("P25")
def test_nobody_takes_out_anothers_pictures_or_downloads(
    studio: Studio, alice: Actor, bob: Actor, three: list[str]
) -> None:
    export = exporting.prepare(studio, alice, Packing(), ids=three)
    for read in (lambda: exporting.get(studio, bob, export.id), lambda: exporting.part(studio, bob, export.id, 1)):
        with pytest.raises(Missing):
            read()
    with pytest.raises(Refused):
        exporting.prepare(studio, bob, Packing(), ids=three)
    _, manifest = opened(exporting.stream(studio, bob, three, Packing()))
    assert manifest["pictures"] == [] and manifest["missing"] == three


def test_a_plan_is_forgotten_after_a_day(studio: Studio, alice: Actor, three: list[str]) -> None:
    export = exporting.prepare(studio, alice, Packing(), ids=three)
    later = replace(studio, clock=lambda: export.expires_at + timedelta(seconds=1))
    with pytest.raises(Missing):
        exporting.get(later, alice, export.id)
    assert studio.stores.exports.sweep(later.clock()) == 1


@pytest.mark.promise("P51")
def test_ten_thousand_pictures_take_no_more_memory_than_their_list(studio: Studio, alice: Actor) -> None:
    """The peak of what the process holds while 10,000 pictures stream by, against what they weigh together."""
    noisy = io.BytesIO()
    Pillow.effect_noise((96, 96), 100).convert("RGB").save(noisy, "PNG")
    speck = NewImage(index=0, seed=1, width=96, height=96, files={"full": noisy.getvalue()}, check=SEEN)
    batch = importing.Batch(alice.subject_id)
    vault, rows = studio.stores.vault, studio.stores.gallery
    vault.blobs.put = lambda name, sealed: write(vault.blobs, name, sealed)  # type: ignore[method-assign]
    with studio.stores.databases[0].atomic():
        for number in range(10_000):
            image_id = rows.put_files(alice.subject_id, speck)
            job = replace(batch, id=f"{number:032x}")
            # Pictures that were brought go out unsigned: signing 10,000 would take minutes and hold nothing more.
            draft = Draft(prompt=f"fox {number}", model="")
            rows.add_row(image_id, job, draft, speck, studio.clock(), kind="imported")
    ids = exporting.select(studio, alice)
    assert len(ids) == 10_000
    before = peak = psutil.Process().memory_info().rss
    total = 0
    for number, chunk in enumerate(exporting.stream(studio, alice, ids, Packing())):
        total += len(chunk)
        if number % 500 == 0:
            peak = max(peak, psutil.Process().memory_info().rss)
    assert total > 10_000 * len(noisy.getvalue())
    assert peak - before < 64 * 2**20 < total / 3


def write(blobs: object, name: str, sealed: bytes) -> None:
    """As the store does, without waiting for the disk 10,000 times."""
    path = blobs._path(name)  # type: ignore[attr-defined]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sealed)

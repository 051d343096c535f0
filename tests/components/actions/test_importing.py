"""Pictures that are brought: kept once, with the settings that their files tell, or refused by name."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PIL.PngImagePlugin import PngInfo

from components.actions import gallery, importing
from components.studio import Studio
from pipelines import provenance
from policies.actor import Actor

SETTINGS = {"prompt": "a fox, at night", "negative_prompt": "blurry", "steps": 12, "guidance": 5.5, "seed": 99}


def png(colour: str = "red", settings: dict[str, object] | None = None, size: tuple[int, int] = (60, 40)) -> bytes:
    buffer = io.BytesIO()
    Pillow.new("RGB", size, colour).save(buffer, "PNG")
    if settings is None:
        return buffer.getvalue()
    told = {**settings, "model": "sd15", "width": size[0], "height": size[1]}
    return provenance.write(buffer.getvalue(), "png", told)


def test_the_settings_in_a_file_become_those_of_the_picture(studio: Studio, alice: Actor) -> None:
    (brought,) = importing.bring(studio, alice, "C:\\pictures\\fox.png", png(settings=SETTINGS))
    assert brought.state == "kept"
    image = gallery.get(studio, alice, brought.image_id)
    assert (image.kind, image.width, image.height, image.facts["file_name"]) == ("imported", 60, 40, "fox.png")
    assert (image.draft.prompt, image.draft.steps, image.seed, image.model) == ("a fox, at night", 12, 99, "sd15")
    assert [found.id for found in gallery.page(studio, alice, gallery.listing("kind:imported night steps:12"))[0]] == [
        image.id
    ]
    thumb = Pillow.open(io.BytesIO(gallery.read(studio, alice, image.id, "thumb256")))
    assert (thumb.format, thumb.size) == ("WEBP", (60, 40))


def test_half_a_letter_in_a_file_is_no_obstacle(studio: Studio, alice: Actor) -> None:
    buffer, info = io.BytesIO(), PngInfo()
    info.add_text("parameters", 'a fox\nSteps: 3, Seed: 1, Model: "cut, \\ud83d"')
    Pillow.new("RGB", (60, 40), "red").save(buffer, "PNG", pnginfo=info)
    (brought,) = importing.bring(studio, alice, "fox.png", buffer.getvalue())
    assert brought.state == "kept"
    assert gallery.get(studio, alice, brought.image_id).model == "cut, ?"


def test_a_picture_without_settings_is_found_by_its_name(studio: Studio, alice: Actor) -> None:
    (brought,) = importing.bring(studio, alice, "holiday.jpg", png("blue"))
    (image,), _ = gallery.page(studio, alice, gallery.listing("holiday -has:settings"))
    assert image.id == brought.image_id and image.draft.prompt == ""
    assert gallery.download(studio, alice, image.id).data.startswith(b"\x89PNG")


def test_the_same_file_is_kept_once_for_each_person(studio: Studio, alice: Actor, bob: Actor) -> None:
    data = png(settings=SETTINGS)
    (first,) = importing.bring(studio, alice, "fox.png", data)
    (again,) = importing.bring(studio, alice, "copy of fox.png", data)
    assert (again.state, again.image_id) == ("already", first.image_id)
    (his,) = importing.bring(studio, bob, "fox.png", data)
    assert his.state == "kept" and his.image_id != first.image_id
    gallery.delete(studio, alice, [first.image_id])
    assert importing.bring(studio, alice, "fox.png", data)[0].state == "kept"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<svg onload=alert(1)></svg>", "SVG"),
        (b"", "empty"),
        (b"hello", "not a picture"),
        (png()[:60], "damaged"),
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(
    studio: Studio, alice: Actor, data: bytes, reason: str
) -> None:
    (brought,) = importing.bring(studio, alice, "x.png", data)
    assert brought.state == "refused" and reason in brought.reason
    assert gallery.page(studio, alice) == ((), None)
    assert studio.stores.vault.blobs.names() == []


def test_a_zip_and_a_folder_say_what_became_of_each(studio: Studio, alice: Actor, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a/red.png", png("red"))
        archive.writestr("../out.png", png("green"))
        archive.writestr("inner.zip", b"PK\x03\x04")
    brought = importing.bring(studio, alice, "mine.zip", buffer.getvalue())
    assert [(one.name, one.state) for one in brought] == [
        ("red.png", "kept"),
        ("out.png", "refused"),
        ("inner.zip", "refused"),
    ]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "red again.png").write_bytes(png("red"))
    (tmp_path / "blue.png").write_bytes(png("blue"))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "link.png").symlink_to("/etc/hostname")
    found = {one.name: one.state for one in importing.bring_folder(studio, alice, tmp_path)}
    assert found == {"red again.png": "already", "blue.png": "kept"}


@pytest.mark.promise("P3")
def test_a_brought_file_is_nowhere_readable(studio: Studio, alice: Actor) -> None:
    importing.bring(studio, alice, "kanarienvogel-81.png", png(settings={**SETTINGS, "prompt": "kanarienvogel-82"}))
    for path in studio.settings.data.rglob("*"):
        assert not path.is_file() or b"kanarienvogel" not in path.read_bytes()

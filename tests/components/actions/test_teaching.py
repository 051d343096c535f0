"""A lesson from its pictures to the adapter that a prompt wears, by the real model in its own process."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from components.actions import generate, leaving, sources, taking_out, teaching
from components.studio import Studio
from pipelines import adapters, images
from policies.actor import Actor
from policies.verdict import Refused


def brought(studio: Studio, actor: Actor, count: int = 3) -> list[str]:
    """Pictures of a purple square on white, each a little elsewhere."""
    found = []
    for place in range(count):
        pixels = np.full((128, 128, 3), 255, np.uint8)
        pixels[24 + place : 104, 24:104] = (140, 40, 200)
        found.append(sources.upload(studio, actor, images.png(pixels), "upload").id)
    return found


def until(check: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not check():
        assert time.monotonic() < end
        time.sleep(0.05)


def state(studio: Studio) -> str:
    found = teaching.of(studio, studio.owner)
    assert found is not None
    assert found.state != "failed", found.reason
    return found.state


def test_what_was_taught_is_an_adapter_of_its_teacher_and_leaves_with_them(studio: Studio) -> None:
    owner = studio.owner
    wish = teaching.Wish("zorblax", "cube", brought(studio, owner))
    lesson = teaching.teach(studio, owner, wish, steps=2)
    assert (lesson.state, lesson.words) == ("teaching", "a zorblax cube")
    with pytest.raises(Refused, match="no other lesson under way"):
        teaching.teach(studio, owner, teaching.Wish("another", "cube", wish.pictures), steps=2)
    until(lambda: state(studio) == "done")

    path = adapters.available(studio.settings.models_dir)["zorblax"]
    assert adapters.facts(path)[adapters.WORDS] == "a zorblax cube"
    with pytest.raises(Refused, match="a name that no adapter has"):
        teaching.teach(studio, owner, wish, steps=2)

    assert generate.hint(studio, "starter", "a zorblax") is not None
    assert generate.hint(studio, "starter", "a zorblax cube <lora:zorblax:1>") is None

    packed = b"".join(taking_out.stream(studio, owner.subject_id, studio.clock()))
    assert b"adapters/zorblax.safetensors" in packed
    assert leaving.delete_files(studio, owner.subject_id)["adapters"] == 1
    assert list(adapters.available(studio.settings.models_dir)) == ["starter-neon"], "what comes along"


def test_a_lesson_that_is_stopped_leaves_nothing(studio: Studio) -> None:
    owner = studio.owner
    teaching.teach(studio, owner, teaching.Wish("zorblax", "cube", brought(studio, owner)), steps=100_000)
    teaching.stop(studio, owner)  # before it has begun
    until(lambda: state(studio) == "stopped")
    teaching.teach(studio, owner, teaching.Wish("zorblax", "cube", brought(studio, owner)), steps=100_000)
    until(lambda: (found := teaching.of(studio, owner)) is not None and found.step > 0)
    teaching.stop(studio, owner)
    until(lambda: state(studio) == "stopped")
    assert list(adapters.folder(studio.settings.models_dir).iterdir()) == []


def test_a_file_that_nobody_taught_is_not_forgotten(studio: Studio) -> None:
    path = adapters.folder(studio.settings.models_dir) / "clay.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a file of weights")
    assert teaching.taught(studio, studio.owner.subject_id) == {}
    assert teaching.forget_all(studio, studio.owner.subject_id) == 0
    assert path.exists()


@pytest.mark.parametrize(
    ("name", "kind", "count", "said"),
    [
        ("Zorblax!", "cube", 3, "name: 'Zorblax!' is not allowed. Expected 3 to 24 small letters or digits"),
        ("zorblax", "<lora:x>", 3, "kind: '<lora:x>' is not allowed. Expected one or two words"),
        ("zorblax", "cube", 2, "pictures: 2 is not allowed. Expected 3 to 40 pictures."),
    ],
)
def test_a_wish_that_does_not_fit_is_refused_before_anything_begins(
    studio: Studio, name: str, kind: str, count: int, said: str
) -> None:
    with pytest.raises(Refused, match=said.replace("(", r"\(")):
        teaching.teach(studio, studio.owner, teaching.Wish(name, kind, brought(studio, studio.owner, count)))
    assert teaching.of(studio, studio.owner) is None


def test_a_guest_teaches_nothing(studio: Studio) -> None:
    guest = Actor(studio.owner.subject_id, "guest")
    with pytest.raises(Refused, match="the owner of this studio"):
        teaching.teach(studio, guest, teaching.Wish("zorblax", "cube", []))


def test_nothing_is_learnt_from_a_picture_that_is_held_back(studio: Studio) -> None:
    pictures = brought(studio, studio.owner)
    studio.stores.checks.hold(pictures[1], "explicit", "a hash", studio.clock(), "")
    with pytest.raises(Refused) as refused:
        teaching.teach(studio, studio.owner, teaching.Wish("zorblax", "cube", pictures))
    assert refused.value.verdict.code == "flagged"
    assert teaching.of(studio, studio.owner) is None

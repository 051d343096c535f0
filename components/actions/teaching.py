"""Teaches the starter a thing of one's own from a few pictures; what comes out is an adapter that a prompt can wear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from components.actions import sources
from components.lessons import Busy, Taught
from components.studio import Studio
from pipelines import adapters
from pipelines.teaching import STEPS, Lesson
from policies import lessons
from policies.actor import Actor
from policies.verdict import refuse, require
from store.vault import Missing

SIDE = 256  # pixels: twice what the starter draws, so that every view of a picture is sharp


@dataclass(frozen=True, slots=True)
class Wish:
    name: str
    kind: str
    pictures: Sequence[str]  # ids of the gallery or of what was brought along


def teach(studio: Studio, actor: Actor, wish: Wish, steps: int = STEPS) -> Taught:
    """Begins the lesson; `of()` tells how it goes. Raises Missing, and Refused also for a picture that is held back."""
    found = tuple(dict.fromkeys(wish.pictures))
    require(
        lessons.may_teach(actor),
        lessons.name(wish.name, adapters.available(studio.settings.models_dir)),
        lessons.kind(wish.kind),
        lessons.pictures(len(found)),
    )
    free = [sources.free(studio, actor, one).id for one in found]
    pictures = [square(sources.pixels(studio, actor.subject_id, one)) for one in free]
    words = lessons.words(wish.name, wish.kind)
    facts = {adapters.TAUGHT_BY: actor.subject_id, adapters.WORDS: words}
    lesson = Lesson(words, adapters.folder(studio.settings.models_dir) / f"{wish.name}.safetensors", facts, steps)
    try:
        studio.lessons.start(actor.subject_id, wish.name, lesson, pictures)
    except Busy:
        require(refuse("lesson_busy", field="name", value=wish.name, expected="no other lesson under way"))
    answer = of(studio, actor)
    assert answer is not None
    return answer


def of(studio: Studio, actor: Actor) -> Taught | None:
    return studio.lessons.of(actor.subject_id)


def stop(studio: Studio, actor: Actor) -> None:
    studio.lessons.stop(actor.subject_id)


def forget(studio: Studio, actor: Actor, name: str) -> None:
    """Deletes what this person taught. Raises Missing for what somebody else did or what came as a file."""
    path = taught(studio, actor.subject_id).get(name)
    if path is None:
        raise Missing(f"name: {name!r} is nothing that you taught")
    path.unlink(missing_ok=True)


def taught(studio: Studio, subject_id: str) -> dict[str, Path]:
    """The adapters that this person taught, by name."""
    known = adapters.available(studio.settings.models_dir)
    return {name: path for name, path in known.items() if adapters.facts(path).get(adapters.TAUGHT_BY) == subject_id}


def forget_all(studio: Studio, subject_id: str) -> int:
    studio.lessons.stop(subject_id)
    paths = taught(studio, subject_id).values()
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)


def square(pixels: np.ndarray) -> np.ndarray:
    fitted = ImageOps.fit(Image.fromarray(pixels), (SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(fitted.convert("RGB"))

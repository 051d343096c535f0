"""Composes pictures and captions on the fly: things, their colours, sizes and places on a ground. Seeded, endless."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipelines.starter.backgrounds import COLOURS, SIDE, Ground, choose, paint
from pipelines.starter.things import Thing, cut_out

TINTS = ("red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink", "black", "white")
HELD_OUT_EVERY = 40  # one object-and-ground or object-and-colour pair of forty is never trained on
RECOLOURED, PAIRED, COUNTED, PLACED = 0.18, 0.08, 0.05, 0.10
COUNTS = {2: "two", 3: "three"}
PLACES = {"left": 0.28, "right": 0.72}


@dataclass(frozen=True, slots=True)
class Subject:
    """What stands on the ground: words for it, the labels of the things in it, and its colour where it was changed."""

    words: str
    labels: tuple[str, ...]
    tint: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """`pixels` (128, 128, 3) uint8, a caption of them, and what they show, for held-out checks and evaluation."""

    pixels: np.ndarray
    caption: str
    subject: Subject
    ground: Ground

    @property
    def held_out(self) -> bool:
        traits = [trait for trait in (self.ground.name, self.subject.tint) if trait]
        return any(held_out(label, trait) for label in self.subject.labels for trait in traits)


def held_out(label: str, trait: str) -> bool:
    """Decided by a hash, so that every run on every machine leaves out the same pairs."""
    return int.from_bytes(hashlib.sha256(f"{label}|{trait}".encode()).digest()[:4]) % HELD_OUT_EVERY == 0


class Composer:
    """Keeps the cut-out things in memory. `weights` says how often each is drawn."""

    def __init__(self, things: Sequence[Thing], weights: Sequence[float] | None = None) -> None:
        self.things = tuple(things)
        self._cut: dict[Path, np.ndarray] = {}
        share = np.asarray(weights if weights is not None else np.ones(len(self.things)), float)
        self._share = share / share.sum()

    def draw(self, rng: np.random.Generator, *, holdout: bool = False) -> Example:
        """An example that is trained on, or with `holdout` one that never is."""
        while (example := self._compose(rng)).held_out != holdout:
            pass
        return example

    def portrait(self, rng: np.random.Generator, thing: Thing, *, holdout: bool = False) -> Example:
        """Like `draw`, with this thing alone."""
        while (example := self._compose(rng, thing)).held_out != holdout:
            pass
        return example

    def _compose(self, rng: np.random.Generator, only: Thing | None = None) -> Example:
        canvas, ground = paint(rng)
        thing = only or self._any(rng)
        kind = 1.0 if only else rng.random()
        if kind < PAIRED:
            subject = self._pair(rng, canvas, thing)
        elif kind < PAIRED + COUNTED:
            subject = self._several(rng, canvas, thing)
        elif kind < PAIRED + COUNTED + PLACED:
            subject = self._placed(rng, canvas, thing)
        else:
            subject = self._alone(rng, canvas, thing)
        joint = ", " if rng.random() < 0.2 else " "
        style = ", flat style" if thing.style == "flat" else ""
        return Example(canvas.round().astype(np.uint8), f"{subject.words}{joint}{ground.words}{style}", subject, ground)

    def _alone(self, rng: np.random.Generator, canvas: np.ndarray, thing: Thing) -> Subject:
        picture, tint = self._cut_of(thing), None
        if rng.random() < RECOLOURED:
            tint = choose(rng, *TINTS)
            picture = recolour(picture, COLOURS[tint])
        stamp(canvas, picture, rng.uniform(0.62, 0.98), 0.5 + rng.normal(0, 0.02), 0.5 + rng.normal(0, 0.02))
        return Subject(describe(rng, thing, tint), (thing.label,), tint)

    def _pair(self, rng: np.random.Generator, canvas: np.ndarray, first: Thing) -> Subject:
        while (second := self._any(rng)).style != first.style:
            pass
        stamp(canvas, self._cut_of(first), 0.5, 0.27, rng.uniform(0.45, 0.6))
        stamp(canvas, self._cut_of(second), 0.5, 0.73, rng.uniform(0.45, 0.6))
        joined = choose(rng, "and", "next to", "beside")
        words = f"{an(first.label)} {first.label} {joined} {an(second.label)} {second.label}"
        return Subject(words, (first.label, second.label))

    def _several(self, rng: np.random.Generator, canvas: np.ndarray, thing: Thing) -> Subject:
        count = int(rng.choice(list(COUNTS)))
        for place in range(count):
            stamp(canvas, self._cut_of(thing), 0.9 / count, (place + 0.5) / count, rng.uniform(0.45, 0.55))
        return Subject(f"{COUNTS[count]} {plural(thing.label)}", (thing.label,))

    def _placed(self, rng: np.random.Generator, canvas: np.ndarray, thing: Thing) -> Subject:
        side = choose(rng, *PLACES)
        stamp(canvas, self._cut_of(thing), rng.uniform(0.4, 0.5), PLACES[side], rng.uniform(0.45, 0.6))
        return Subject(f"a small {thing.label} on the {side}", (thing.label,))

    def _any(self, rng: np.random.Generator) -> Thing:
        return self.things[rng.choice(len(self.things), p=self._share)]

    def _cut_of(self, thing: Thing) -> np.ndarray:
        if thing.path not in self._cut:
            self._cut[thing.path] = cut_out(thing.picture())
        return self._cut[thing.path]


def describe(rng: np.random.Generator, thing: Thing, colour: str | None) -> str:
    """A caption's subject: the label, with tags or instead of it, in one of many forms."""
    name = thing.label
    form = rng.random()
    if thing.tags and form < 0.06:
        name = " ".join(rng.choice(thing.tags, min(len(thing.tags), int(rng.integers(1, 3))), replace=False))
    tinted = f"{colour} {name}" if colour else name
    before = choose(rng, "", "", "", "cute ", "the ")
    icon = "flat icon of {a} " if thing.style == "flat" else "3d icon of {a} "
    article = "" if before == "the " else choose(rng, "", "{a} ", "{a} ", icon, "a picture of {a} ")
    after = f", {rng.choice(thing.tags)}" if thing.tags and form > 0.88 else ""
    return article.format(a=an(before or tinted)) + f"{before}{tinted}{after}"


def an(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def plural(name: str) -> str:
    return name if name.endswith("s") else f"{name}es" if name.endswith(("x", "ch", "sh")) else f"{name}s"


def recolour(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """The same light and shade in another colour; highlights and outlines stay."""
    light = picture[..., :3].astype(float) @ (0.299, 0.587, 0.114) / 255
    target = np.array(colour, float)
    dark, bright = target * 0.35, target + (255 - target) * 0.55
    ramp = light[..., None]
    tinted = np.where(ramp < 0.5, dark + (target - dark) * ramp * 2, target + (bright - target) * (ramp - 0.5) * 2)
    mixed = 0.85 * tinted + 0.15 * picture[..., :3]
    return np.concatenate([np.clip(mixed, 0, 255).astype(np.uint8), picture[..., 3:]], axis=-1)


def stamp(canvas: np.ndarray, picture: np.ndarray, size: float, x: float, y: float) -> None:
    """Puts the picture on the canvas, centred on (x, y), its longer side `size` of the canvas; clipped at the edge."""
    scale = size * SIDE / max(picture.shape[:2])
    width, height = (max(4, round(side * scale)) for side in (picture.shape[1], picture.shape[0]))
    small = np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS), float)
    left, top = round(x * SIDE - width / 2), round(y * SIDE - height / 2)
    from_x, from_y = max(0, -left), max(0, -top)
    part = small[from_y : SIDE - top, from_x : SIDE - left]
    target = canvas[max(0, top) :, max(0, left) :][: part.shape[0], : part.shape[1]]
    alpha = part[..., 3:] / 255
    target[:] = target * (1 - alpha) + part[..., :3] * alpha

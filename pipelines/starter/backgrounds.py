"""Grounds to put things on, painted from a seed: plain colours, small landscapes, and the words that ask for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

SIDE = 128

COLOURS: dict[str, tuple[int, int, int]] = {
    "white": (255, 255, 255),
    "black": (16, 16, 20),
    "grey": (140, 144, 150),
    "red": (220, 44, 52),
    "orange": (248, 140, 40),
    "yellow": (252, 214, 60),
    "green": (60, 176, 84),
    "mint green": (160, 230, 190),
    "turquoise": (56, 196, 196),
    "sky blue": (130, 200, 250),
    "blue": (44, 100, 224),
    "navy blue": (20, 30, 84),
    "purple": (130, 70, 200),
    "lavender": (196, 176, 240),
    "pink": (250, 160, 196),
    "magenta": (220, 50, 150),
    "brown": (130, 86, 54),
    "beige": (236, 220, 190),
}

NEBULAE: dict[str, tuple[int, int, int]] = {
    "purple": (150, 60, 220),
    "blue": (40, 110, 240),
    "pink": (240, 80, 170),
    "green": (40, 200, 130),
    "orange": (250, 130, 50),
}


Painted = tuple[np.ndarray, tuple[str, ...]]  # pixels (128, 128, 3) float, and the named colours in them, top first


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of ground: how often it is painted, by what, and what it is called. `{0}` and `{1}` are its colours."""

    share: float
    paint: Callable[[np.random.Generator], Painted]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What was painted: its kind, the named colours in it (top first) and words that ask for it."""

    kind: str
    colours: tuple[str, ...]
    words: str

    @property
    def name(self) -> str:
        """The same for all words that ask for the same ground."""
        return " ".join((self.kind, *self.colours))


def paint(rng: np.random.Generator) -> tuple[np.ndarray, Ground]:
    """A ground as pixels (128, 128, 3), float from 0 to 255, and what it is."""
    name = choose(rng, *KINDS, shares=[kind.share for kind in KINDS.values()])
    canvas, colours = KINDS[name].paint(rng)
    return np.clip(canvas, 0, 255), Ground(name, colours, choose(rng, *KINDS[name].words).format(*colours))


def choose(rng: np.random.Generator, *words: str, shares: list[float] | None = None) -> str:
    return words[rng.choice(len(words), p=shares)]


def plain(rng: np.random.Generator) -> Painted:
    """White half of the time, as pictures of things mostly are."""
    name = "white" if rng.random() < 0.5 else choose(rng, *COLOURS)
    jitter = 0 if name == "white" else rng.normal(0, 6, 3)
    return flat(np.array(COLOURS[name]) + jitter), (name,)


def gradient(rng: np.random.Generator) -> Painted:
    first, second = (str(name) for name in rng.choice(list(COLOURS), 2, replace=False))
    ramp = np.linspace(0, 1, SIDE)[:, None, None]
    canvas = np.array(COLOURS[first]) * (1 - ramp) + np.array(COLOURS[second]) * ramp
    return np.broadcast_to(canvas, (SIDE, SIDE, 3)).copy(), (first, second)


def night_sky(rng: np.random.Generator) -> Painted:
    canvas = vertical((10, 14, 44), (34, 40, 92)) + noise(rng, 4)[..., None] * 12
    stars(rng, canvas, int(rng.integers(40, 90)))
    return canvas, ()


def nebula(rng: np.random.Generator) -> Painted:
    name = choose(rng, *NEBULAE)
    cloud = np.clip(noise(rng, 3) * 0.7 + noise(rng, 7) * 0.5 + 0.15, 0, 1)[..., None] ** 1.5
    canvas = flat((14, 10, 34)) * (1 - cloud) + np.array(NEBULAE[name]) * cloud
    canvas += np.clip(noise(rng, 5) - 0.6, 0, 1)[..., None] * np.array((120, 90, 160))
    stars(rng, canvas, int(rng.integers(30, 60)))
    return canvas, (name,)


def meadow(rng: np.random.Generator) -> Painted:
    canvas = horizon(rng, ((110, 190, 250), (200, 232, 255)), ((120, 200, 70), (50, 140, 44)), 0.55)
    dots(rng, canvas, 0.66, [(255, 255, 255), (255, 220, 80), (250, 120, 160)])
    return canvas, ()


def sunset(rng: np.random.Generator) -> Painted:
    canvas = vertical((90, 50, 130), (255, 170, 80))
    disc(canvas, rng.uniform(0.25, 0.75), 0.62, 0.16, (255, 226, 130))
    canvas[int(SIDE * 0.74) :] = vertical((120, 50, 90), (50, 24, 60))[int(SIDE * 0.74) :]
    return canvas, ()


def sea(rng: np.random.Generator) -> Painted:
    canvas = horizon(rng, ((140, 206, 250), (214, 240, 255)), ((30, 120, 210), (10, 70, 160)), 0.5)
    rows = np.arange(SIDE)
    waves = np.sin(rows[:, None] * 0.9 + np.sin(rows[None, :] * 0.12 + rng.uniform(0, 6)) * 2) > 0.93
    canvas[waves & (rows[:, None] > SIDE * 0.54)] += 40
    return canvas, ()


def desert(rng: np.random.Generator) -> Painted:
    canvas = horizon(rng, ((120, 190, 240), (250, 230, 190)), ((240, 200, 120), (206, 150, 80)), 0.58)
    return canvas, ()


def snow(rng: np.random.Generator) -> Painted:
    canvas = horizon(rng, ((150, 180, 214), (220, 232, 244)), ((250, 252, 255), (214, 228, 244)), 0.6)
    dots(rng, canvas, 0.0, [(255, 255, 255)], count=70)
    return canvas, ()


def city(rng: np.random.Generator) -> Painted:
    canvas = vertical((16, 18, 50), (70, 50, 110))
    left = 0
    while left < SIDE:
        width, top = int(rng.integers(12, 24)), int(SIDE * rng.uniform(0.3, 0.65))
        canvas[top:, left : left + width] = rng.uniform(18, 42, 3)
        for y in range(top + 4, SIDE - 4, 8):
            for x in range(left + 3, min(left + width, SIDE) - 3, 6):
                if rng.random() < 0.5:
                    canvas[y : y + 3, x : x + 2] = (255, 214, 120)
        left += width + int(rng.integers(0, 3))
    return canvas, ()


def indoors(rng: np.random.Generator) -> Painted:
    wall = np.array(COLOURS[str(rng.choice(["beige", "mint green", "lavender", "sky blue", "pink"]))])
    canvas = flat(wall * 0.94)
    canvas[int(SIDE * 0.7) :] = np.array((170, 118, 76)) + (np.arange(SIDE) // 16 % 2)[None, :, None] * 10
    canvas[int(SIDE * 0.68) : int(SIDE * 0.7)] = (240, 236, 228)
    return canvas, ()


def flat(colour: np.ndarray | tuple[int, ...]) -> np.ndarray:
    return np.broadcast_to(np.asarray(colour, float), (SIDE, SIDE, 3)).copy()


def vertical(top: tuple[int, ...], bottom: tuple[int, ...]) -> np.ndarray:
    ramp = np.linspace(0, 1, SIDE)[:, None, None]
    return np.repeat(np.array(top) * (1 - ramp) + np.array(bottom) * ramp, SIDE, axis=1)


def horizon(rng: np.random.Generator, sky: tuple, ground: tuple, at: float) -> np.ndarray:
    """Sky above, ground below a gently rolling line."""
    x = np.arange(SIDE)
    line = SIDE * at + np.sin(x / rng.uniform(16, 40) + rng.uniform(0, 6)) * rng.uniform(1, 7)
    below = (np.arange(SIDE)[:, None] > line[None, :])[..., None]
    return np.where(below, vertical(*ground), vertical(*sky))


def noise(rng: np.random.Generator, cells: int) -> np.ndarray:
    """Smooth noise from 0 to 1: a few random cells, enlarged."""
    small = Image.fromarray(rng.random((cells, cells)).astype(np.float32))
    return np.clip(np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BICUBIC)), 0, 1)


def stars(rng: np.random.Generator, canvas: np.ndarray, count: int) -> None:
    y, x = rng.integers(0, SIDE, (2, count))
    canvas[y, x] = rng.uniform(150, 255, (count, 1))


def dots(rng: np.random.Generator, canvas: np.ndarray, top: float, colours: list, count: int = 24) -> None:
    for _ in range(count):
        y, x = int(rng.uniform(top, 0.98) * SIDE), int(rng.integers(0, SIDE - 2))
        canvas[y : y + 2, x : x + 2] = colours[rng.integers(len(colours))]


def disc(canvas: np.ndarray, x: float, y: float, radius: float, colour: tuple[int, ...]) -> None:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    canvas[(columns - x) ** 2 + (rows - y) ** 2 < radius**2] = colour


# The shares add up to 1.
KINDS: dict[str, Kind] = {
    "plain": Kind(0.52, plain, ("on a {0} background", "on {0}", "{0} background")),
    "gradient": Kind(0.10, gradient, ("on a gradient from {0} to {1}", "on a {0} to {1} gradient")),
    "night sky": Kind(0.08, night_sky, ("in the night sky", "in a starry night sky", "among the stars", "at night")),
    "nebula": Kind(0.08, nebula, ("in a {0} nebula", "in a {0} galaxy", "in a nebula", "in {0} outer space")),
    "meadow": Kind(0.06, meadow, ("on a meadow", "in a green meadow", "on the grass", "in a field of flowers")),
    "sunset": Kind(0.03, sunset, ("at sunset", "in front of a sunset", "in the evening sun")),
    "sea": Kind(0.04, sea, ("on the sea", "in the ocean", "by the sea", "on blue water")),
    "desert": Kind(0.02, desert, ("in the desert", "on desert sand", "among sand dunes")),
    "snow": Kind(0.03, snow, ("in the snow", "on a snowy field", "in winter")),
    "city": Kind(0.02, city, ("in a city at night", "in front of a city at night", "downtown at night")),
    "indoors": Kind(0.02, indoors, ("in a room", "indoors", "on a wooden floor")),
}

"""Grounds to put things on, painted from a seed: plain colours and small landscapes. Each comes with words for it."""

from __future__ import annotations

from collections.abc import Callable

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

Paint = Callable[[np.random.Generator], tuple[np.ndarray, str]]


def white(_: np.random.Generator) -> tuple[np.ndarray, str]:
    return flat((255, 255, 255)), "on a white background"


def plain(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    name = str(rng.choice(list(COLOURS)))
    jitter = rng.normal(0, 6, 3)
    words = rng.choice([f"on a {name} background", f"on {name}", f"{name} background"])
    return flat(np.array(COLOURS[name]) + jitter), str(words)


def gradient(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    first, second = (str(name) for name in rng.choice(list(COLOURS), 2, replace=False))
    ramp = np.linspace(0, 1, SIDE)[:, None, None]
    canvas = np.array(COLOURS[first]) * (1 - ramp) + np.array(COLOURS[second]) * ramp
    words = rng.choice([f"on a gradient from {first} to {second}", f"on a {first} to {second} gradient"])
    return np.broadcast_to(canvas, (SIDE, SIDE, 3)).copy(), str(words)


def night_sky(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    canvas = vertical((10, 14, 44), (34, 40, 92)) + noise(rng, 4)[..., None] * 12
    stars(rng, canvas, int(rng.integers(40, 90)))
    return canvas, choose(rng, "in the night sky", "in a starry night sky", "among the stars", "at night")


def nebula(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    name, tint = [
        ("purple", (150, 60, 220)),
        ("blue", (40, 110, 240)),
        ("pink", (240, 80, 170)),
        ("green", (40, 200, 130)),
        ("orange", (250, 130, 50)),
    ][rng.integers(5)]
    cloud = np.clip(noise(rng, 3) * 0.7 + noise(rng, 7) * 0.5 + 0.15, 0, 1)[..., None] ** 1.5
    canvas = flat((14, 10, 34)) * (1 - cloud) + np.array(tint) * cloud
    canvas += np.clip(noise(rng, 5) - 0.6, 0, 1)[..., None] * np.array((120, 90, 160))
    stars(rng, canvas, int(rng.integers(30, 60)))
    return canvas, choose(rng, f"in a {name} nebula", f"in a {name} galaxy", "in a nebula", f"in {name} outer space")


def meadow(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    canvas = horizon(rng, ((110, 190, 250), (200, 232, 255)), ((120, 200, 70), (50, 140, 44)), 0.55)
    dots(rng, canvas, 0.66, [(255, 255, 255), (255, 220, 80), (250, 120, 160)])
    return canvas, choose(rng, "on a meadow", "in a green meadow", "on the grass", "in a field of flowers")


def sunset(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    canvas = vertical((90, 50, 130), (255, 170, 80))
    disc(canvas, rng.uniform(0.25, 0.75), 0.62, 0.16, (255, 226, 130))
    canvas[int(SIDE * 0.74) :] = vertical((120, 50, 90), (50, 24, 60))[int(SIDE * 0.74) :]
    return canvas, choose(rng, "at sunset", "in front of a sunset", "in the evening sun")


def sea(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    canvas = horizon(rng, ((140, 206, 250), (214, 240, 255)), ((30, 120, 210), (10, 70, 160)), 0.5)
    rows = np.arange(SIDE)
    waves = np.sin(rows[:, None] * 0.9 + np.sin(rows[None, :] * 0.12 + rng.uniform(0, 6)) * 2) > 0.93
    canvas[waves & (rows[:, None] > SIDE * 0.54)] += 40
    return canvas, choose(rng, "on the sea", "in the ocean", "by the sea", "on blue water")


def desert(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    canvas = horizon(rng, ((120, 190, 240), (250, 230, 190)), ((240, 200, 120), (206, 150, 80)), 0.58)
    return canvas, choose(rng, "in the desert", "on desert sand", "among sand dunes")


def snow(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    canvas = horizon(rng, ((150, 180, 214), (220, 232, 244)), ((250, 252, 255), (214, 228, 244)), 0.6)
    dots(rng, canvas, 0.0, [(255, 255, 255)], count=70)
    return canvas, choose(rng, "in the snow", "on a snowy field", "in winter")


def city(rng: np.random.Generator) -> tuple[np.ndarray, str]:
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
    return canvas, choose(rng, "in a city at night", "in front of a city at night", "downtown at night")


def indoors(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    wall = np.array(COLOURS[str(rng.choice(["beige", "mint green", "lavender", "sky blue", "pink"]))])
    canvas = flat(wall * 0.94)
    canvas[int(SIDE * 0.7) :] = np.array((170, 118, 76)) + (np.arange(SIDE) // 16 % 2)[None, :, None] * 10
    canvas[int(SIDE * 0.68) : int(SIDE * 0.7)] = (240, 236, 228)
    return canvas, choose(rng, "in a room", "indoors", "on a wooden floor")


# How often each is painted; they add up to 1.
GROUNDS: dict[Paint, float] = {
    white: 0.26,
    plain: 0.26,
    gradient: 0.10,
    night_sky: 0.08,
    nebula: 0.08,
    meadow: 0.06,
    sunset: 0.03,
    sea: 0.04,
    desert: 0.02,
    snow: 0.03,
    city: 0.02,
    indoors: 0.02,
}


def paint(rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """A ground (128, 128, 3) float and the words for it."""
    paints = list(GROUNDS)
    chosen = paints[rng.choice(len(paints), p=list(GROUNDS.values()))]
    canvas, words = chosen(rng)
    return np.clip(canvas, 0, 255), words


def choose(rng: np.random.Generator, *words: str) -> str:
    return words[rng.integers(len(words))]


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

"""A few made-up things to compose with: the real ones are a download."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipelines.starter.dataset import Composer
from pipelines.starter.things import Thing


@pytest.fixture(scope="session")
def things(tmp_path_factory: pytest.TempPathFactory) -> list[Thing]:
    """Balls in colours of their own, one of them in the flat style."""
    folder: Path = tmp_path_factory.mktemp("things")
    colours = {"apple": (200, 30, 30), "fox": (240, 130, 30), "orb": (40, 90, 220), "leaf": (30, 160, 60)}
    rows, columns = np.mgrid[-32:32, -32:32]
    disc = rows**2 + columns**2 < 24**2
    made = []
    for label, colour in colours.items():
        pixels = np.zeros((64, 64, 4), np.uint8)
        pixels[disc] = (*colour, 255)
        Image.fromarray(pixels).save(folder / f"{label}.png")
        style = "flat" if label == "leaf" else "3d"
        made.append(Thing(label, (f"{label}ish", "shiny"), folder / f"{label}.png", 0, style))
    return made


@pytest.fixture(scope="session")
def composer(things: list[Thing]) -> Composer:
    return Composer(things)

"""The pictures that the starter model learns from: Fluent emoji with their names and keywords. Knows no backgrounds."""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

PACKAGES = ("@lobehub/fluent-emoji-3d@1.1.0", "emojibase-data@17.0.0")
SIDE = 256  # pixels of an original

# Subgroups of emojibase in the order in which they are taught: things that people ask for first, symbols and flags never.
STAGES: tuple[tuple[str, ...], ...] = (
    (
        *("animal-mammal", "animal-bird", "animal-amphibian", "animal-reptile", "animal-marine", "animal-bug"),
        *("plant-flower", "plant-other", "food-fruit", "food-vegetable", "food-sweet", "musical-instrument"),
        *("transport-air", "transport-water"),
    ),
    (
        *("food-prepared", "food-asian", "drink", "dishware", "transport-ground", "place-building", "place-geographic"),
        *("place-other", "sky-weather", "event", "award-medal", "sport", "game", "arts-crafts", "clothing", "light-video"),
        *("book-paper", "computer", "phone", "tool", "science", "household", "money", "office", "mail", "lock", "music"),
        *("sound", "medical", "face-costume", "monkey-face", "hotel", "writing", "place-religious", "place-map"),
    ),
    (
        *("face-smiling", "face-affection", "face-tongue", "face-hand", "face-neutral-skeptical", "face-sleepy"),
        *("face-unwell", "face-hat", "face-glasses", "face-concerned", "face-negative", "cat-face", "heart", "emotion"),
        *("person", "person-role", "person-fantasy", "person-activity", "person-sport", "hands", "body-parts"),
    ),
)


@dataclass(frozen=True, slots=True)
class Thing:
    """A named object. `path` is a WebP of 256x256 with alpha; `stage` when it is taught, from 0."""

    label: str
    tags: tuple[str, ...]
    path: Path
    stage: int

    def picture(self) -> Image.Image:
        return Image.open(self.path).convert("RGBA")


def fetch(folder: Path) -> None:
    """Downloads the two npm packages (both MIT) into `folder`, by npm's own client."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        archive = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True
        ).stdout.strip()
        with tarfile.open(folder / archive) as packed:
            packed.extractall(folder / home(package), filter="data")


def load(folder: Path, stages: Iterable[int] = (0,), extra: Iterable[str] = ()) -> tuple[Thing, ...]:
    """The things of these stages and those named in `extra`, by label. Raises FileNotFoundError before `fetch`."""
    meta = json.loads((folder / home(PACKAGES[1]) / "package/meta/groups.json").read_text())["subgroups"]
    stage_of = {name: stage for stage, names in enumerate(STAGES) for name in names}
    files = {bare(path.stem): path for path in (folder / home(PACKAGES[0]) / "package/assets").glob("*.webp")}
    wanted, named = set(stages), set(extra)
    things = {}
    for entry in json.loads((folder / home(PACKAGES[1]) / "package/en/data.json").read_text()):
        path = files.get(bare(entry["hexcode"]))
        stage = stage_of.get(meta.get(str(entry.get("subgroup"))), len(STAGES))
        if path is not None and (stage in wanted or entry["label"] in named):
            things[entry["label"]] = Thing(entry["label"], tuple(entry.get("tags", ())), path, stage)
    if not things:
        raise FileNotFoundError(f"{folder}: no emoji found. Expected `python -m pipelines.starter.train fetch` to have run.")
    return tuple(things[label] for label in sorted(things))


def home(package: str) -> str:
    return package.rsplit("@", 1)[0].rsplit("/", 1)[-1]


def bare(code: str) -> str:
    """Code points without the variation selector, which the two packages write differently."""
    return code.lower().replace("-fe0f", "")


def cut_out(picture: Image.Image) -> np.ndarray:
    """The picture cropped to what is not transparent: (H, W, 4) uint8."""
    box = picture.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox()
    return np.asarray(picture.crop(box) if box else picture)

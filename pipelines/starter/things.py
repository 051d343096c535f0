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

NAMES = "emojibase-data@17.0.0"
STYLES = {"3d": "@lobehub/fluent-emoji-3d@1.1.0", "flat": "@lobehub/fluent-emoji-modern@1.0.0"}
SIDE = 256  # pixels of an original

# Subgroups of emojibase in the order in which they are taught: what people ask for first, symbols and flags never.
STAGES: tuple[tuple[str, ...], ...] = (
    (
        *("animal-mammal", "animal-bird", "animal-amphibian", "animal-reptile", "animal-marine", "animal-bug"),
        *("plant-flower", "plant-other", "food-fruit", "food-vegetable", "food-sweet", "musical-instrument"),
        *("transport-air", "transport-water"),
    ),
    (
        *("food-prepared", "food-asian", "drink", "dishware", "transport-ground", "place-building", "place-geographic"),
        *("place-other", "sky-weather", "event", "award-medal", "sport", "game", "arts-crafts", "clothing"),
        *("book-paper", "computer", "phone", "tool", "science", "household", "money", "office", "mail", "lock"),
        *("music", "light-video", "sound", "medical", "face-costume", "monkey-face", "hotel", "writing"),
        *("place-religious", "place-map"),
    ),
    (
        *("face-smiling", "face-affection", "face-tongue", "face-hand", "face-neutral-skeptical", "face-sleepy"),
        *("face-unwell", "face-hat", "face-glasses", "face-concerned", "face-negative", "cat-face", "heart", "emotion"),
        *("person", "person-role", "person-fantasy", "person-activity", "person-sport", "hands", "body-parts"),
    ),
)


@dataclass(frozen=True, slots=True)
class Thing:
    """A named object in one style. `path` is a picture of 256x256 with alpha; `stage` when it is taught, from 0."""

    label: str
    tags: tuple[str, ...]
    path: Path
    stage: int
    style: str = "3d"

    def picture(self) -> Image.Image:
        return Image.open(self.path).convert("RGBA")


def fetch(folder: Path) -> None:
    """Downloads the npm packages (all MIT) into `folder` by npm's own client, and draws the flat ones as pixels."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in (NAMES, *STYLES.values()):
        archive = subprocess.run(
            ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True
        ).stdout.strip()
        with tarfile.open(folder / archive) as packed:
            packed.extractall(folder / home(package), filter="data")
    rasterise(pictures(folder, "flat"))


def rasterise(folder: Path) -> None:
    """Draws each SVG of `folder` as a PNG beside it. The package calls them `1f98asvg`, without the dot."""
    import resvg_py  # only fetching needs it

    for drawing in sorted(folder.glob("*svg")):
        code = drawing.name.removesuffix("svg").removesuffix(".")
        (folder / f"{code}.png").write_bytes(resvg_py.svg_to_bytes(svg_path=str(drawing), width=SIDE, height=SIDE))


def load(
    folder: Path, stages: Iterable[int] = (0,), extra: Iterable[str] = (), *, style: str = "3d"
) -> tuple[Thing, ...]:
    """The things of these stages and those named in `extra`, by label. Raises FileNotFoundError before `fetch`."""
    names = folder / home(NAMES) / "package"
    if not names.is_dir() or not pictures(folder, style).is_dir():
        raise FileNotFoundError(f"{folder}: no pictures. Expected `pipelines.starter.train fetch` to have run.")
    subgroups = json.loads((names / "meta/groups.json").read_text())["subgroups"]
    stage_of = {name: stage for stage, group in enumerate(STAGES) for name in group}
    files = {bare(path.stem): path for path in pictures(folder, style).iterdir() if path.suffix in (".webp", ".png")}
    wanted, named = set(stages), set(extra)
    things = {}
    for entry in json.loads((names / "en/data.json").read_text()):
        path = files.get(bare(entry["hexcode"]))
        stage = stage_of.get(subgroups.get(str(entry.get("subgroup"))), len(STAGES))
        if path is not None and (stage in wanted or entry["label"] in named):
            things[entry["label"]] = Thing(entry["label"], tuple(entry.get("tags", ())), path, stage, style)
    return tuple(things[label] for label in sorted(things))


def pictures(folder: Path, style: str) -> Path:
    return folder / home(STYLES[style]) / "package/assets"


def home(package: str) -> str:
    return package.rsplit("@", 1)[0].rsplit("/", 1)[-1]


def bare(code: str) -> str:
    """Code points without the variation selector, which the packages write differently."""
    return code.lower().replace("-fe0f", "")


def cut_out(picture: Image.Image) -> np.ndarray:
    """The picture cropped to what is not transparent: (H, W, 4) uint8."""
    box = picture.getchannel("A").point(lambda alpha: 255 if alpha > 8 else 0).getbbox()
    return np.asarray(picture.crop(box) if box else picture)

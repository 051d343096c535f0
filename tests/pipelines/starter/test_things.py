"""Things are read from the packages' folders: stages, names, variants and styles."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipelines.starter.things import cut_out, load, rasterise


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    names = tmp_path / "emojibase-data/package"
    (names / "meta").mkdir(parents=True)
    (names / "en").mkdir()
    (names / "meta/groups.json").write_text(json.dumps({"subgroups": {"7": "animal-mammal", "9": "flag"}}))
    entries = [
        {"label": "fox", "hexcode": "1F98A", "tags": ["animal"], "subgroup": 7},
        {"label": "chipmunk", "hexcode": "1F43F-FE0F", "subgroup": 7},
        {"label": "white flag", "hexcode": "1F3F3", "subgroup": 9},
    ]
    (names / "en/data.json").write_text(json.dumps(entries))
    for package, suffix in (("fluent-emoji-3d", "webp"), ("fluent-emoji-modern", "png")):
        folder = tmp_path / package / "package/assets"
        folder.mkdir(parents=True)
        for code in ("1f98a", "1f43f", "1f3f3"):
            Image.new("RGBA", (8, 8), "red").save(folder / f"{code}.{suffix}")
    return tmp_path


def test_only_things_of_the_stage_are_taught_and_flags_never(packages: Path) -> None:
    assert [thing.label for thing in load(packages, range(3))] == ["chipmunk", "fox"]


def test_a_thing_asked_for_by_name_is_taught_whatever_its_stage(packages: Path) -> None:
    assert [thing.label for thing in load(packages, (), ["white flag"])] == ["white flag"]


def test_each_style_has_its_own_pictures(packages: Path) -> None:
    solid, flat = (load(packages, range(3), style=style)[1] for style in ("3d", "flat"))
    assert (solid.path.suffix, flat.path.suffix, flat.style) == (".webp", ".png", "flat")


def test_without_the_packages_the_error_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="train fetch"):
        load(tmp_path)


def test_a_thing_is_cut_to_what_shows() -> None:
    pixels = np.zeros((20, 20, 4), np.uint8)
    pixels[5:9, 3:15] = 255
    assert cut_out(Image.fromarray(pixels)).shape == (4, 12, 4)


def test_flat_drawings_become_pixels_with_alpha(tmp_path: Path) -> None:
    pytest.importorskip("resvg_py", reason="only fetching the data needs it")
    circle = '<circle cx="16" cy="16" r="8" fill="#f00"/>'
    (tmp_path / "1f534svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{circle}</svg>')
    rasterise(tmp_path)
    picture = Image.open(tmp_path / "1f534.png").convert("RGBA")
    assert picture.size == (256, 256)
    assert picture.getpixel((128, 128)) == (255, 0, 0, 255)
    assert picture.getpixel((2, 2))[3] == 0

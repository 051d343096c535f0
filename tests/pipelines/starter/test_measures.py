"""The judges of pictures tell right from wrong on pictures whose content is known."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pipelines.starter import autoencoder, measures, probe
from pipelines.starter.dataset import Composer, Example
from pipelines.starter.sheets import sheet, wrap


@pytest.fixture(scope="module")
def examples(composer: Composer) -> list[Example]:
    rng = np.random.default_rng(5)
    return [composer.portrait(rng, thing) for thing in composer.things for _ in range(150)]


def pixels_of(examples: list[Example]) -> np.ndarray:
    return np.stack([one.pixels for one in examples])


def test_the_probe_names_things_on_grounds_it_has_not_seen(composer: Composer, examples: list[Example]) -> None:
    places = {thing.label: place for place, thing in enumerate(composer.things)}
    truth = np.array([places[one.subject.labels[0]] for one in examples])
    plain = np.array([one.subject.tint is None for one in examples])
    trained = probe.train(pixels_of(examples)[::2], truth[::2], len(places), epochs=8)
    guess = trained.ranking(pixels_of(examples)[1::2])[:, 0]
    assert np.mean((guess == truth[1::2])[plain[1::2]]) > 0.8


def test_the_kind_of_ground_is_told_from_its_neighbours(examples: list[Example]) -> None:
    grounds = measures.Grounds(pixels_of(examples)[::2], [one.ground.kind for one in examples[::2]])
    found = grounds.kinds_of(pixels_of(examples)[1::2])
    assert np.mean([kind == one.ground.kind for kind, one in zip(found, examples[1::2], strict=True)]) > 0.7


def test_the_colour_of_a_plain_ground_is_told_from_the_rim(examples: list[Example]) -> None:
    plain = [one for one in examples if one.ground.kind == "plain"]
    found = measures.plain_colours(pixels_of(plain))
    assert np.mean([colour == one.ground.colours[0] for colour, one in zip(found, plain, strict=True)]) > 0.85


def test_the_nearest_of_a_copy_is_at_no_distance(examples: list[Example]) -> None:
    pictures = pixels_of(examples[:20])
    assert measures.nearest(pictures[:3], pictures) == pytest.approx(0, abs=0.5)
    assert (measures.nearest(255 - pictures[:3], pictures[:1]) > 5).all()


def test_variety_is_none_among_copies_and_some_among_others(examples: list[Example]) -> None:
    pictures = pixels_of(examples[:6])
    assert measures.variety(np.repeat(pictures[:1], 3, axis=0)) == 0
    assert measures.variety(pictures) > 5


def test_psnr_of_a_known_error() -> None:
    picture = np.full((1, 8, 8, 3), 100, np.uint8)
    assert autoencoder.psnr(picture + 10, picture) == pytest.approx(10 * np.log10(255**2 / 100))


def test_a_sheet_holds_all_pictures_and_cuts_captions_at_words(examples: list[Example]) -> None:
    pictures = [Image.fromarray(one.pixels) for one in examples[:7]]
    assert sheet(pictures, columns=3).size == (3 * 132, 3 * 132)
    assert wrap("a very small red apple on the left in the night sky").splitlines()[0] == "a very small red apple on"

"""Composites repeat by seed, captions say what is there, and what is held out is never trained on."""

from __future__ import annotations

import numpy as np
import pytest

from pipelines.starter.backgrounds import COLOURS, KINDS
from pipelines.starter.dataset import TINTS, Composer, Example, held_out, recolour
from pipelines.starter.things import Thing


def drawn(composer: Composer, count: int, seed: int = 0) -> list[Example]:
    rng = np.random.default_rng(seed)
    return [composer.draw(rng) for _ in range(count)]


def test_the_same_seed_composes_the_same_pictures_and_captions(composer: Composer) -> None:
    once, again, other = drawn(composer, 20), drawn(composer, 20), drawn(composer, 20, seed=1)
    assert [one.caption for one in once] == [one.caption for one in again]
    assert all(np.array_equal(one.pixels, two.pixels) for one, two in zip(once, again, strict=True))
    assert [one.caption for one in once] != [one.caption for one in other]


def test_pictures_are_bytes_of_128_by_128(composer: Composer) -> None:
    assert all(one.pixels.shape == (128, 128, 3) and one.pixels.dtype == np.uint8 for one in drawn(composer, 20))


def test_captions_name_the_ground_the_colour_and_the_style(composer: Composer, things: list[Thing]) -> None:
    flat = {thing.label for thing in things if thing.style == "flat"}
    for one in drawn(composer, 200):
        assert one.ground.words in one.caption
        assert one.subject.tint is None or one.subject.tint in one.subject.words
        assert one.caption.endswith(", flat style") == (one.subject.labels[0] in flat)


def test_captions_name_the_things_by_label_or_keyword(composer: Composer) -> None:
    for one in drawn(composer, 200):
        assert all(label in one.caption or "shiny" in one.caption for label in one.subject.labels)


def test_things_of_two_styles_are_never_put_in_one_picture(composer: Composer) -> None:
    pairs = [one.subject.labels for one in drawn(composer, 600) if len(one.subject.labels) == 2]
    assert pairs
    assert all(("leaf" in pair) == (set(pair) == {"leaf"}) for pair in pairs)


def test_counted_and_placed_things_appear_too(composer: Composer) -> None:
    captions = " ".join(one.caption for one in drawn(composer, 400))
    assert all(words in captions for words in ("two ", "three ", "on the left", "on the right", " next to "))


def test_training_never_draws_a_held_out_combination(composer: Composer) -> None:
    for one in drawn(composer, 2000):
        traits = [one.ground.name, *([one.subject.tint] if one.subject.tint else [])]
        assert not any(held_out(label, trait) for label in one.subject.labels for trait in traits)


def test_held_out_draws_are_all_held_out_whatever_the_words(composer: Composer, things: list[Thing]) -> None:
    rng = np.random.default_rng(3)
    examples = [composer.draw(rng, holdout=True) for _ in range(20)]
    assert all(one.held_out for one in examples)
    assert all(one.subject.labels == ("fox",) for one in [composer.portrait(rng, things[1], holdout=True)])


def test_about_one_combination_of_forty_is_held_out() -> None:
    pairs = [held_out(f"thing {number}", kind) for number in range(400) for kind in KINDS]
    assert 0.015 < np.mean(pairs) < 0.035


def test_every_ground_can_be_painted_and_named(composer: Composer) -> None:
    grounds = {one.ground.kind for one in drawn(composer, 600)}
    assert grounds == set(KINDS)
    assert sum(kind.share for kind in KINDS.values()) == pytest.approx(1)


@pytest.mark.parametrize("tint", [tint for tint in TINTS if tint != "blue"])
def test_a_recoloured_thing_is_nearer_to_its_new_colour_than_it_was(tint: str, things: list[Thing]) -> None:
    orb = np.asarray(things[2].picture())
    before, after = (picture[32, 32, :3].astype(float) for picture in (orb, recolour(orb, COLOURS[tint])))
    assert np.linalg.norm(after - COLOURS[tint]) < np.linalg.norm(before - COLOURS[tint])

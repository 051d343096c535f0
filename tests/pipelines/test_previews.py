"""Previews: everybody soon sees something, and together they take at most a fiftieth of the steps' time."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.previews import LONGEST, SHARE, Budget

SKETCH = 0.001


def watch(budget: Budget, pictures: int, steps: int, step: float, look: float) -> Counter[tuple[int, str]]:
    """What each of some pictures that are drawn together is shown."""
    shown: Counter[tuple[int, str]] = Counter()
    now = 0.0
    for _ in range(steps):
        now += step
        budget.earn(step)
        for picture in sorted(range(pictures), key=budget.waited):
            kind = budget.choose(picture, now)
            if kind is not None:
                cost = look if kind == "look" else SKETCH
                now += cost
                budget.spend(picture, kind, cost, now)
                shown[picture, kind] += 1
    return shown


@given(
    pictures=st.integers(1, 16), steps=st.integers(1, 400), step=st.floats(0.005, 2.0), look=st.floats(0.001, 0.5)
)
def test_they_never_take_more_than_their_share(pictures: int, steps: int, step: float, look: float) -> None:
    budget = Budget()
    watch(budget, pictures, steps, step, look)
    one = max(look, SKETCH)  # the first of a kind is timed by drawing it
    assert budget.spent <= SHARE * steps * step + one + 1e-9


def test_eight_pictures_are_all_shown_while_they_form() -> None:
    shown = watch(Budget(), pictures=8, steps=20, step=0.109, look=0.008)
    assert {picture for picture, _ in shown} == set(range(8))


def test_a_picture_that_was_shown_sharply_is_not_shown_blurred_again() -> None:
    budget = Budget()
    budget.earn(10.0)
    assert budget.choose("one", now=0.0) == "look"
    budget.spend("one", "look", 0.2, now=0.0)
    assert budget.choose("one", now=5.0) is None


def test_a_slow_decoder_is_tried_once_and_then_left_alone() -> None:
    shown = watch(Budget(), pictures=1, steps=200, step=1.0, look=3 * LONGEST)
    assert shown[0, "look"] == 1


@pytest.mark.parametrize("gap", [0.0, 0.2])
def test_the_same_picture_is_not_shown_twice_in_a_moment(gap: float) -> None:
    budget = Budget()
    budget.earn(10.0)
    budget.spend("one", "sketch", SKETCH, now=1.0)
    assert budget.choose("one", now=1.0 + gap) is None
    budget.forget("one")
    assert budget.choose("one", now=1.0 + gap) == "look"


def test_a_look_known_to_be_slow_is_never_tried_and_everybody_has_a_sketch() -> None:
    budget = Budget()
    budget.expect(3 * LONGEST)
    shown = watch(budget, pictures=2, steps=20, step=0.1, look=3 * LONGEST)
    assert {kind for _, kind in shown} == {"sketch"}
    assert {picture for picture, _ in shown} == {0, 1}


@pytest.mark.parametrize("now", [0.1, 4321.1, 7777.7, 123456.789])
def test_a_new_picture_is_shown_at_once_whatever_the_clock_says(now: float) -> None:
    budget = Budget()
    budget.earn(0.05)
    assert budget.choose("new", now) is not None

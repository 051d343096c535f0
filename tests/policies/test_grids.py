"""X/Y grids: what a person types as values, and the drafts that every pair of them makes."""

from __future__ import annotations

import pytest

from policies.draft import Draft
from policies.grids import MOST_CELLS, Axis, axis, plan
from policies.verdict import Refused

DRAFT = Draft(prompt="a fox in the snow, a fox", seed=7, count=4)


@pytest.mark.parametrize(
    ("field", "text", "values"),
    [
        ("steps", "5, 10 ,20", (5, 10, 20)),
        ("steps", "5-20 (+5)", (5, 10, 15, 20)),
        ("steps", "1-4", (1, 2, 3, 4)),
        ("steps", "4-1", (4, 3, 2, 1)),
        ("steps", "10-20 [3]", (10, 15, 20)),
        ("steps", "5, 5, 6", (5, 6)),
        ("guidance", "1.5, 3", (1.5, 3.0)),
        ("guidance", "1-2 (+0.5)", (1.0, 1.5, 2.0)),
        ("seed", "7", (7,)),
        ("scheduler", "ddim, euler", ("ddim", "euler")),
        ("prompt", 'fox, "owl, old", cat', ("fox", "owl, old", "cat")),
    ],
)
def test_values_are_read_as_they_are_meant(field: str, text: str, values: tuple[object, ...]) -> None:
    assert axis(field, text) == Axis(field, values)


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("steps", "", "grid_values"),
        ("steps", "many", "grid_values"),
        ("steps", "2.5", "grid_values"),
        ("steps", "1-1000", "grid_values"),
        ("steps", "1-9 [400000000]", "grid_values"),
        ("guidance", "1-9 (+0.0000001)", "grid_values"),
        ("prompt", ",".join(map(str, range(17))), "grid_values"),
        ("count", "1, 2", "unknown"),
    ],
)
def test_what_is_no_axis_is_refused_by_its_side(field: str, text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        axis(field, text, "y")
    assert refused.value.verdict.code == code
    assert refused.value.verdict.field == "y"


def test_every_pair_is_one_picture_with_all_else_the_same() -> None:
    planned = plan(DRAFT, axis("steps", "5, 10"), axis("prompt", "fox, owl"))
    assert [[(d.steps, d.prompt) for d in row] for row in planned.rows] == [
        [(5, "a fox in the snow, a fox"), (10, "a fox in the snow, a fox")],
        [(5, "a owl in the snow, a owl"), (10, "a owl in the snow, a owl")],
    ]
    assert {(d.seed, d.count, d.guidance) for d in planned.cells} == {(7, 1, DRAFT.guidance)}


def test_one_axis_is_enough_and_two_may_both_be_words() -> None:
    assert len(plan(DRAFT, axis("seed", "1-5")).cells) == 5
    both = plan(DRAFT, axis("prompt", "fox, owl"), axis("prompt", "snow, sea", "y"))
    assert both.cells[-1].prompt == "a owl in the sea, a owl"


def test_too_many_and_what_does_not_fit_are_refused() -> None:
    with pytest.raises(Refused, match=f"at most {MOST_CELLS}"):
        plan(DRAFT, axis("steps", "1-9"), axis("seed", "1-9"))
    with pytest.raises(Refused, match="another parameter than x"):
        plan(DRAFT, axis("steps", "1-2"), axis("steps", "3-4"))
    with pytest.raises(Refused, match="words that are in the prompt"):
        plan(DRAFT, axis("prompt", "wolf, owl"))

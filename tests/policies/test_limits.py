"""Every field of a draft has a range, and its edges are inside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.draft import Draft
from policies.limits import Bounds, check, queue

BOUNDS = Bounds(("starter",), ("ddim",), min_side=256, max_side=1024, multiple=8, max_count=4)
FINE = Draft(prompt="a fox", scheduler="ddim")


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 1},
        {"steps": 150},
        {"guidance": 0},
        {"guidance": 30.0},
        {"width": 256, "height": 1024},
        {"count": 4},
        {"seed": 0},
        {"seed": 2**32 - 1},
        {"seed": None},
        {"prompt": "x" * 2000},
    ],
)
def test_the_edges_are_allowed(change: dict[str, Any]) -> None:
    assert check(replace(FINE, **change), BOUNDS).allowed


@given(
    st.sampled_from(["prompt", "negative_prompt", "steps", "guidance", "width", "height", "count", "seed", "model"]),
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(), st.binary(), st.lists(st.integers())),
)
def test_whatever_a_stranger_sends_is_answered_and_never_raises(field: str, value: object) -> None:
    verdict = check(replace(FINE, **{field: value}), BOUNDS)  # type: ignore[arg-type]
    assert verdict.allowed or (verdict.field == field and verdict.expected and verdict.code != "ok")


def test_one_size_is_named_as_one() -> None:
    only = replace(BOUNDS, min_side=512, max_side=512, multiple=32)
    assert "512 pixels with this model" in check(replace(FINE, width=640), only).reason


def test_a_full_queue_says_how_much_fits() -> None:
    assert queue(199, 200).allowed
    assert "fewer than 200" in queue(200, 200).reason

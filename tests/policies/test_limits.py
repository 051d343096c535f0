"""Every field of a draft has a range, and its edges are inside."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.draft import ControlMap, Draft
from policies.limits import Bounds, check, mask_fits, queue

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


@pytest.mark.parametrize("field", ["prompt", "negative_prompt", "template"])
def test_half_of_a_character_is_no_word(field: str) -> None:
    verdict = check(replace(FINE, **{field: "a fox \ud83d"}), BOUNDS)  # type: ignore[arg-type]
    assert (verdict.field, verdict.expected) == (field, "whole characters")
    verdict.reason.encode()


def test_one_size_is_named_as_one() -> None:
    only = replace(BOUNDS, min_side=512, max_side=512, multiple=32)
    assert "512 pixels with this model" in check(replace(FINE, width=640), only).reason


def test_a_full_queue_says_how_much_fits() -> None:
    assert queue(199, 200).allowed
    assert "fewer than 200" in queue(200, 200).reason


EDITED = replace(FINE, kind="image_to_image", image="a" * 32)
REDRAWN = replace(FINE, kind="inpaint", image="a" * 32, mask="b" * 32)
ENLARGED = Draft(kind="upscale", image="a" * 32, upscaler="compact", width=2048, height=2048, scale=4.0)
STEERED = replace(FINE, controls=(ControlMap(image="a" * 32, network="edges"),))
ALL = replace(BOUNDS, upscalers=("compact",), maps=("canny",), networks=("edges",))


@pytest.mark.parametrize(
    "draft",
    [
        EDITED,
        replace(EDITED, strength=1.0),
        replace(EDITED, strength=0.05),
        REDRAWN,
        replace(REDRAWN, prompt="", feather=64, padding=0, area="masked", invert=True),
        replace(REDRAWN, mask="", left=64),
        replace(REDRAWN, width=333, height=500),
        ENLARGED,
        replace(ENLARGED, prompt="", model="not here"),
        replace(ENLARGED, width=8192, height=1, scale=0.0),
        replace(ENLARGED, creativity=0.5, scheduler="ddim"),
        STEERED,
    ],
)
def test_every_way_of_editing_is_allowed(draft: Draft) -> None:
    assert check(draft, ALL).reason == ""


@pytest.mark.parametrize(
    ("draft", "change", "field"),
    [
        (FINE, {"image": "a" * 32}, "image"),
        (EDITED, {"image": ""}, "image"),
        (EDITED, {"image": "x" * 65}, "image"),
        (EDITED, {"strength": 0.0}, "strength"),
        (EDITED, {"strength": 0.04}, "strength"),
        (EDITED, {"strength": 1.1}, "strength"),
        (EDITED, {"prompt": " "}, "prompt"),
        (REDRAWN, {"mask": ""}, "mask"),
        (REDRAWN, {"feather": 65}, "feather"),
        (REDRAWN, {"padding": -1}, "padding"),
        (REDRAWN, {"area": "half"}, "area"),
        (REDRAWN, {"invert": 1}, "invert"),
        (REDRAWN, {"top": -8}, "top"),
        (REDRAWN, {"width": 4097}, "width"),
        (REDRAWN, {"strength": float("nan")}, "strength"),
        (ENLARGED, {"upscaler": "magic"}, "upscaler"),
        (ENLARGED, {"scale": 9.0}, "scale"),
        (ENLARGED, {"width": 8193}, "width"),
        (ENLARGED, {"creativity": 2.0}, "creativity"),
        (ENLARGED, {"creativity": 0.5, "model": "not here"}, "model"),
        (STEERED, {"controls": STEERED.controls * 5}, "controls"),
        (REDRAWN, {"controls": STEERED.controls}, "controls"),
    ],
)
def test_what_an_edit_cannot_be_is_named(draft: Draft, change: dict[str, Any], field: str) -> None:
    verdict = check(replace(draft, **change), ALL)
    assert (verdict.allowed, verdict.field) == (False, field)
    assert verdict.reason.startswith(f"{field}: ") and "Expected" in verdict.reason


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"map": "depth"}, "controls.map"),
        ({"network": "pose"}, "controls.network"),
        ({"image": ""}, "controls.image"),
        ({"weight": 2.1}, "controls.weight"),
        ({"start": -0.1}, "controls.start"),
        ({"start": 0.5, "end": 0.5}, "controls.end"),
    ],
)
def test_what_a_control_cannot_be_is_named(change: dict[str, Any], field: str) -> None:
    draft = replace(STEERED, controls=(replace(STEERED.controls[0], **change),))
    assert check(draft, ALL).field == field


def test_without_a_network_the_page_learns_why() -> None:
    assert check(STEERED, replace(ALL, networks=())).code == "no_network"


@given(
    st.sampled_from([EDITED, REDRAWN, ENLARGED, STEERED]),
    st.sampled_from([field.name for field in fields(Draft) if field.name not in ("kind", "controls")]),
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(), st.binary(), st.lists(st.integers())),
)
def test_whatever_a_stranger_sends_with_an_edit_is_answered(draft: Draft, field: str, value: object) -> None:
    verdict = check(replace(draft, **{field: value}), ALL)  # type: ignore[arg-type]
    assert verdict.allowed or (verdict.expected and verdict.code != "ok")


def test_a_mask_of_another_picture_is_refused_with_both_sizes() -> None:
    assert mask_fits((512, 512), (512, 512)).allowed
    assert "'512 x 512' is not allowed. Expected 640 x 480" in mask_fits((512, 512), (640, 480)).reason

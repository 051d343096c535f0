"""A draft is plain data: it survives JSON, older ones still open, strange ones are refused by name."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest

from policies.draft import ControlMap, Draft

OLD = {
    "kind": "text_to_image",
    "prompt": "a fox",
    "negative_prompt": "",
    "model": "starter",
    "width": 512,
    "height": 512,
    "count": 1,
    "seed": 7,
    "steps": 20,
    "guidance": 4.0,
    "scheduler": "ddim",
}


def test_a_draft_survives_json() -> None:
    draft = Draft(kind="inpaint", image="a" * 32, mask="b" * 32, left=64, controls=(ControlMap(image="c" * 32),))
    assert Draft.from_dict(json.loads(json.dumps(draft.to_dict()))) == draft


def test_a_draft_from_before_there_was_editing_still_opens() -> None:
    draft = Draft.from_dict(OLD)
    assert (draft.prompt, draft.seed, draft.image, draft.controls) == ("a fox", 7, "", ())
    assert set(draft.to_dict()) == {field.name for field in fields(Draft)}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"colour": "red"}, "draft: unknown fields colour"),
        ({"controls": [{"shape": 1}]}, "controls: unknown fields shape"),
        ({"controls": "canny"}, "controls: 'canny' is not allowed"),
        ({"controls": [3]}, "Expected a list of maps"),
    ],
)
def test_what_is_not_known_is_named(values: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Draft.from_dict(values)


def test_parents_are_named_once_and_the_mask_is_no_parent() -> None:
    draft = Draft(image="a", mask="m", controls=(ControlMap(image="a"), ControlMap(image="b"), ControlMap()))
    assert draft.parents == ("a", "b")
    assert draft.refers_to == ("a", "b", "m")


def test_only_a_creative_upscale_needs_a_model() -> None:
    assert Draft().draws
    assert not Draft(kind="upscale").draws
    assert Draft(kind="upscale", creativity=0.3).draws

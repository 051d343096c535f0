"""Our network says what nsfwjs itself says, to the fourth digit, and its weights come with their licence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from pipelines.nsfwjs import convert, network
from tests.pipelines.nsfwjs.pictures import pictures

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text())
PICTURES = pictures()
pytestmark = pytest.mark.promise("P15")


@pytest.mark.parametrize("name", RECORDED)
def test_the_scores_are_those_of_nsfwjs_under_node(name: str) -> None:
    scores = network.classify(PICTURES[name])
    for label, recorded in RECORDED[name].items():
        assert getattr(scores, label) == pytest.approx(recorded, abs=1e-4)


def test_every_picture_of_the_comparison_was_recorded() -> None:
    assert set(RECORDED) == set(PICTURES)


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (1000, 7)])
def test_any_size_has_scores_that_sum_to_one(size: tuple[int, int]) -> None:
    scores = network.classify(np.zeros((*size, 3), np.uint8))
    total = scores.drawing + scores.hentai + scores.neutral + scores.porn + scores.sexy
    assert total == pytest.approx(1, abs=1e-5)


def test_the_package_is_read_as_its_bytes() -> None:
    model = '{name:"a/kernel",shape:[2,3],dtype:"float32",quantization:{min:-.5,scale:.1,dtype:"uint8"}}'
    model += '{name:"b",shape:[99994],dtype:"float32",quantization:{min:0,scale:1e-3,dtype:"uint8"}}'
    packed = convert.base64.b64encode(bytes(range(6)) + bytes(99994)).decode()
    tensors, levels = convert.convert(model, f'x("{packed}")')
    assert tensors["a/kernel"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert levels == {"a/kernel": (-0.5, 0.1), "b": (0.0, 1e-3)}
    with pytest.raises(ValueError, match="100000 bytes, but the model names 6"):
        convert.convert(model.split("}}{")[0] + "}}", f'x("{packed}")')


def test_the_weights_name_their_licence_and_are_small() -> None:
    with safe_open(network.WEIGHTS, "np") as file:
        assert file.metadata()["licence"] == "MIT"
    assert network.WEIGHTS.stat().st_size < 3_000_000
    assert "MIT License" in network.WEIGHTS.with_name("NOTICE").read_text()

"""Words that a small model never saw."""

from __future__ import annotations

import pytest

from policies.prompts import unknown_words

KNOWN = ("fox", "red apple", "cherries", "flying saucer")


@pytest.mark.parametrize(
    ("prompt", "unknown"),
    [
        ("a fox in a purple nebula", ()),
        ("two foxes and a cherry", ()),
        ("apples and boxes", ("boxes",)),
        ("a fox in the snow, a fox on mint green, foxes in a city at night, in the desert", ()),
        ("(fox:1.3), <lora:submarine:0.8>", ()),
        ("A SUBMARINE next to a submarine and a fox", ("submarine",)),
        ("apple saucers", ()),
        ("a fox in Zürich, 3 cafés", ("zürich", "cafés")),
        ("赤い狐 and a fox", ("赤い狐",)),
        ("", ()),
    ],
)
def test_known_things_colours_and_places_pass(prompt: str, unknown: tuple[str, ...]) -> None:
    assert unknown_words(prompt, KNOWN) == unknown

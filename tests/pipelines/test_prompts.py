"""Weights in A1111's brackets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.prompts import pieces


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a fox", [("a fox", 1.0)]),
        ("", [("", 1.0)]),
        ("a (red:1.3) fox", [("a ", 1.0), ("red", 1.3), (" fox", 1.0)]),
        ("((fox))", [("fox", 1.21)]),
        ("[fox]", [("fox", 1 / 1.1)]),
        ("(a (dog:2)) end", [("a ", 1.1), ("dog", 2.2), (" end", 1.0)]),
        (r"a \(real\) fox", [("a (real) fox", 1.0)]),
        ("never (closed", [("never ", 1.0), ("closed", 1.1)]),
        ("at 12:30 :)", [("at 12:30 :)", 1.0)]),
        ("(a:b)", [("a:b", 1.1)]),
    ],
)
def test_brackets_become_weights(prompt: str, expected: list[tuple[str, float]]) -> None:
    found = pieces(prompt)
    assert [text for text, _ in found] == [text for text, _ in expected]
    assert [weight for _, weight in found] == pytest.approx([weight for _, weight in expected])


@given(st.text())
def test_nothing_a_person_types_breaks_it_or_loses_a_letter(prompt: str) -> None:
    read = "".join(text for text, _ in pieces(prompt))
    assert [letter for letter in prompt if letter.isalpha()] == [letter for letter in read if letter.isalpha()]

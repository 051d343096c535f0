"""The policy as a document: nothing of the source is lost, and blanks are found."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.policy_text import Facts, differences, filled, parse, said, unfilled

SOURCE = (Path(__file__).parents[2] / "policies" / "texts" / "privacy-1.txt").read_text()
POLICY = parse(SOURCE)


def test_every_word_of_the_source_is_in_the_document() -> None:
    words = SOURCE.replace("\n- ", "\n").split()
    assert " ".join(block.text for block in POLICY).split() == words


def test_sections_and_headings_are_told_apart() -> None:
    sections = [block.text for block in POLICY if block.look == "section"]
    assert sections[:3] == ["Introduction", "Information Collection and Use", "How We Use Generated Content"]
    assert len(sections) == 14
    assert "Data Retention" in [block.text for block in POLICY if block.look == "heading"]


@pytest.mark.promise("P77")
def test_both_dates_and_the_address_come_from_outside() -> None:
    blanks = [sentence for sentence in said(POLICY) if unfilled(sentence)]
    assert len(blanks) == 2
    facts = Facts(date(2026, 1, 2), date(2026, 3, 4), "hello@studio.example")
    text = "\n".join(filled(sentence, facts) for sentence in blanks)
    assert "effective as of January 2, 2026 and was last updated on March 4, 2026" in text
    assert "Support: hello@studio.example" in text
    assert not unfilled(text)


@pytest.mark.promise("P75")
def test_the_contact_block_is_that_of_the_home() -> None:
    facts = Facts(provider="Ada's studio", website="https://studio.example", contact="ada@studio.example")
    lines = [filled(sentence, facts) for sentence in said(POLICY)]
    for line in (
        "Service Provider: Ada's studio",
        "Website: https://studio.example",
        "Support: ada@studio.example",
    ):
        assert line in lines


def test_a_difference_names_what_went_and_what_came() -> None:
    new = parse(SOURCE.replace("up to 2 years", "up to 1 year"))
    changed = [(kind, text) for kind, text in differences(POLICY, new) if kind != "same"]
    assert changed == [
        ("gone", "Usage analytics are retained for up to 2 years for service improvement"),
        ("new", "Usage analytics are retained for up to 1 year for service improvement"),
    ]


@given(st.lists(st.sampled_from([block.text for block in POLICY]), min_size=1), st.data())
def test_a_difference_rebuilds_both_texts(lines: list[str], data: st.DataObject) -> None:
    other = data.draw(st.permutations(lines))
    old, new = parse("\n".join(lines)), parse("\n".join(other))
    found = differences(old, new)
    assert [text for kind, text in found if kind != "new"] == [block.text for block in old]
    assert [text for kind, text in found if kind != "gone"] == [block.text for block in new]

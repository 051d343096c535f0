"""Word rules refuse what is forbidden, say which words, and leave ordinary prompts alone; scores become findings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.pages.examples import EXAMPLES
from pipelines.catalogue import starter
from policies import moderation
from policies.actor import Actor
from policies.moderation import Thresholds


@pytest.mark.promise("P15")
@pytest.mark.parametrize(
    "prompt",
    [
        "a nude child",
        "naked 12 year old",
        "Teen girl, TOPLESS",
        "sexy (schoolgirl:1.3)",
        "a young boy, erotic drawing",
        "s3xy preteen",
        "n\u200bude to\u200bddler",
        "nudé kïd",
        "lolicon",
        "aged 9, lingerie",
        "twelve-year-old in panties",
        "high_school nudes",
        "<lora:any:1> ｎｕｄｅ child",
    ],
)
def test_sex_and_minors_together_are_refused_with_the_words_named(prompt: str) -> None:
    verdict = moderation.prompt(prompt)
    assert (verdict.allowed, verdict.code, verdict.field) == (False, "minors", "prompt")
    assert "“" in verdict.reason and "minors" in verdict.reason


@pytest.mark.parametrize(
    "prompt",
    [
        "a child with a red balloon",
        "baby penguin in the snow",
        "a nude statue of marble",
        "sexy red sports car on baby blue",
        "a naked mole rat with its babies",
        "portrait of a woman, 30 years old, nude",
        "Essex, Middlesex and Sussex on a map for kids",
        "a minor chord, seductive jazz cover",
        "",
    ],
)
def test_ordinary_prompts_pass(prompt: str) -> None:
    assert moderation.prompt(prompt).allowed


def test_nothing_that_the_starter_knows_or_offers_is_refused() -> None:
    prompts = [example.prompt for example in EXAMPLES] + [f"a cute baby {thing}" for thing in starter().knows]
    assert [prompt for prompt in prompts if not moderation.prompt(prompt).allowed] == []


@given(st.text(max_size=300))
def test_any_text_gets_an_answer(prompt: str) -> None:
    assert moderation.prompt(prompt).code in ("ok", "minors")


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_score_is_held_back_from_its_threshold_on_and_never_at_one(
    explicit: float, suggestive: float, first: float, second: float
) -> None:
    found = moderation.picture(explicit, suggestive, Thresholds(first, second))
    held = (first < 1 and explicit >= first) or (second < 1 and suggestive >= second)
    assert found.flagged is held
    if first < 1 and explicit >= first:
        assert (found.label, found.score) == ("explicit", explicit)


@pytest.mark.promise("P18")
def test_a_picture_of_one_colour_is_blank_and_hides_nothing() -> None:
    assert moderation.quality(0.0, 0.0).label == "blank"
    assert not moderation.quality(120.0, 40.0).flagged
    assert not moderation.veiled("blank") and moderation.veiled("explicit")


def test_only_the_owner_of_a_personal_home_decides_alone() -> None:
    assert moderation.release_own(Actor("x", "owner")).allowed
    assert not moderation.release_own(Actor("x", "guest")).allowed
    assert not moderation.publish(True).allowed and moderation.publish(False).allowed

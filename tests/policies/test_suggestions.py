"""Suggestions: new prompts in a person's own manner, or the same examples for everybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from policies.suggestions import Past, favourite_model, suggest

NOW = datetime(2026, 11, 1, tzinfo=UTC)
EXAMPLES = ("a rocket in the night sky", "a cactus in the desert", "a strawberry on white", "a penguin in the snow")


def past(*texts: str, model: str = "starter", days: int = 0) -> list[Past]:
    return [Past(text, NOW - timedelta(days=days, minutes=n), 1, model) for n, text in enumerate(texts)]


SAILOR = past("a fox on the sea", "a whale on the sea", "an owl on the sea")
SKIER = past("a wolf in the snow", "a bear in the snow")


@pytest.mark.promise("P4")
def test_off_gives_two_people_the_same_list() -> None:
    lists = {suggest(own, EXAMPLES, NOW, personal=False) for own in (SAILOR, SKIER, [])}
    assert len(lists) == 1
    assert [one.prompt for one in lists.pop()] == list(EXAMPLES)
    assert {favourite_model(own, NOW, personal=False) for own in (SAILOR, SKIER)} == {None}


@pytest.mark.promise("P4")
def test_on_each_gets_new_prompts_in_their_own_manner() -> None:
    sailor = suggest(SAILOR, EXAMPLES, NOW, personal=True)
    assert sailor != suggest(SKIER, EXAMPLES, NOW, personal=True)
    own = [one for one in sailor if one.because]
    assert own
    assert all(one.prompt.endswith(" on the sea") and one.because == "on the sea" for one in own)
    drawn = {one.text for one in SAILOR}
    assert not drawn & {one.prompt for one in sailor}, "what was drawn already is no suggestion"


def test_what_is_drawn_of_late_counts_more() -> None:
    mixed = past("a fox in the snow", "a wolf in the snow", days=60) + past("a whale on the sea")
    first = suggest(mixed, EXAMPLES, NOW, personal=True)[0]
    assert first.because == "on the sea"


def test_a_template_is_not_taken_apart() -> None:
    templates = past("a {fox|owl} {in the snow|on the sea}", "a fox on __colour__")
    assert [one.prompt for one in suggest(templates, EXAMPLES, NOW, personal=True)] == list(EXAMPLES)


def test_without_a_history_there_are_the_examples() -> None:
    assert [one.prompt for one in suggest([], EXAMPLES, NOW, personal=True)] == list(EXAMPLES)


def test_no_prompt_is_suggested_twice() -> None:
    many = past(*(f"a {thing} {look}" for thing in ("fox", "owl") for look in ("in the snow", "on the sea", ", ink")))
    prompts = [one.prompt for one in suggest(many, EXAMPLES, NOW, personal=True, most=10)]
    assert len(prompts) == len(set(prompts))


def test_the_model_that_is_used_most_is_named() -> None:
    own = past("a", "b", model="sdxl") + past("c") + past("d", "e", "f", days=90)
    assert favourite_model(own, NOW, personal=True) == "sdxl"

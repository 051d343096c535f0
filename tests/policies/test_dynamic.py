"""Dynamic prompts: what is a choice, what it becomes, and what stays as it was typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.dynamic import BadTemplate, read

WORDS = {
    "colour": ["red", "blue", "green"],
    "deep": ["{big|small} __colour__", "plain"],
    "circle": ["a __circle__"],
    "there": ["__back__"],
    "back": ["__there__"],
}


@pytest.mark.parametrize(
    ("template", "prompts"),
    [
        ("a {red|blue} fox", ["a red fox", "a blue fox"]),
        ("{a|b} {1|2}", ["a 1", "a 2", "b 1", "b 2"]),
        ("{2$$a|b|c}", ["a, b", "a, c", "b, a", "b, c", "c, a", "c, b"]),
        ("{2$$ and $$a|b}", ["a and b", "b and a"]),
        ("{1-2$$a|b}", ["a", "b", "a, b", "b, a"]),
        ("{ a | b } fox", ["a fox", "b fox"]),
        ("{a|} fox", ["a fox", "fox"]),
        ("{a|{b|c} d}", ["a", "b d", "c d"]),
        ("{0.5::a|2::b}", ["a", "b"]),
        ("__colour__ fox", ["red fox", "blue fox", "green fox"]),
        ("{2$$__colour__}", ["red, blue", "red, green", "blue, red", "blue, green", "green, red", "green, blue"]),
        ("__deep__", [f"{size} {colour}" for size in ("big", "small") for colour in WORDS["colour"]] + ["plain"]),
        ("<lora:{one|two}:0.8> (fox:1.2)", ["<lora:one:0.8> (fox:1.2)", "<lora:two:0.8> (fox:1.2)"]),
    ],
)
def test_a_template_becomes_all_its_prompts(template: str, prompts: list[str]) -> None:
    found = read(template, WORDS)
    assert found.dynamic
    assert found.every(100) == (tuple(prompts), False)
    assert {found.by_seed(seed) for seed in range(200)} == set(prompts)


@pytest.mark.parametrize(
    "prompt",
    ["{", "}", "{fox", "{fox}", '{"a": 1}', "{ fox, wolf }", "a|b", "100% wool", "$5 # 1 // x", "a__b", "__ fox", "{}"],
)
def test_what_is_no_choice_stays_as_it_is(prompt: str) -> None:
    found = read(prompt, WORDS)
    assert not found.dynamic
    assert found.every(10) == ((prompt,), False)
    assert found.by_seed(3) == prompt


def test_signs_beside_a_choice_stay_as_they_are() -> None:
    around = "100% of $5 #1 // {left} /* x */ \\{ \t a  b"
    assert read("{a|b} " + around, WORDS).every(10)[0] == (f"a {around}", f"b {around}")


@given(before=st.text(max_size=40), after=st.text(max_size=40))
def test_only_the_choice_changes(before: str, after: str) -> None:
    before, after = (text.translate(dict.fromkeys(map(ord, "{}|_"))) for text in (before, after))
    template = read(f"{before}{{x|y}}{after}", {})
    assert template.every(10)[0] == (f"{before}x{after}".strip(), f"{before}y{after}".strip())


@given(text=st.text(alphabet="{}|$:_ab12. -,", max_size=60), seed=st.integers(0, 2**32 - 1))
def test_any_text_is_read_or_refused_by_its_place(text: str, seed: int) -> None:
    try:
        template = read(text, WORDS)
    except BadTemplate as bad:
        assert 1 <= bad.place <= len(text)
        return
    prompts, _ = template.every(50)
    assert len(prompts) == len(set(prompts)) >= 1
    assert template.by_seed(seed) == template.by_seed(seed)


@pytest.mark.parametrize(
    ("template", "place", "reason"),
    [
        ("a {red|blue fox", 3, "not closed"),
        ("fox {3$$a|b}", 5, "asks for 3 of 2"),
        ("fox {2$$a|a}", 5, "asks for 2 of 1"),
        ("{4$$__colour__}", 1, "asks for 4 of 3"),
        ("a __shape__ fox", 3, "no wildcard 'shape'"),
        ("a __circle__", 3, "leads back to itself"),
        ("__there__", 1, "leads back to itself"),
        ("{a|" * 10 + "b" + "}" * 10, 25, "nested too deeply"),
    ],
)
def test_a_mistake_is_named_by_its_place(template: str, place: int, reason: str) -> None:
    with pytest.raises(BadTemplate, match=reason) as bad:
        read(template, WORDS)
    assert bad.value.place == place
    assert str(bad.value).startswith(f"prompt: character {place}: ")


def test_weights_decide_how_often() -> None:
    template = read("{9::often|1::rarely}", {})
    often = sum(template.by_seed(seed) == "often" for seed in range(500))
    assert 420 < often < 480


def test_more_than_asked_for_is_said_and_not_made() -> None:
    prompts, more = read("{a|b|c|d} {1|2|3|4} {x|y|z}", {}).every(10)
    assert len(prompts) == 10
    assert more


@pytest.mark.parametrize(
    "template",
    [
        "{20$$" + "|".join(f"{{a{n}|b}}" for n in range(150)) + "}",
        "{5$$" + "|".join("{a|a" + "|a" * n + "}" for n in range(12)) + "}",
        "__many__ " * 6,
    ],
)
def test_a_template_without_end_is_stopped(template: str) -> None:
    """Unbounded, each of these would take hours."""
    prompts, more = read(template, {"many": [f"line {n}" for n in range(2000)]}).every(100)
    assert more
    assert len(prompts) <= 100

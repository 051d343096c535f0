"""Styles: words around a prompt that can be taken off again, and what is worn read from the words alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.shipped_styles import NEGATIVES, SHIPPED
from policies.styles import HOLE, Style, Words, change, check, put_on, take_off, worn
from tests.components.pages.test_words_of_the_page import STATIC

STYLES = [style for style in SHIPPED if style.kind == "style"]


@pytest.mark.parametrize("style", SHIPPED, ids=lambda style: style.id)
def test_what_is_put_on_is_worn_and_comes_off_again(style: Style) -> None:
    words = Words("a fox", "dust")
    dressed = put_on(style, words)
    assert style in worn(SHIPPED, dressed)
    assert take_off(style, dressed) == words


@given(prompt=st.text(max_size=60), negative=st.text(alphabet="ab ", max_size=20))
def test_no_word_of_a_person_is_lost(prompt: str, negative: str) -> None:
    words = Words(prompt.strip(), negative.strip())
    for style in STYLES:
        assert take_off(style, put_on(style, words)) == words


def test_another_style_takes_the_place_of_the_first() -> None:
    snow, sea = (next(style for style in SHIPPED if style.id == name) for name in ("snow", "sea"))
    words = change(sea, True, change(snow, True, Words("a fox"), SHIPPED), SHIPPED)
    assert words == Words("a fox on the sea")
    assert change(sea, False, words, SHIPPED) == Words("a fox")


def test_negative_presets_are_worn_beside_each_other() -> None:
    words = Words("a fox")
    for preset in NEGATIVES:
        words = change(preset, True, words, SHIPPED)
    assert {style.id for style in worn(SHIPPED, words)} == {preset.id for preset in NEGATIVES}
    assert change(NEGATIVES[0], True, words, SHIPPED) == words
    for preset in reversed(NEGATIVES):
        words = change(preset, False, words, SHIPPED)
    assert words == Words("a fox")


def test_words_that_were_changed_by_hand_are_left_alone() -> None:
    style = Style("mine", "Mine", prompt="oil painting of {prompt}, rich colours")
    assert take_off(style, Words("oil painting of a fox, pale colours")) == Words("oil painting of a fox, pale colours")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (("Mine", "style", f"ink of {HOLE}", ""), "ok"),
        (("Mine", "negative", HOLE, "blurry"), "ok"),
        (("", "style", HOLE, ""), "style_name"),
        (("Mine", "style", "no place", ""), "style_hole"),
        (("Mine", "style", HOLE * 2, ""), "style_hole"),
        (("Mine", "negative", HOLE, " "), "style_empty"),
        (("Mine", "style", HOLE + "x" * 1001, ""), "too_long"),
        (("Mine", "magic", HOLE, ""), "unknown"),
    ],
)
def test_what_may_be_kept_as_a_style(values: tuple[str, str, str, str], code: str) -> None:
    assert check(*values).code == code


@pytest.mark.parametrize("style", [style for style in SHIPPED if style.picture], ids=lambda style: style.id)
def test_a_shipped_picture_is_there_and_small(style: Style) -> None:
    file = STATIC / style.picture.removeprefix("/ui/")
    assert file.read_bytes()[8:12] == b"WEBP"
    assert file.stat().st_size <= 15_000

"""Styles: named texts that are laid around a prompt and can be taken off again. What is worn is read from the words.

A style is no hidden setting: it changes the prompt that a person sees, so the prompt alone says what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from policies.limits import text
from policies.verdict import ALLOWED, Verdict, refuse

Kind = Literal["style", "negative"]

HOLE = "{prompt}"
LONGEST_NAME = 40
LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Style:
    """`prompt` has one hole; a preset of kind "negative" fills the negative prompt alone. `suits` says which models.

    `picture` is where its thumbnail is shown from, empty for none.
    """

    id: str
    name: str
    kind: Kind = "style"
    prompt: str = HOLE
    negative: str = ""
    suits: Literal["starter", "large", "any"] = "any"
    picture: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A prompt and what should not be there."""

    prompt: str
    negative: str = ""


def check(name: str, kind: str, prompt: str, negative: str) -> Verdict:
    """Whether a person may keep this as a style."""
    if kind not in ("style", "negative"):
        return refuse("unknown", field="kind", value=kind, expected="style or negative")
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        return refuse("style_name", field="name", value=name[:60], expected=f"a name of 1 to {LONGEST_NAME} characters")
    for field, value in (("prompt", prompt), ("negative", negative)):
        if not (verdict := text(field, value)).allowed or len(value) > LONGEST_TEXT:
            shown = f"{value[:20]}… ({len(value)} characters)"
            expected = f"a text of at most {LONGEST_TEXT} characters"
            return verdict if not verdict.allowed else refuse("too_long", field=field, value=shown, expected=expected)
    if kind == "style" and prompt.count(HOLE) != 1:
        return refuse("style_hole", field="prompt", value=prompt[:60], expected=f"{HOLE} once, where the words go")
    if kind == "negative" and not negative.strip():
        return refuse("style_empty", field="negative", value=negative, expected="a few words that should not be there")
    return ALLOWED


def put_on(style: Style, words: Words) -> Words:
    """The words inside the style. An empty prompt leaves the hole's place free for what is typed next."""
    before, after = parts(style)
    prompt = f"{before}{words.prompt.strip()}{after}" if style.kind == "style" else words.prompt
    return Words(prompt, joined(words.negative, style.negative))


def take_off(style: Style, words: Words) -> Words:
    """The words without the style, when they wear it; as they are when they do not."""
    if not wears(style, words):
        return words
    before, after = parts(style)
    prompt = words.prompt
    if style.kind == "style":
        prompt = prompt[len(before) : len(prompt) - len(after)]
    return Words(prompt, without(words.negative, style.negative))


def change(chosen: Style, on: bool, words: Words, known: Iterable[Style]) -> Words:
    """Puts a style on in the place of another one, or takes it off. Negative presets are worn beside each other."""
    if not on:
        return take_off(chosen, words)
    if chosen.kind == "style":
        for other in worn(known, words):
            words = take_off(other, words) if other.kind == "style" else words
    return words if wears(chosen, words) else put_on(chosen, words)


def worn(known: Iterable[Style], words: Words) -> tuple[Style, ...]:
    """The styles whose text is around these words, the longest first: it was put on last or means the most."""
    found = [style for style in known if wears(style, words)]
    return tuple(sorted(found, key=lambda style: -len(style.prompt) - len(style.negative)))


def wears(style: Style, words: Words) -> bool:
    before, after = parts(style)
    negative = f", {words.negative}, ".find(f", {style.negative}, ") >= 0 if style.negative else True
    if style.kind == "negative":
        return bool(style.negative) and negative
    prompt = words.prompt
    long_enough = len(prompt) >= len(before) + len(after) and bool(before or after)
    return long_enough and prompt.startswith(before) and prompt.endswith(after)


def parts(style: Style) -> tuple[str, str]:
    before, _, after = style.prompt.partition(HOLE)
    return before, after


def joined(first: str, second: str) -> str:
    """Two lists of words as one; what is there already is not said twice."""
    return ", ".join(dict.fromkeys(part for part in (first.strip(), second.strip()) if part))


def without(negative: str, gone: str) -> str:
    if not gone:
        return negative
    left = f", {negative}, ".replace(f", {gone}, ", ", ", 1)
    return left.removeprefix(", ").removesuffix(", ")

"""What to draw next: new prompts in the manner of a person's own ones, or the same examples for everybody.

Personal suggestions join the things that a person draws with the places and looks they draw them in. Knows no rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HALF_LIFE = timedelta(days=14)  # a prompt of two weeks ago counts half
MOST_READ = 200
LOOK = re.compile(r"\s+(?:in|on|at|with|under|over|inside|near|by|wearing|made of)\s+|\s*,\s*")


@dataclass(frozen=True, slots=True)
class Past:
    """A prompt that a person drew, the last time they did, and how often."""

    text: str
    used_at: datetime
    uses: int = 1
    model: str = "starter"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`because` is the person's own words that led to it, empty for an example that everybody gets."""

    prompt: str
    because: str = ""


def suggest(
    past: Sequence[Past], examples: Sequence[str], now: datetime, *, personal: bool, most: int = 6
) -> tuple[Suggestion, ...]:
    """Not `personal`: the examples, the same for everybody, and `past` is not looked at."""
    if not personal:
        return tuple(Suggestion(prompt) for prompt in examples[:most])
    known = {folded(one.text) for one in past}
    fresh = (one for one in combined(past, examples, now) if folded(one.prompt) not in known)
    found = {folded(one.prompt): one for one in reversed(list(first(fresh, most - 2 if len(examples) > 1 else most)))}
    chosen = list(reversed(found.values()))
    for prompt in examples:
        if len(chosen) < most and folded(prompt) not in known | found.keys():
            chosen.append(Suggestion(prompt))
    return tuple(chosen)


def favourite_model(past: Sequence[Past], now: datetime, *, personal: bool) -> str | None:
    """The model that a person draws with most of late."""
    if not personal or not past:
        return None
    scores: dict[str, float] = {}
    for one in past[:MOST_READ]:
        scores[one.model] = scores.get(one.model, 0.0) + weight(one, now)
    return max(sorted(scores), key=lambda model: scores[model])


def combined(past: Sequence[Past], examples: Sequence[str], now: datetime) -> Iterator[Suggestion]:
    """Their favourite looks around things they have not drawn that way, their own things and the examples' by turns."""
    things, looks = favourites(past[:MOST_READ], now)
    others = [thing for thing, _ in map(split, examples) if folded(thing) not in set(map(folded, things))]
    seen: set[str] = set()
    for place, look in enumerate(looks):
        for thing in [*rotated(things, place + 1)[:1], *rotated(others, place)[:1], *rotated(things, place + 2)[:1]]:
            prompt = f"{thing}{look}"
            if folded(prompt) not in seen:
                seen.add(folded(prompt))
                yield Suggestion(prompt, LOOK.sub(lambda joint: joint[0].lstrip(" ,"), look, count=1).strip())


def favourites(past: Sequence[Past], now: datetime) -> tuple[list[str], list[str]]:
    """Things and looks of past prompts, what is drawn often and of late first."""
    things: dict[str, float] = {}
    looks: dict[str, float] = {}
    for one in past:
        thing, look = split(one.text)
        if not look or len(one.text) > 120 or "{" in one.text or "__" in one.text:
            continue  # a template taken apart would be a mistake
        things[thing] = things.get(thing, 0.0) + weight(one, now)
        looks[look] = looks.get(look, 0.0) + weight(one, now)
    return ranked(things), ranked(looks)


def split(prompt: str) -> tuple[str, str]:
    """`a fox in the snow` -> `a fox`, ` in the snow`. The look is empty when there is none."""
    found = LOOK.search(prompt)
    return (prompt[: found.start()], prompt[found.start() :]) if found and found.start() else (prompt, "")


def weight(one: Past, now: datetime) -> float:
    age = max(now - one.used_at, timedelta(0)) / HALF_LIFE
    return float(min(one.uses, 10) * 0.5**age)


def ranked(scores: dict[str, float]) -> list[str]:
    return sorted(scores, key=lambda name: (-scores[name], name))


def rotated(items: list[str], by: int) -> list[str]:
    return [*items[by % len(items) :], *items[: by % len(items)]] if items else []


def first(items: Iterator[Suggestion], most: int) -> Iterator[Suggestion]:
    for _, item in zip(range(most), items, strict=False):
        yield item


def folded(text: str) -> str:
    return " ".join(text.lower().split())

"""How boards and tags may be named, and how many a person may have."""

from __future__ import annotations

import unicodedata

from policies.search import folded
from policies.verdict import ALLOWED, Verdict, refuse

LONGEST_TITLE = 80
LONGEST_TAG = 40
MOST_BOARDS = 500
MOST_TAGS = 1000
JOINERS = "\u200c\u200d"  # inside an emoji of several people, and in words of Persian and Hindi


def tidy(text: str) -> str:
    """Without spaces around it, and with one for many inside; quotes would end the name in a search."""
    return " ".join(text.replace('"', " ").split())


def one_line(text: str) -> bool:
    """Whether every character shows itself, is a space, or joins or parts those beside it."""
    return all(one.isprintable() or one in JOINERS or unicodedata.category(one) == "Zs" for one in text)


def title(text: str, boards: int) -> Verdict:
    """Of a board, beside so many others."""
    if boards >= MOST_BOARDS:
        return refuse("too_many_boards", field="title", value=text, expected=f"at most {MOST_BOARDS} boards")
    return named("title", text, LONGEST_TITLE)


def tag(text: str, tags: int) -> Verdict:
    """For a picture, beside so many other tags."""
    if tags >= MOST_TAGS:
        return refuse("too_many_tags", field="tag", value=text, expected=f"at most {MOST_TAGS} different tags")
    return named("tag", text, LONGEST_TAG)


def unused(text: str, taken: bool) -> Verdict:
    """Two boards of one title could not be told apart in a search."""
    if not taken:
        return ALLOWED
    return refuse("title_taken", field="title", value=text, expected="a title that none of your boards has")


def unused_tag(text: str, taken: bool) -> Verdict:
    """To give a tag the name of another makes one of the two: that is asked for by name."""
    if not taken:
        return ALLOWED
    return refuse("tag_taken", field="name", value=text, expected="a name that none of your tags has, or to merge them")


def named(field: str, text: str, longest: int) -> Verdict:
    if folded(text) == "none":
        return refuse("bad_name", field=field, value=text, expected="another word: in a search, none means without")
    if 1 <= len(text) <= longest and one_line(text):
        return ALLOWED
    return refuse("bad_name", field=field, value=text[:longest], expected=f"1 to {longest} characters")

"""How boards and tags may be named, and how many a person may have."""

from __future__ import annotations

from policies.verdict import ALLOWED, Verdict, refuse

LONGEST_TITLE = 80
LONGEST_TAG = 40
MOST_BOARDS = 500
MOST_TAGS = 1000


def tidy(text: str) -> str:
    """Without spaces around it, and with one for many inside; quotes would end the name in a search."""
    return " ".join(text.replace('"', " ").split())


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
    if text.casefold() == "none":
        return refuse("bad_name", field=field, value=text, expected="another word: in a search, none means without")
    if 1 <= len(text) <= longest and text.isprintable():
        return ALLOWED
    return refuse("bad_name", field=field, value=text[:longest], expected=f"1 to {longest} characters")

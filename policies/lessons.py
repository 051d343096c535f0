"""What can be taught, and by whom."""

from __future__ import annotations

import re
from collections.abc import Collection

from policies.actor import Actor
from policies.verdict import ALLOWED, Verdict, refuse

FEWEST, MOST = 3, 40  # pictures of one thing
LONGEST = 60  # characters of what it is
NAME = re.compile(r"[a-z][a-z0-9]{2,23}")


def may_teach(actor: Actor) -> Verdict:
    """A taught thing is an adapter that everybody of a home can use, so it is for who runs the studio."""
    if actor.kind in ("owner", "admin"):
        return ALLOWED
    return refuse("not_yours", field="name", value=actor.kind, expected="the owner of this studio")


def name(value: str, taken: Collection[str]) -> Verdict:
    """A word of its own: the model should have no other idea of it."""
    if not NAME.fullmatch(value):
        expected = "3 to 24 small letters or digits that begin with a letter"
        return refuse("lesson_name", field="name", value=value, expected=expected)
    if value in taken:
        return refuse("lesson_taken", field="name", value=value, expected="a name that no adapter has")
    return ALLOWED


def kind(value: str) -> Verdict:
    if not 0 < len(value.strip()) <= LONGEST or not value.isprintable() or any(sign in value for sign in "<>:()[]{}"):
        expected = f"one or two words of at most {LONGEST} characters, such as figurine"
        return refuse("lesson_kind", field="kind", value=value, expected=expected)
    return ALLOWED


def pictures(count: int) -> Verdict:
    if FEWEST <= count <= MOST:
        return ALLOWED
    return refuse("lesson_pictures", field="pictures", value=count, expected=f"{FEWEST} to {MOST} pictures")


def words(name: str, kind: str) -> str:
    """What a prompt says to get it: `a zorblax figurine`."""
    article = "an" if name[0] in "aeiou" else "a"
    return f"{article} {name} {kind.strip()}"

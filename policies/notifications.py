"""Which kinds of mail there are, and which of them a person may switch off. Kinds are data: one list for all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """`fixed` kinds keep an account safe or do what the person asked for: no switch stops them."""

    name: str
    fixed: bool
    wanted: bool  # before the person said anything
    purpose: str = ""  # the use of data that it is: then the choice about that decides, and no switch of its own


KINDS: tuple[Kind, ...] = (
    Kind("security", fixed=True, wanted=True),
    Kind("service", fixed=True, wanted=True),
    Kind("finished", fixed=False, wanted=False),
    Kind("news", fixed=False, wanted=False, purpose="marketing"),
)
BY_NAME = {kind.name: kind for kind in KINDS}


def wants(kind: str, switches: dict[str, bool]) -> bool:
    """Whether a mail of that kind may go to a person with these switches. Raises KeyError for an unknown kind."""
    known = BY_NAME[kind]
    return known.fixed or switches.get(kind, known.wanted)

"""What may be done with somebody's data beyond drawing: purposes, switches, consents and requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Purpose:
    """A use of data that a person decides about. `default` is what holds before they said anything.

    A purpose with `asks` True needs a consent and is off until then; the others are on until objected to.
    """

    id: str
    version: str
    asks: bool

    @property
    def default(self) -> bool:
        return not self.asks


PURPOSES = (
    Purpose("model_improvement", "1", asks=True),
    Purpose("analytics", "1", asks=False),
    Purpose("recommendations", "1", asks=False),
    Purpose("marketing", "1", asks=True),
)
BY_ID = {one.id: one for one in PURPOSES}


@dataclass(frozen=True, slots=True)
class Said:
    """What a person last said about a purpose, and about which version of its text."""

    version: str
    given: bool


def allowed(purpose: Purpose, said: Said | None, *, opted_out_everywhere: bool = False) -> bool:
    """Whether data may be used for it. A yes to an older text is no yes to a newer one; a no stays a no.

    `opted_out_everywhere` is what a browser says with Global Privacy Control: it switches off what may be objected to.
    """
    if opted_out_everywhere:
        return False
    if said is None:
        return purpose.default
    if said.given and purpose.asks and said.version != purpose.version:
        return False
    return said.given


def switches(said: Mapping[str, Said], *, opted_out_everywhere: bool = False) -> dict[str, bool]:
    return {
        one.id: allowed(one, said.get(one.id), opted_out_everywhere=opted_out_everywhere) for one in PURPOSES
    }


TicketKind = Literal["question", "feedback", "privacy"]
PREFIXES = re.compile(r"^\s*((re|fw|fwd|aw|wg|sv|tr|rv)\s*(\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)
REQUEST = re.compile(r"privacy[\s_-]*request", re.IGNORECASE)


def bare(subject: str) -> str:
    """A subject line without the marks of answers and forwards, in one case and with single spaces."""
    return " ".join(PREFIXES.sub("", subject).split()).casefold()


def is_privacy_request(subject: str) -> bool:
    return REQUEST.search(subject) is not None


def due(kind: str, at: datetime) -> datetime | None:
    """A privacy request is answered within a month; other messages when somebody can."""
    from policies.retention import ANSWER_WITHIN

    return at + ANSWER_WITHIN if kind == "privacy" else None

"""Who asks: an opaque subject and what kind of visitor it is. Knows no name, address or cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["owner", "guest"]


@dataclass(frozen=True, slots=True)
class Actor:
    """`owner` is the one person of a personal home, `guest` an anonymous visitor of a hosted one."""

    subject_id: str
    kind: ActorKind = "owner"

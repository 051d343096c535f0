"""Who asks: an opaque subject and what kind of visitor it is. Knows no name, address or cookie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

ActorKind = Literal["nobody", "owner", "guest", "user", "moderator", "admin"]
Role = Literal["user", "moderator", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Actor:
    """`owner` is the one person of a personal home, `guest` an anonymous visitor of a hosted one, `nobody` has no
    session at all. The others have an account."""

    subject_id: str
    kind: ActorKind = "owner"

    @property
    def has_account(self) -> bool:
        return self.kind in ROLES

    @property
    def is_staff(self) -> bool:
        return self.kind in ("moderator", "admin")


NOBODY = Actor("", "nobody")
OPERATOR = Actor("", "owner")  # whoever can run commands on the machine


def kind_of(role: Role, *, second_factor: bool) -> Role:
    """Staff rights need a session that passed a second factor; without it, staff are users like all others."""
    return role if second_factor else "user"

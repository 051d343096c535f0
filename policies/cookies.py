"""The register of what the studio leaves in a browser: every cookie and every remembered value, and what it is for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["cookie", "localStorage", "sessionStorage"]


@dataclass(frozen=True, slots=True)
class Crumb:
    """`essential`: the studio does not work without it, so no consent is asked for. Nothing else is set unasked."""

    name: str
    kind: Kind
    purpose: str
    kept: str
    essential: bool = True


SIGNED_IN = 30  # days that a browser keeps the session's cookie of somebody who signed in

REGISTER = (
    Crumb("pixcosmos", "cookie", "Knows your session again. Scripts cannot read it.", "as long as the session"),
    Crumb("pixcosmos_age", "cookie", "Only after an account was refused for its person's age.", "1 day"),
    Crumb("pixcosmos.theme", "localStorage", "The look you chose: dark, light or the system's.", "until you clear it"),
    Crumb("pixcosmos.language", "localStorage", "The language you chose.", "until you follow the browser again"),
    Crumb("pixcosmos.draft", "sessionStorage", "What you typed, so a reload loses nothing.", "until the tab closes"),
    Crumb("pixcosmos.grid", "sessionStorage", "The axes of your last grid.", "until the tab closes"),
)


def registered(name: str) -> bool:
    """A name that ends in a dot and more belongs to the entry it begins with."""
    return any(name == crumb.name or name.startswith(f"{crumb.name}.") for crumb in REGISTER)


def register(*, accounts: bool, guest_days: int) -> tuple[Crumb, ...]:
    """The same, with how long this home's session lasts."""
    signed_in = f"{days(SIGNED_IN)} after you signed in, or until you sign out"
    lasts = f"{signed_in}; as a guest {days(guest_days)} after your first visit" if accounts else days(SIGNED_IN)
    session, *others = REGISTER
    return (replace(session, kept=lasts), *others)


def days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"

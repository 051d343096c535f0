"""The register of what the studio leaves in a browser: every cookie and every remembered value, and what it is for."""

from __future__ import annotations

from dataclasses import dataclass
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


REGISTER = (
    Crumb("pixcosmos", "cookie", "Knows your session again. Scripts cannot read it.", "30 days, or until you sign out"),
    Crumb("pixcosmos_age", "cookie", "Only after an account was refused for its person's age.", "1 day"),
    Crumb("pixcosmos.theme", "localStorage", "The look you chose: dark, light or the system's.", "until you clear it"),
    Crumb("pixcosmos.language", "localStorage", "The language you chose.", "until you follow the browser again"),
    Crumb("pixcosmos.draft", "sessionStorage", "What you typed, so a reload loses nothing.", "until the tab closes"),
    Crumb("pixcosmos.grid", "sessionStorage", "The axes of your last grid.", "until the tab closes"),
)


def registered(name: str) -> bool:
    """A name that ends in a dot and more belongs to the entry it begins with."""
    return any(name == crumb.name or name.startswith(f"{crumb.name}.") for crumb in REGISTER)

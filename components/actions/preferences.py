"""What a person likes the page to remember: small, named, and nothing else."""

from __future__ import annotations

from typing import Any

from components.studio import Studio
from policies.actor import Actor
from policies.verdict import refuse, require

# name -> the values it may have
KNOWN: dict[str, tuple[Any, ...]] = {
    "theme": ("system", "dark", "light"),
    "advanced_open": (True, False),
    "prompt_history": (True, False),
}


def read(studio: Studio, actor: Actor) -> dict[str, Any]:
    return dict(studio.stores.preferences.read(actor.subject_id))


def write(studio: Studio, actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    """Merges `values` into what is kept. Raises Refused for a name or a value that is not known."""
    for name, value in values.items():
        if name not in KNOWN:
            require(refuse("unknown_preference", field=name, value=value, expected=f"one of {', '.join(KNOWN)}"))
        if value not in KNOWN[name]:
            expected = f"one of {', '.join(map(str, KNOWN[name]))}"
            require(refuse("bad_preference", field=name, value=value, expected=expected))
    merged = read(studio, actor) | values
    studio.stores.preferences.write(actor.subject_id, merged)
    return merged

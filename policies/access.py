"""Who may do what beyond their own pictures."""

from __future__ import annotations

from policies.actor import Actor
from policies.verdict import ALLOWED, Verdict, refuse


def fetch_models(actor: Actor) -> Verdict:
    """A download fills the machine's disk, so it is for its owner."""
    if actor.kind == "owner":
        return ALLOWED
    return refuse("not_yours", field="model", value=actor.kind, expected="the owner of this studio")

"""What a person's data may be used for: asked at the moment of use, changed with a receipt. The one place for both."""

from __future__ import annotations

from components.studio import Studio
from policies.actor import Actor
from policies.privacy import BY_ID, Said, allowed
from policies.verdict import refuse, require
from store.choices import Receipt


def training(studio: Studio, subject_id: str) -> bool:
    """Whether this person agreed that models learn from what they make: their pictures' credentials say so."""
    return may(studio, Actor(subject_id), "model_improvement")


def said(studio: Studio, actor: Actor) -> dict[str, Said]:
    return studio.stores.choices.said(actor.subject_id)


def may(studio: Studio, actor: Actor, purpose: str) -> bool:
    """Whether this person's data may be used for it now. Asked at the moment of use, never remembered."""
    return allowed(BY_ID[purpose], said(studio, actor).get(purpose))


def choose(studio: Studio, actor: Actor, purpose: str, given: bool, locale: str) -> Receipt:
    """Writes a receipt, also for taking something back. Raises Refused for an unknown purpose."""
    if purpose not in BY_ID:
        require(refuse("unknown", field="purpose", value=purpose, expected=" or ".join(BY_ID)))
    now = studio.clock()
    receipt = studio.stores.choices.add(actor.subject_id, purpose, BY_ID[purpose].version, given, locale[:35], now)
    facts: dict[str, int | str] = {"purpose": purpose, "given": int(given)}
    studio.stores.audit.add(now, actor.kind, "consent.given" if given else "consent.withdrawn", actor.subject_id, facts)
    return receipt

"""The prompts a person drew and what they might draw next. Both have a switch; off forgets and tells nobody apart.

Whether the history is kept is a preference of the page. Whether suggestions are made from it is a use of data: the same
choice, with the same receipts, as under Account, Choices.
"""

from __future__ import annotations

from components.actions import choices, preferences
from components.studio import Studio
from policies import suggestions
from policies.actor import Actor
from policies.draft import Draft
from policies.search import folded
from policies.suggestions import Past, Suggestion

HISTORY, PERSONAL = "prompt_history", "recommendations"


def remember(studio: Studio, actor: Actor, draft: Draft) -> None:
    """Called when something is drawn: what was typed goes into the history, unless that is off."""
    text = draft.template or draft.prompt
    if switches(studio, actor)[HISTORY] and text.strip():
        studio.stores.past_prompts.add(actor.subject_id, text, draft.model, studio.clock())


def search(studio: Studio, actor: Actor, words: str = "", limit: int = 100) -> tuple[tuple[str, Past], ...]:
    """The latest first, those with every word in them."""
    wanted = folded(words).split()
    found = (
        (past_id, past)
        for past_id, past in studio.stores.past_prompts.all(actor.subject_id)
        if all(word in folded(past.text) for word in wanted)
    )
    return tuple(entry for _, entry in zip(range(limit), found, strict=False))


def forget(studio: Studio, actor: Actor, past_id: str) -> None:
    """Raises Missing."""
    studio.stores.past_prompts.delete(actor.subject_id, past_id)


def switch(studio: Studio, actor: Actor, name: str, on: bool, locale: str = "") -> dict[str, bool]:
    """Turning the history off empties it. Raises Refused for another name."""
    if name == PERSONAL:
        choices.choose(studio, actor, PERSONAL, on, locale)
    else:
        preferences.write(studio, actor, {name: on})
    if name == HISTORY and not on:
        studio.stores.past_prompts.empty(actor.subject_id)
    return switches(studio, actor)


def switches(studio: Studio, actor: Actor) -> dict[str, bool]:
    kept = preferences.read(studio, actor)
    return {HISTORY: bool(kept.get(HISTORY, True)), PERSONAL: choices.may(studio, actor, PERSONAL)}


def suggest(studio: Studio, actor: Actor, examples: tuple[str, ...]) -> tuple[Suggestion, ...]:
    """From their own history where that is wanted, else the examples, the same for everybody."""
    on = switches(studio, actor)
    personal = on[PERSONAL] and on[HISTORY]
    past = [one for _, one in studio.stores.past_prompts.all(actor.subject_id)] if personal else []
    return suggestions.suggest(past, examples, studio.clock(), personal=personal)


def favourite_model(studio: Studio, actor: Actor) -> str | None:
    """The model they draw with most, while it is here."""
    if not switches(studio, actor)[PERSONAL]:
        return None
    past = [one for _, one in studio.stores.past_prompts.all(actor.subject_id)]
    ready = {model.id for model in studio.catalogue.list() if model.state == "ready"}
    return suggestions.favourite_model([one for one in past if one.model in ready], studio.clock(), personal=True)

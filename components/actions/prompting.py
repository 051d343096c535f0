"""Look at a prompt while it is typed: what it would become, which styles it wears, how the model reads it."""

from __future__ import annotations

from dataclasses import dataclass

from components.actions import series, styles
from components.actions.models import find_model
from components.actions.series import Expansion
from components.studio import Studio
from pipelines import reading
from pipelines.reading import Reading
from policies.actor import Actor
from policies.styles import Words
from policies.verdict import Refused, Verdict


@dataclass(frozen=True, slots=True)
class Look:
    """`reading` is that of the first prompt of a template. `mistake` names what is wrong with the template."""

    expansion: Expansion | None
    mistake: Verdict | None
    worn: tuple[str, ...]
    reading: Reading


def look(studio: Studio, actor: Actor, model_id: str, words: Words) -> Look:
    model = find_model(studio, model_id)
    worn = styles.worn(studio, actor, words)
    try:
        expansion = series.expand(studio, words.prompt)
    except Refused as refused:
        return Look(None, refused.verdict, worn, reading.read(model, words.prompt))
    prompt = expansion.first[0] if expansion and expansion.first else words.prompt
    return Look(expansion, None, worn, reading.read(model, prompt))

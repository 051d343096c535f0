"""What the benches offer: models that can redraw, upscalers, control networks and maps, adapters. Changes nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from components.actions.models import networks, upscalers
from components.actions.teaching import taught
from components.studio import Studio
from pipelines import adapters, embeddings
from pipelines.maps import ELSEWHERE, MAPS
from pipelines.models import Model
from policies import lessons
from policies.actor import Actor


def liked(model: Model) -> dict[str, Any]:
    """What a model is best drawn with."""
    return {"steps": model.steps, "guidance": model.guidance, "scheduler": model.scheduler}


def offers(studio: Studio, actor: Actor) -> dict[str, Any]:
    """Looks anew each time: files may have been dropped into the models folder."""
    folder = studio.settings.models_dir
    loras = adapters.available(folder)
    every = [model for model in studio.catalogue.list() if model.state == "ready"]
    ready = [model for model in every if model.shares_steps]
    return {
        "models": [{"id": model.id, "name": model.name} | liked(model) for model in ready],
        "all_models": [{"id": one.id, "name": one.name, "sizes": one.sizes} | liked(one) for one in every],
        "upscalers": [{"id": found.id, "name": found.name, "licence": found.licence} for found in upscalers(studio)],
        "maps": list(MAPS),
        "elsewhere": [asdict(one) for one in ELSEWHERE],
        "networks": {model.id: list(networks(studio, model)) for model in ready},
        "loras": list(loras),
        "embeddings": list(embeddings.available(folder)),
        "step_caches": {model.id: list(model.step_caches) for model in every},
        "taught": {name: said for name, path in loras.items() if (said := adapters.facts(path).get(adapters.WORDS))},
        "lessons": list(taught(studio, actor.subject_id)),
        "may_teach": lessons.may_teach(actor).allowed,
        "folders": {name: str(folder / name) for name in ("upscalers", "controlnets", "loras", "embeddings")},
    }

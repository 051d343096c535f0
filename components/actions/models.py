"""Which models are here, what a draft may ask of one, and a draft in the engine's words."""

from __future__ import annotations

from components.studio import Studio
from pipelines.catalogue import SCHEDULERS, UnknownModel
from pipelines.models import Model
from pipelines.types import RenderJob
from policies import access
from policies.actor import Actor
from policies.draft import Draft
from policies.limits import Bounds
from policies.verdict import require

STARTER = "starter"


def find_model(studio: Studio, model_id: str) -> Model:
    """Raises UnknownModel, which names the models that are here."""
    return studio.catalogue.get(model_id)


def model_name(studio: Studio, model_id: str) -> str:
    try:
        return find_model(studio, model_id).name
    except UnknownModel:  # its file was taken away; the pictures stay
        return model_id


def defaults(studio: Studio, model_id: str) -> Draft:
    """What a fresh cell of this model holds."""
    model = find_model(studio, model_id)
    width, height = model.sizes[0]
    return Draft(
        model=model.id,
        width=width,
        height=height,
        steps=model.steps,
        guidance=model.guidance,
        scheduler=model.scheduler,
    )


def bounds(studio: Studio, model_id: str) -> Bounds:
    """What may be asked of this model, in finished pixels. An unknown model is refused by the rule, not here."""
    ready = {model.id: model for model in studio.catalogue.list() if model.state == "ready"}
    model = ready.get(model_id) or ready[STARTER]
    return Bounds(
        models=tuple(ready),
        schedulers=tuple(SCHEDULERS),
        min_side=model.min_side * model.enlarge,
        max_side=model.max_side * model.enlarge,
        multiple=model.multiple * model.enlarge,
        max_count=studio.settings.max_count,
    )


def request_of(studio: Studio, job_id: str, draft: Draft) -> RenderJob:
    """Finished pixels become those that the model itself draws."""
    model = find_model(studio, draft.model)
    return RenderJob(
        id=job_id,
        model=draft.model,
        prompt=draft.prompt,
        negative_prompt=draft.negative_prompt,
        width=draft.width // model.enlarge,
        height=draft.height // model.enlarge,
        enlarge=model.enlarge,
        count=draft.count,
        seed=draft.seed or 0,
        steps=draft.steps,
        guidance=draft.guidance,
        scheduler=draft.scheduler,
    )


def fetch_model(studio: Studio, actor: Actor, model_id: str) -> None:
    """Starts the download of a model of the hub. Raises Refused for a guest."""
    require(access.fetch_models(actor))
    find_model(studio, model_id)
    studio.downloads.start(model_id)


def stop_fetching(studio: Studio, actor: Actor, model_id: str) -> None:
    """What has arrived is kept, and the next try goes on from there."""
    require(access.fetch_models(actor))
    studio.downloads.cancel(model_id)

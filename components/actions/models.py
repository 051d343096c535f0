"""Which models, upscalers and control networks are here, and what a draft may ask of them."""

from __future__ import annotations

from components.studio import Studio
from pipelines import control, upscale
from pipelines.canvas import Drawable
from pipelines.catalogue import SCHEDULERS, UnknownModel
from pipelines.maps import MAPS
from pipelines.models import Model
from pipelines.upscale import UpscalerFile
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


def bounds(studio: Studio, draft: Draft) -> Bounds:
    """What may be asked of its model, in finished pixels. An unknown model is refused by the rule, not here."""
    ready = {model.id: model for model in studio.catalogue.list() if model.state == "ready"}
    model = ready.get(draft.model) or ready[STARTER]
    return Bounds(
        models=tuple(one.id for one in ready.values() if can_draw(one, draft)),
        schedulers=tuple(SCHEDULERS),
        min_side=model.min_side * model.enlarge,
        max_side=model.max_side * model.enlarge,
        multiple=model.multiple * model.enlarge,
        max_count=studio.settings.max_count,
        upscalers=tuple(found.id for found in upscalers(studio)),
        maps=tuple(MAPS),
        networks=networks(studio, model) if draft.controls else (),
        step_caches=model.step_caches,
    )


def can_draw(model: Model, draft: Draft) -> bool:
    """Steering and redrawing tiles are for models of the shared steps; starting from a picture is for most."""
    if draft.controls or draft.kind == "upscale":
        return model.shares_steps
    return draft.kind == "text_to_image" or model.starts_from_pictures


def upscalers(studio: Studio) -> tuple[UpscalerFile, ...]:
    """The shipped one first, then those of the models folder."""
    return upscale.available(studio.settings.models_dir)


def networks(studio: Studio, model: Model) -> tuple[str, ...]:
    """Control networks of the models folder that were made for a model of this family."""
    found = control.available(studio.settings.models_dir)
    return tuple(name for name, path in found.items() if model.shares_steps and control.fits(path, model.path))


def drawable(model: Model) -> Drawable:
    """In finished pixels."""
    width, height = model.sizes[0]
    times = model.enlarge
    return Drawable(model.min_side * times, model.max_side * times, model.multiple * times, width * height)


def fetch_model(studio: Studio, actor: Actor, model_id: str) -> None:
    """Starts the download of a model of the hub. Raises Refused for a guest."""
    require(access.fetch_models(actor))
    find_model(studio, model_id)
    studio.downloads.start(model_id)


def stop_fetching(studio: Studio, actor: Actor, model_id: str) -> None:
    """What has arrived is kept, and the next try goes on from there."""
    require(access.fetch_models(actor))
    studio.downloads.cancel(model_id)

"""Ask for pictures: check, price, queue, cancel, ask again. Nothing is drawn here; see jobs.py and finish.py."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from components.actions import history, privacy, sources
from components.actions.models import STARTER, bounds, defaults, find_model, model_name
from components.actions.requests import plain_request
from components.studio import Studio
from pipelines import adapters, embeddings, provenance
from pipelines.images import BadImage
from policies import fairness, limits, moderation, prompts
from policies.actor import Actor
from policies.draft import Draft
from policies.verdict import ALLOWED, Refused, Verdict, require
from store.gallery import Image
from store.jobs import Job

FROM_FILE = ("prompt", "negative_prompt", "steps", "guidance", "scheduler", "seed", "width", "height")
UNMEASURED = 2.0  # device seconds assumed for a picture before anything was measured


class NoSettings(BadImage):
    """A picture like any other, which does not say how it was made."""


def start(studio: Studio, actor: Actor, draft: Draft, *, quiet: bool = False) -> Job:
    """Queues the draft, or raises before anything is written. A seed of None becomes a fresh one.

    `quiet` leaves the history to the caller, who asks for many at once. Raises Refused, or Missing when a picture or
    mask that it names is not the actor's own.
    """
    draft = sources.settled(studio, actor, draft)
    checked = limits.check(draft, bounds(studio, draft))
    require(checked, moderation.prompt(draft.prompt), queue_limit(studio, actor), allowance(studio, actor))
    seeded = replace(draft, seed=secrets.randbelow(limits.SEEDS) if draft.seed is None else draft.seed)
    weight = fairness.weight_of(actor.kind, premium=is_premium(studio, actor))
    now = studio.clock()
    job = studio.stores.jobs.enqueue(actor.subject_id, seeded, cost(studio, seeded), now, weight)
    if actor.kind == "guest":
        studio.stores.allowances.note(actor.subject_id, job.id, now)
    if not quiet:
        history.remember(studio, actor, draft)
    privacy.used(studio, actor, draft.kind)
    studio.live.tell(actor.subject_id, "job", job.id)
    studio.live.wake.set()
    return job


def draft_of(studio: Studio, values: Mapping[str, Any]) -> Draft:
    """A draft from plain values: what is left out is what its model likes. Raises Refused for what is no draft."""
    model = values.get("model")
    ready = {one.id for one in studio.catalogue.list()}
    base = defaults(studio, model if isinstance(model, str) and model in ready else STARTER)
    try:
        return Draft.from_dict(base.to_dict() | dict(values))
    except (ValueError, TypeError) as error:
        raise Refused(Verdict(False, "malformed", str(error), "draft")) from None


def cancel(studio: Studio, actor: Actor, job_id: str) -> Job:
    """Ends a waiting job at once and a running one within a step. A job that has ended stays as it is."""
    job = studio.stores.jobs.cancel(actor.subject_id, job_id, studio.clock())
    if job.state == "running":
        studio.engine.cancel(job_id)
    studio.live.tell(actor.subject_id, "job", job_id)
    studio.live.wake.set()
    return job


def reproduce(studio: Studio, actor: Actor, image_id: str) -> Job:
    """The same settings and seed once more: the same pixels on the same machine."""
    image = studio.stores.gallery.get(actor.subject_id, image_id)
    return start(studio, actor, replace(image.draft, seed=image.seed, count=1))


@dataclass(frozen=True, slots=True)
class Hint:
    """Words of a prompt that a small model never saw, and how many things it knows."""

    model: str
    words: tuple[str, ...]
    known: int


def hint(studio: Studio, model_id: str, prompt: str) -> Hint | None:
    """For a gentle word when a small model is asked for what it never saw."""
    model = find_model(studio, model_id)
    learned = embeddings.named(prompt, studio.settings.models_dir)
    known = [*model.knows, *taught_words(studio, prompt), *learned]
    strange = prompts.unknown_words(prompt, known) if model.knows else ()
    return Hint(model.name, strange, len(model.knows)) if strange else None


def taught_words(studio: Studio, prompt: str) -> list[str]:
    """What the adapters of the prompt were taught as."""
    worn = adapters.split(prompt)[1]
    known = adapters.available(studio.settings.models_dir) if worn else {}  # most prompts wear none
    return [adapters.facts(known[name]).get(adapters.WORDS, "") for name, _ in worn if name in known]


def draft_from_file(studio: Studio, data: bytes) -> Draft:
    """The settings inside a picture's metadata, for a model that is here. Raises BadImage when there are none."""
    sources.within_limit(studio, data)
    found = provenance.read(data)
    if not found:
        raise NoSettings("file: no settings are inside. Expected a picture that keeps its metadata.")
    here = {model.id for model in studio.catalogue.list()}
    base = defaults(studio, found["model"] if found.get("model") in here else STARTER)
    return replace(base, **{name: found[name] for name in FROM_FILE if found.get(name) is not None})


def waiting(studio: Studio, job: Job) -> tuple[int, float | None]:
    """Jobs ahead of a queued one, and the seconds until it starts."""
    if job.state != "queued":
        return 0, None
    return studio.stores.jobs.ahead(job)


def queue_limit(studio: Studio, actor: Actor) -> Verdict:
    waiting_now = studio.stores.jobs.count_queued(actor.subject_id)
    return limits.queue(waiting_now, studio.settings.max_queued)


def allowance(studio: Studio, actor: Actor) -> Verdict:
    """Guests try the studio with a few jobs a day."""
    if actor.kind != "guest":
        return ALLOWED
    made = studio.stores.allowances.used(actor.subject_id, studio.clock() - limits.ALLOWANCE)
    return limits.allowance(made, studio.settings.guest_jobs)


def is_premium(studio: Studio, actor: Actor) -> bool:
    accounts = studio.stores.accounts
    account_id = accounts.id_of(actor.subject_id) if actor.has_account else None
    standing = accounts.standing(account_id) if account_id else None
    return standing is not None and standing.premium


def cost(studio: Studio, draft: Draft) -> float:
    """Device seconds, by what was measured so far."""
    return studio.engine.estimate(plain_request(studio, "estimate", draft)) or UNMEASURED * draft.count


def settings_of(studio: Studio, image: Image) -> dict[str, Any]:
    """What a picture's metadata says: its draft, its own seed and what decided the pixels."""
    enlarge = image.width // image.native_width if image.native_width else 1
    named = {"seed": image.seed, "model_name": model_name(studio, image.model), "enlarge": enlarge}
    return image.draft.to_dict() | named | dict(image.facts)


def text_of(studio: Studio, image: Image) -> str:
    """The same as one text, in the format that other tools read."""
    return provenance.parameters_text(settings_of(studio, image))

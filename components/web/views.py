"""The JSON that the page and the API read: jobs, pictures and the status of the machine. Writes nothing."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from components.actions import generate, moderation
from components.actions.command_line import command_of
from components.actions.models import model_name
from components.downloads import Download
from components.lessons import Taught
from components.live import JobProgress, Picture
from components.studio import Studio
from components.web.errors import error_view
from pipelines.models import Model
from policies.draft import Draft
from policies.moderation import veiled
from store.checks import RELEASED, Check
from store.gallery import Image
from store.jobs import Job


def job_view(studio: Studio, job: Job) -> dict[str, Any]:
    """A job with one entry for each of its pictures, whatever its state."""
    live = studio.live.progress(job.id) or JobProgress()
    ahead, wait = generate.waiting(studio, job)
    images = {image.index: image for image in studio.stores.gallery.of_job(job.subject_id, job.id)}
    seed = job.draft.seed or 0
    return {
        "id": job.id,
        "state": job.state,
        "kind": job.draft.kind,
        "created_at": job.created_at.isoformat(),
        "draft": draft_view(job.draft),
        "model_name": model_name(studio, job.draft.model),
        "ahead": ahead,
        "eta": wait if job.state == "queued" else live.eta,
        "phase": live.phase,
        "pictures": [
            picture_view(studio, index, seed + index, live.pictures.get(index, Picture(of=job.draft.steps)), images)
            for index in range(job.draft.count)
        ],
        "error": error_view(job.error_code, job.error_reason) if job.error_code else None,
        "series": asdict(member) if (member := studio.stores.series.of_job(job.id)) else None,
    }


def picture_view(studio: Studio, index: int, seed: int, live: Picture, images: dict[int, Image]) -> dict[str, Any]:
    preview = f"data:image/jpeg;base64,{base64.b64encode(live.preview).decode()}" if live.preview else None
    image = images.get(index)
    return {
        "index": index,
        "seed": str(seed),
        "step": live.step,
        "of": live.of,
        "preview": preview,
        "image": image_view(studio, image) if image else None,
    }


def draft_view(draft: Draft) -> dict[str, Any]:
    return draft.to_dict() | {"seed": seed_text(draft.seed)}


def seed_text(seed: int | None) -> str | None:
    """A seed leaves as text: a script would round one of 64 bits."""
    return None if seed is None else str(seed)


def image_view(studio: Studio, image: Image) -> dict[str, Any]:
    return checked_view(studio, image, studio.stores.checks.of(image.subject_id, image.id))


def images_view(studio: Studio, subject_id: str, images: Sequence[Image]) -> list[dict[str, Any]]:
    """Many at once: their checks are asked for together."""
    checks = studio.stores.checks.among(subject_id, [image.id for image in images])
    return [checked_view(studio, image, checks.get(image.id)) for image in images]


def checked_view(studio: Studio, image: Image, check: Check | None) -> dict[str, Any]:
    url, mark = f"/i/{image.id}", released(check)
    return {
        "id": image.id,
        "url": f"{url}{mark}",
        "preview": f"{url}/preview{mark}",
        "thumb": f"{url}/thumb256{mark}",
        "thumb_large": f"{url}/thumb512{mark}",
        "native": f"{url}/native{mark}" if image.native_width else None,
        "native_width": image.native_width,
        "native_height": image.native_height,
        "width": image.width,
        "height": image.height,
        "seed": str(image.seed),
        "created_at": image.created_at.isoformat(),
        "model": image.model,
        "model_name": model_name(studio, image.model),
        "prompt": image.draft.prompt,
        "draft": draft_view(image.draft),
        "parameters": generate.text_of(studio, image),
        "size_bytes": image.size_bytes,
        "kind": image.kind,
        "name": image.facts.get("file_name", ""),
        "starred": image.starred,
        "board": image.board_id,
        "tags": list(image.tags),
        "command": command_of(image.draft) if image.kind != "imported" else None,
        "flag": flag_view(studio, check),
    }


def released(check: Check | None) -> str:
    """A browser shows a picture once more from memory: one that was blurred until now needs another address."""
    return "?released" if check is not None and check.state == RELEASED else ""


def flag_view(studio: Studio, check: Check | None) -> dict[str, Any] | None:
    """Why a picture is held back, what a moderator said of it, and whether its owner can ask for another look.

    `alone`: there is nobody to ask, because its owner decides.
    """
    if check is None or not check.held:
        return None
    return {
        "label": check.label,
        "veiled": veiled(check.label),
        "state": check.state,
        "answer": moderation.answer_to(studio, check),
        "may_ask": moderation.may_ask(studio, check),
        "alone": studio.settings.home == "personal",
    }


def models_view(studio: Studio) -> list[dict[str, Any]]:
    """Every model of the catalogue; `state` is "ready", "available", "fetching" or "failed"."""
    return [model_view(model, studio.downloads.of(model.id)) for model in studio.catalogue.list()]


def model_view(model: Model, download: Download | None) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "licence": model.licence,
        "size_bytes": model.size_bytes,
        "state": download.state if download and model.state != "ready" else model.state,
        "done": download.done if download else 0,
        "total": download.total if download else 0,
        "reason": download.reason if download else "",
    }


def lesson_view(lesson: Taught | None) -> dict[str, Any]:
    """`state` is "none" when nothing was taught since the studio started."""
    return asdict(lesson) if lesson else {"state": "none"}


def status_view(studio: Studio) -> dict[str, Any]:
    status = studio.engine.status()
    return {
        "state": status.state,
        "device": status.device,
        "models": list(status.models),
        "active": status.active,
        "queued": studio.stores.jobs.count_queued(),
        "wait": studio.stores.jobs.seconds_queued(),
        "memory_used": status.memory_used,
        "memory_total": status.memory_total,
    }

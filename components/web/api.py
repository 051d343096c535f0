"""The page's own JSON routes: a thin layer over the actions. Every one acts as the visitor of the session."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, UploadFile
from pydantic import BaseModel

from components.actions import generate, notebooks, preferences
from components.actions.models import fetch_model, stop_fetching
from components.studio import Studio
from components.web.session import actor_of
from components.web.views import draft_view, job_view, models_view


class Asked(BaseModel):
    draft: dict[str, Any]


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api")
    jobs(routes, studio)
    models(routes, studio)
    helpers(routes, studio)
    return routes


def jobs(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/jobs", status_code=202)
    def start(request: Request, asked: Asked) -> dict[str, Any]:
        """Any draft, as a cell of the current notebook; what it leaves out is what its model likes."""
        job = notebooks.bench(studio, actor_of(request), generate.draft_of(studio, asked.draft))
        return job_view(studio, job)

    @routes.get("/jobs/{job_id}")
    def one(request: Request, job_id: str) -> dict[str, Any]:
        return job_view(studio, studio.stores.jobs.get(actor_of(request).subject_id, job_id))

    @routes.post("/jobs/{job_id}/cancel")
    def cancel(request: Request, job_id: str) -> dict[str, Any]:
        return job_view(studio, notebooks.cancel(studio, actor_of(request), job_id))

    @routes.post("/images/{image_id}/reproduce", status_code=202)
    def reproduce(request: Request, image_id: str) -> dict[str, Any]:
        return job_view(studio, notebooks.reproduce(studio, actor_of(request), image_id))


def models(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/models")
    def listed() -> list[dict[str, Any]]:
        return models_view(studio)

    @routes.post("/models/{model_id}/fetch", status_code=202)
    def fetch(request: Request, model_id: str) -> list[dict[str, Any]]:
        fetch_model(studio, actor_of(request), model_id)
        return models_view(studio)

    @routes.post("/models/{model_id}/cancel")
    def cancel(request: Request, model_id: str) -> list[dict[str, Any]]:
        stop_fetching(studio, actor_of(request), model_id)
        return models_view(studio)


def helpers(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/settings-from-file")
    def settings_from_file(file: Annotated[UploadFile, File()]) -> dict[str, Any]:
        limit = studio.settings.max_upload_bytes
        return {"draft": draft_view(generate.draft_from_file(studio, file.file.read(limit + 1)))}

    @routes.get("/hint")
    def hint(model: str, prompt: Annotated[str, Query(max_length=4000)] = "") -> dict[str, Any]:
        found = generate.hint(studio, model, prompt)
        return {"hint": asdict(found) if found else None}

    @routes.get("/preferences")
    def read(request: Request) -> dict[str, Any]:
        return preferences.read(studio, actor_of(request))

    @routes.put("/preferences")
    def write(request: Request, values: dict[str, Any]) -> dict[str, Any]:
        return preferences.write(studio, actor_of(request), values)

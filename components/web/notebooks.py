"""The routes of notebooks: the document, one change at a time, and running its cells. Acts as the visitor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from components.actions import notebooks, templates
from components.actions.models import model_name
from components.studio import Studio
from components.web.errors import error_view
from components.web.session import actor_of
from components.web.views import draft_view, images_view
from policies.actor import Actor
from policies.notebook import Cell, cell_to_dict
from store.notebook_views import Kept, StaleWrite


class Started(BaseModel):
    template: str = Field("empty", max_length=40)
    language: str = Field("en", max_length=8)


class Changed(BaseModel):
    """One operation on the version that the page saw. Changes in a row with one gesture are undone as one."""

    version: int
    change: dict[str, Any]
    gesture: str = Field("", max_length=64)


class Ran(BaseModel):
    """`from`: the cell and all that follow; without a cell: everything that is stale."""

    cell: str | None = None
    onward: bool = False


class Stopped(BaseModel):
    cell: str | None = None


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api/notebooks")
    shelf(routes, studio)
    document(routes, studio)
    running(routes, studio)
    return routes


def shelf(routes: APIRouter, studio: Studio) -> None:
    @routes.get("")
    def listed(request: Request) -> dict[str, Any]:
        actor = actor_of(request)
        return {
            "notebooks": [
                {
                    "id": entry.id,
                    "title": entry.title,
                    "cells": entry.cells,
                    "changed_at": entry.changed_at.isoformat(),
                }
                for entry in notebooks.listed(studio, actor)
            ],
            "current": studio.stores.notebooks.current(actor.subject_id),
            "templates": list(templates.TEMPLATES),
        }

    @routes.post("", status_code=201)
    def create(request: Request, started: Started) -> dict[str, Any]:
        return notebook_view(studio, notebooks.create(studio, actor_of(request), started.template, started.language))

    @routes.get("/current")
    def current(request: Request) -> dict[str, Any] | None:
        """With its pictures; null before the first run."""
        kept = notebooks.current(studio, actor_of(request))
        return full_view(studio, kept) if kept else None

    @routes.post("/{notebook_id}/open")
    def opened(request: Request, notebook_id: str, pictures: Annotated[bool, Query()] = True) -> dict[str, Any]:
        """Makes it the current one: runs of the benches go there."""
        kept = notebooks.open_notebook(studio, actor_of(request), notebook_id)
        return full_view(studio, kept) if pictures else notebook_view(studio, kept)

    @routes.delete("/{notebook_id}")
    def delete(request: Request, notebook_id: str) -> dict[str, Any]:
        notebooks.delete(studio, actor_of(request), notebook_id)
        return {"deleted": notebook_id}

    @routes.post("/{notebook_id}/restore")
    def restore(request: Request, notebook_id: str) -> dict[str, Any]:
        return notebook_view(studio, notebooks.restore(studio, actor_of(request), notebook_id))


def document(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/{notebook_id}")
    def one(request: Request, notebook_id: str, pictures: Annotated[bool, Query()] = True) -> dict[str, Any]:
        kept = notebooks.get(studio, actor_of(request), notebook_id)
        return full_view(studio, kept) if pictures else notebook_view(studio, kept)

    @routes.post("/{notebook_id}/changes", response_model=None)
    def change(request: Request, notebook_id: str, changed: Changed) -> dict[str, Any] | JSONResponse:
        """409 with the newer document when the page saw an older one: nothing was written."""
        try:
            kept = notebooks.change(
                studio, actor_of(request), notebook_id, changed.version, changed.change, changed.gesture
            )
        except StaleWrite as stale:
            error = error_view("notebook_stale", str(stale))
            return JSONResponse({"error": error, "notebook": notebook_view(studio, stale.newest)}, 409)
        return notebook_view(studio, kept)


def running(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/{notebook_id}/run", status_code=202)
    def run(request: Request, notebook_id: str, ran: Ran) -> dict[str, Any]:
        return notebook_view(studio, how(ran)(studio, actor_of(request), notebook_id))

    @routes.post("/{notebook_id}/stop")
    def stop(request: Request, notebook_id: str, stopped: Stopped) -> dict[str, Any]:
        return notebook_view(studio, notebooks.stop(studio, actor_of(request), notebook_id, stopped.cell))

    def how(ran: Ran) -> Callable[[Studio, Actor, str], Kept]:
        cell = ran.cell
        if cell is None:
            return notebooks.run_stale
        what = notebooks.run_from if ran.onward else notebooks.run
        return lambda studio, actor, notebook_id: what(studio, actor, notebook_id, cell)


def notebook_view(studio: Studio, kept: Kept) -> dict[str, Any]:
    return {
        "id": kept.id,
        "version": kept.version,
        "title": kept.document.title,
        "changed_at": kept.changed_at.isoformat(),
        "can_undo": kept.can_undo,
        "can_redo": kept.can_redo,
        "cells": [cell_view(studio, kept, cell) for cell in kept.document],
    }


def cell_view(studio: Studio, kept: Kept, cell: Cell) -> dict[str, Any]:
    """What is written in it, and `state`, `planned` and its last `job`, which the event stream tells about."""
    values = cell_to_dict(cell) | {
        "state": cell.state,
        "planned": cell.id in kept.planned,
        "job": kept.jobs.get(cell.id),
        "series_id": kept.series.get(cell.id) or None,
        "outputs": [{"image": output.image, "seed": str(output.seed)} for output in cell.outputs],
        "inputs": {name: {"cell": r.cell, "output": r.output} for name, r in cell.inputs.items()},
        "folded": cell.folded,
    }
    values.pop("made", None)
    refusal = notebooks.refusal(kept, cell.id)
    if refusal is not None and cell.state in ("stale", "failed"):
        values["refused"] = error_view(refusal.code, refusal.reason, refusal.field)
    if cell.draft is not None:
        values["draft"] = draft_view(cell.draft)
        values["model_name"] = model_name(studio, cell.draft.model)
    return values


def full_view(studio: Studio, kept: Kept) -> dict[str, Any]:
    """With every picture that it shows, by id."""
    shown = {output.image for cell in kept.document for output in cell.outputs if not output.gone}
    images = studio.stores.gallery.some(kept.subject_id, sorted(shown))  # without those deleted this very moment
    pictures = {view["id"]: view for view in images_view(studio, kept.subject_id, images)}
    return notebook_view(studio, kept) | {"pictures": pictures}

"""Routes of notebooks as files: download in four forms, and a new notebook from one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Request, Response, UploadFile

from components.actions import exports
from components.studio import Studio
from components.web.images import PRIVATE
from components.web.session import actor_of


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api/notebooks")

    @routes.get("/{notebook_id}/export")
    def export(request: Request, notebook_id: str, format: Literal["ipynb", "py", "json", "zip"] = "ipynb") -> Response:
        file = exports.export(studio, actor_of(request), notebook_id, format)
        named = {"content-disposition": f'attachment; filename="{file.name}"'}
        return Response(file.data, media_type=file.media_type, headers=PRIVATE | named)

    @routes.post("/import", status_code=201)
    def read(request: Request, file: Annotated[UploadFile, File()]) -> dict[str, Any]:
        limit = max(exports.MOST_TEXT, studio.settings.max_upload_bytes)
        kept = exports.read(studio, actor_of(request), file.file.read(limit + 1))
        return {"id": kept.id, "title": kept.document.title, "cells": len(kept.document.cells)}

    return routes

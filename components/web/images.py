"""The only way a picture leaves the studio: decrypted in memory, for its owner alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Query, Request, Response

from components.actions import gallery
from components.studio import Studio
from components.web.session import actor_of

MEDIA = {"full": "image/png", "native": "image/png", "thumb256": "image/webp", "thumb512": "image/webp"}

# Kept by this person's browser alone, and asked about each time: a deleted picture is gone at once.
PRIVATE = {"cache-control": "private, no-cache", "vary": "cookie"}

Variant = Literal["full", "native", "thumb256", "thumb512"]


def router(studio: Studio) -> APIRouter:
    routes = APIRouter()

    @routes.get("/i/{image_id}/download")
    def download(
        request: Request,
        image_id: str,
        format: Literal["png", "jpeg", "webp"] = "png",
        size: Literal["full", "native"] = "full",
        metadata: bool = Query(True),
    ) -> Response:
        file = gallery.download(studio, actor_of(request), image_id, format=format, size=size, metadata=metadata)
        named = {"content-disposition": f'attachment; filename="{file.name}"'}
        return Response(file.data, media_type=file.media_type, headers=PRIVATE | named)

    @routes.get("/i/{image_id}")
    def full(request: Request, image_id: str) -> Response:
        return shown(request, image_id, "full")

    @routes.get("/i/{image_id}/{variant}")
    def variant(request: Request, image_id: str, variant: Variant) -> Response:
        return shown(request, image_id, variant)

    def shown(request: Request, image_id: str, variant: Variant) -> Response:
        actor = actor_of(request)
        gallery.require_image(studio, actor, image_id)
        return answer(
            request, f"{image_id}-{variant}", MEDIA[variant], lambda: gallery.read(studio, actor, image_id, variant)
        )

    return routes


def answer(request: Request, version: str, media_type: str, read: Callable[[], bytes]) -> Response:
    """The bytes of a picture for its owner's browser, or word that the copy there is still the same."""
    headers = PRIVATE | {"etag": f'"{version}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(read(), media_type=media_type, headers=headers)

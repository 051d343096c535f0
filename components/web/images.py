"""The only way a picture leaves the studio: decrypted in memory, for its owner alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, Query, Request, Response

from components.actions import gallery, moderation
from components.studio import Studio
from components.web.session import actor_of
from policies import devices

MEDIA = {"full": "image/png", "native": "image/png"} | dict.fromkeys(gallery.THUMBNAILS, "image/webp")

# Kept by this person's browser alone, and asked about each time: a deleted picture is gone at once.
PRIVATE = {"cache-control": "private, no-cache", "vary": "cookie"}

Variant = Literal["full", "native", "thumb256", "thumb512", "preview"]


def router(studio: Studio) -> APIRouter:
    routes = APIRouter()

    @routes.get("/i/{image_id}/download")
    def download(
        request: Request,
        image_id: str,
        format: Literal["png", "jpeg", "webp"] = "png",
        size: Literal["full", "native"] = "full",
        metadata: bool = Query(True),
        signed: bool = Query(True),
    ) -> Response:
        """`metadata` off leaves the settings out, `signed` off the word and the signature that AI made it."""
        actor = actor_of(request)
        file = gallery.download(
            studio, actor, image_id, format=format, size=size, metadata=metadata, signed=signed
        )
        named = {"content-disposition": f'attachment; filename="{file.name}"'}
        return Response(file.data, media_type=file.media_type, headers=PRIVATE | named)

    @routes.get("/i/{image_id}")
    def full(request: Request, image_id: str) -> Response:
        return shown(request, image_id, "full")

    @routes.get("/i/{image_id}/preview")
    def preview(request: Request, image_id: str) -> Response:
        """For looking at on a large or fine screen; a smaller one where every byte counts."""
        answer = shown(request, image_id, "thumb512" if devices.saving(request.headers) else "preview")
        answer.headers["vary"] = "cookie, save-data"
        return answer

    @routes.get("/i/{image_id}/{variant}")
    def variant(request: Request, image_id: str, variant: Variant) -> Response:
        return shown(request, image_id, variant)

    def shown(request: Request, image_id: str, variant: Variant) -> Response:
        actor = actor_of(request)
        gallery.require_image(studio, actor, image_id)
        veil = "-veiled" if moderation.veiled(studio, actor.subject_id, image_id) else ""
        version = f"{image_id}-{variant}{veil}"
        return answer(request, version, MEDIA[variant], lambda: gallery.read(studio, actor, image_id, variant))

    return routes


def answer(request: Request, version: str, media_type: str, read: Callable[[], bytes]) -> Response:
    """The bytes of a picture for its owner's browser, or word that the copy there is still the same."""
    headers = PRIVATE | {"etag": f'"{version}"'}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    return Response(read(), media_type=media_type, headers=headers)

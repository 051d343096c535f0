"""Pictures that a visitor brings and masks that they paint: kept, shown and taken back, for their owner alone."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from pydantic import BaseModel, Field

from components.actions import editing, requests, sources
from components.studio import Studio
from components.web.images import PRIVATE, answer
from components.web.session import actor_of
from components.web.views import flag_view, released
from pipelines import images
from pipelines.maps import MAPS
from policies import limits
from policies.verdict import require
from store.inputs import Input

Kind = Literal["upload", "mask"]


class Preview(BaseModel):
    """What a control network would see of a picture."""

    map: str
    image: str = Field(max_length=64)
    width: int = 512
    height: int = 512


def router(studio: Studio) -> APIRouter:
    routes = APIRouter()
    kept(routes, studio)
    shown(routes, studio)
    return routes


def kept(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/api/inputs", status_code=201)
    def bring(
        request: Request,
        file: Annotated[UploadFile, File()],
        kind: Annotated[Kind, Form()] = "upload",
        image: Annotated[str, Form(max_length=64)] = "",
        mask: Annotated[str, Form(max_length=64)] = "",
    ) -> dict[str, Any]:
        """A picture; or the mask of the picture `image`, painted further than `mask` if that is given."""
        data = file.file.read(studio.settings.max_upload_bytes + 1)
        return input_view(studio, sources.upload(studio, actor_of(request), data, kind, image, mask))

    @routes.get("/api/inputs/{input_id}")
    def one(request: Request, input_id: str) -> dict[str, Any]:
        return input_view(studio, sources.brought(studio, actor_of(request), input_id))

    @routes.delete("/api/inputs/{input_id}", status_code=204)
    def take_back(request: Request, input_id: str) -> Response:
        sources.take_back(studio, actor_of(request), input_id)
        return Response(status_code=204)

    @routes.get("/api/sources/{picture_id}")
    def source(request: Request, picture_id: str) -> dict[str, Any]:
        """A picture to start from, of the gallery or brought along."""
        subject_id = actor_of(request).subject_id
        found = sources.find(studio, subject_id, picture_id)
        size = {"width": found.width, "height": found.height}
        check = studio.stores.checks.of(subject_id, found.id)
        url = f"/sources/{found.id}{released(check)}"
        return {"id": found.id, "url": url, **size, "prompt": found.prompt, "flag": flag_view(studio, check)}


def shown(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/inputs/{input_id}")
    def full(request: Request, input_id: str) -> Response:
        actor = actor_of(request)
        found = sources.brought(studio, actor, input_id)
        data = sources.shown(studio, actor.subject_id, found.id)
        return Response(data, media_type="image/png", headers=PRIVATE)

    @routes.get("/sources/{picture_id}")
    @routes.get("/sources/{picture_id}/{variant}")
    def source(request: Request, picture_id: str, variant: Literal["full", "thumb512"] = "full") -> Response:
        subject_id = actor_of(request).subject_id
        found = sources.find(studio, subject_id, picture_id)
        media = "image/png" if variant == "full" else "image/webp"
        veil = "-veiled" if sources.veiled(studio, subject_id, found.id) else ""
        tag = f"{found.id}-{variant}{veil}"
        return answer(request, tag, media, lambda: sources.shown(studio, subject_id, found.id, variant))

    @routes.get("/api/editing")
    def offers(request: Request) -> dict[str, Any]:
        return editing.offers(studio, actor_of(request))

    @routes.post("/api/control/preview")
    def preview(request: Request, wanted: Preview) -> Response:
        require(limits.one_of("map", wanted.map, tuple(MAPS)))
        for field in ("width", "height"):
            require(limits.whole(field, getattr(wanted, field), 64, 2048))
        actor, size = actor_of(request), (wanted.width, wanted.height)
        source = sources.free(studio, actor, wanted.image)
        pixels = requests.map_of(studio, actor.subject_id, source.id, wanted.map, size)
        return Response(images.png(pixels), media_type="image/png", headers=PRIVATE)


def input_view(studio: Studio, found: Input) -> dict[str, Any]:
    return {
        "id": found.id,
        "kind": found.kind,
        "url": f"/inputs/{found.id}",
        "width": found.width,
        "height": found.height,
        "size_bytes": found.size_bytes,
        "flag": flag_view(studio, studio.stores.checks.of(found.subject_id, found.id)),
    }

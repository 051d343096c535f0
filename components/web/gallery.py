"""The gallery's JSON routes: a thin layer over the actions. Every one acts as the visitor of the session."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from components.actions import exporting, gallery, importing
from components.studio import Studio
from components.web import ranges
from components.web.session import actor_of
from components.web.views import image_view, images_view
from pipelines.images import Format
from policies.search import Order
from store.boards import Board
from store.exports import Export
from store.search import Listing
from store.tags import Tag

MOST = 10_000  # pictures that one call may name

Ids = Annotated[list[str], Field(min_length=1, max_length=MOST)]


class Chosen(BaseModel):
    ids: Ids


class Starred(Chosen):
    starred: bool


class Tagged(Chosen):
    tag: str = Field(max_length=200)
    present: bool


class Moved(Chosen):
    board: str | None


class Titled(BaseModel):
    title: str = Field(max_length=200)


class Renamed(BaseModel):
    """A name that another tag has is refused, unless the two are to become one."""

    name: str = Field(max_length=200)
    merge: bool = False


class Wanted(BaseModel):
    """Pictures by their ids, or everything that a search finds; an empty search finds all."""

    ids: Ids | None = None
    q: str = Field("", max_length=1000)
    sort: Order = "newest"
    zone: str = Field("UTC", max_length=64)
    format: Format = "png"
    metadata: bool = True


class Changed(BaseModel):
    """What is left out stays as it is; a cover of None is the newest picture again."""

    title: str | None = Field(None, max_length=200)
    cover: str | None = None


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api")
    reading(routes, studio)
    deleting(routes, studio)
    sorting(routes, studio)
    boards(routes, studio)
    exporting_routes(routes, studio)
    importing_routes(routes, studio)
    return routes


def listed(
    q: Annotated[str, Query(max_length=1000)] = "",
    sort: Order = "newest",
    zone: Annotated[str, Query(max_length=64)] = "UTC",
) -> Listing:
    return gallery.listing(q, sort, zone)


Listed = Annotated[Listing, Depends(listed)]


def reading(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/images")
    def page(
        request: Request,
        shown: Listed,
        before: Annotated[str | None, Query(max_length=100)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 48,
    ) -> dict[str, Any]:
        actor = actor_of(request)
        found, cursor = gallery.page(studio, actor, shown, before=before, limit=limit)
        return {"images": images_view(studio, actor.subject_id, found), "next": cursor}

    @routes.get("/images/{image_id}")
    def one(request: Request, image_id: str) -> dict[str, Any]:
        return image_view(studio, gallery.get(studio, actor_of(request), image_id))

    @routes.get("/images/{image_id}/around")
    def around(request: Request, image_id: str, shown: Listed) -> dict[str, Any]:
        before, after = gallery.around(studio, actor_of(request), image_id, shown)
        return {"before": before and image_view(studio, before), "after": after and image_view(studio, after)}


def deleting(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/images/delete")
    def delete(request: Request, chosen: Chosen) -> dict[str, Any]:
        return {"deleted": gallery.delete(studio, actor_of(request), chosen.ids)}

    @routes.post("/images/discard")
    def discard(request: Request, chosen: Chosen) -> dict[str, Any]:
        gone = gallery.discard(studio, actor_of(request), chosen.ids)
        return {"discarded": gone, "seconds": gallery.GRACE.total_seconds()}

    @routes.post("/images/restore")
    def restore(request: Request, chosen: Chosen) -> dict[str, Any]:
        return {"restored": gallery.restore(studio, actor_of(request), chosen.ids)}


def sorting(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/images/star")
    def star(request: Request, chosen: Starred) -> dict[str, Any]:
        return {"changed": gallery.star(studio, actor_of(request), chosen.ids, chosen.starred)}

    @routes.post("/images/tag")
    def tag(request: Request, chosen: Tagged) -> dict[str, Any]:
        changed, spelt = gallery.tag(studio, actor_of(request), chosen.ids, chosen.tag, chosen.present)
        return {"changed": changed, "tag": spelt}

    @routes.post("/images/move")
    def move(request: Request, chosen: Moved) -> dict[str, Any]:
        return {"moved": gallery.move(studio, actor_of(request), chosen.ids, chosen.board)}

    @routes.get("/tags")
    def tags(request: Request) -> list[dict[str, Any]]:
        return [tag_view(tag) for tag in gallery.tags(studio, actor_of(request))]

    @routes.patch("/tags/{tag_id}")
    def rename(request: Request, tag_id: str, wanted: Renamed) -> dict[str, Any]:
        return tag_view(gallery.rename_tag(studio, actor_of(request), tag_id, wanted.name, wanted.merge))

    @routes.delete("/tags/{tag_id}")
    def delete(request: Request, tag_id: str) -> dict[str, Any]:
        return {"freed": gallery.delete_tag(studio, actor_of(request), tag_id)}


def boards(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/boards")
    def listed(request: Request) -> list[dict[str, Any]]:
        return [board_view(board) for board in gallery.boards(studio, actor_of(request))]

    @routes.post("/boards", status_code=201)
    def add(request: Request, wanted: Titled) -> dict[str, Any]:
        return board_view(gallery.add_board(studio, actor_of(request), wanted.title))

    @routes.patch("/boards/{board_id}")
    def change(request: Request, board_id: str, wanted: Changed) -> dict[str, Any]:
        actor, given = actor_of(request), wanted.model_fields_set
        board = gallery.get_board(studio, actor, board_id)
        if wanted.title is not None:
            board = gallery.rename_board(studio, actor, board_id, wanted.title)
        if "cover" in given:
            board = gallery.set_cover(studio, actor, board_id, wanted.cover)
        return board_view(board)

    @routes.delete("/boards/{board_id}")
    def delete(request: Request, board_id: str) -> dict[str, Any]:
        return {"freed": gallery.delete_board(studio, actor_of(request), board_id)}


def exporting_routes(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/exports", status_code=201)
    def prepare(request: Request, wanted: Wanted) -> dict[str, Any]:
        packing = exporting.Packing(wanted.format, wanted.metadata)
        listing = gallery.listing(wanted.q, wanted.sort, wanted.zone)
        return export_view(exporting.prepare(studio, actor_of(request), packing, ids=wanted.ids, listing=listing))

    @routes.get("/exports/{export_id}")
    def one(request: Request, export_id: str) -> dict[str, Any]:
        return export_view(exporting.get(studio, actor_of(request), export_id))

    @routes.get("/exports/{export_id}/{number}.zip")
    def part(request: Request, export_id: str, number: int) -> Response:
        """Whole, or from where an interrupted download stopped."""
        found = exporting.part(studio, actor_of(request), export_id, number)
        headers = {
            "content-disposition": f'attachment; filename="pixcosmos-{export_id[:8]}-{number}.zip"',
            "accept-ranges": "bytes",
            "etag": f'"{found.tag}"',
            "cache-control": "private, no-store",
        }
        if stretch := ranges.asked(request, headers["etag"], blind=found.alone):
            return ranges.answer(stretch, headers, found.size(), found.read)
        return StreamingResponse(found.read(), media_type="application/zip", headers=headers)


def importing_routes(routes: APIRouter, studio: Studio) -> None:
    @routes.post("/imports")
    def bring(request: Request, file: Annotated[UploadFile, File()]) -> dict[str, Any]:
        """A picture or a ZIP of them; says what became of each."""
        data = file.file.read(studio.settings.max_upload_bytes + 1)
        brought = importing.bring(studio, actor_of(request), file.filename or "", data)
        return {"brought": [asdict(one) for one in brought]}


def export_view(export: Export) -> dict[str, Any]:
    """The parts are fetched one by one; one that broke off is fetched again alone."""
    parts = [
        {"url": f"/api/exports/{export.id}/{number}.zip", "pictures": len(ids)}
        for number, ids in enumerate(exporting.parts(export), 1)
    ]
    return {
        "id": export.id,
        "pictures": len(export.ids),
        "expires_at": export.expires_at.isoformat(),
        "parts": parts,
    }


def tag_view(tag: Tag) -> dict[str, Any]:
    return {"id": tag.id, "name": tag.name, "pictures": tag.pictures}


def board_view(board: Board) -> dict[str, Any]:
    cover = f"/i/{board.cover_id}/thumb256" if board.cover_id else None
    return {"id": board.id, "title": board.title, "pictures": board.pictures, "cover": cover}

"""The owner's side of public links: publish, look first, list, take back; and appeals against the scan."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from components.actions import gallery, moderation, review, sharing, sharing_notebooks
from components.studio import Studio
from components.web.html import page
from components.web.session import actor_of
from components.web.showcase import KINDS, site_of
from components.web.views import flag_view
from policies.sharing import Options
from store.reports import Report
from store.shares import Share

DAY = timedelta(days=1)


class Wish(BaseModel):
    """Of a picture, or else of a notebook."""

    image: str = Field("", max_length=32)
    notebook: str = Field("", max_length=32)
    title: str = Field("", max_length=500)
    pseudonym: str = Field("", max_length=500)
    prompt: bool = False
    metadata: bool = False
    remix: bool = False
    notes: bool = False
    listed: bool = False
    days: int = 0
    password: str = Field("", max_length=500)
    agreed: bool = False

    def options(self) -> Options:
        return Options(**self.model_dump(exclude={"image", "notebook"}))


class Appeal(BaseModel):
    note: str = Field("", max_length=1000)


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api")

    @routes.get("/shares")
    def mine(request: Request) -> dict[str, Any]:
        actor = actor_of(request)
        shares = sharing.mine(studio, actor)
        return {
            "shares": [share_view(request, share) for share in shares],
            "reach": reach(studio),
            "taken_down": [taken_view(report, said) for report, said in review.taken_down(studio, actor)],
        }

    @routes.post("/shares", status_code=201)
    def publish(request: Request, wish: Wish) -> dict[str, Any]:
        locale = request.headers.get("accept-language", "").partition(",")[0]
        actor, options = actor_of(request), wish.options()
        if wish.notebook:
            share = sharing_notebooks.publish(studio, actor, wish.notebook, options, locale)
        else:
            share = sharing.publish(studio, actor, wish.image, options, locale)
        return share_view(request, share)

    @routes.post("/shares/{share_id}/take-back")
    def take_back(request: Request, share_id: str) -> dict[str, Any]:
        sharing.take_back(studio, actor_of(request), share_id)
        return {}

    @routes.get("/shares/preview")
    def preview(request: Request, wish: Annotated[Wish, Query()]) -> Response:
        """The public page as it would be, for its owner alone; nothing is published."""
        if wish.notebook:
            said, pictures = sharing_notebooks.preview(studio, actor_of(request), wish.notebook, wish.options())
            files = {number: f"/i/{image.id}/thumb512" for number, image in pictures.items()}
            first = next(iter(files.values()), "")
            return draft_page(studio, request, wish, said, first, files)
        image = gallery.get(studio, actor_of(request), wish.image)
        return draft_page(studio, request, wish, sharing.card(studio, image, wish.options()), f"/i/{image.id}", {})

    @routes.post("/images/{image_id}/appeal")
    def appeal(request: Request, image_id: str, body: Appeal) -> dict[str, Any]:
        actor = actor_of(request)
        return {"flag": flag_view(studio, moderation.appeal(studio, actor, image_id, body.note))}

    return routes


def draft_page(
    studio: Studio, request: Request, wish: Wish, said: dict[str, Any], shown: str, files: dict[int, str]
) -> Response:
    """The page of a link that is not there yet."""
    values: dict[str, Any] = {
        "card": said,
        "title": sharing.title_of(said),
        "views": 0,
        "published": studio.clock(),
        "image": shown,
        "preview": shown,
        "thumb": shown if files else f"{shown}/thumb512",
        "files": files,
        "large": files,
        "remix": "#",
        "guarded": bool(wish.password),
        "places": [],
        "frame": "",
        "listed": wish.listed,
        "draft": True,
        "kinds": KINDS,
        "token": "",
        "site": site_of(request),
        "link": site_of(request),
    }
    name = "notebook" if wish.notebook else "picture"
    return page(request, name, ancestors="'self'", headers={"cache-control": "no-store"}, **values)


def share_view(request: Request, share: Share) -> dict[str, Any]:
    card, cover = share.card, share.image_id or next(iter(share.pictures.values()), "")
    return {
        "id": share.id,
        "image": share.image_id,
        "notebook": share.notebook_id,
        "pictures": len(share.pictures),
        "thumb": f"/i/{cover}/thumb512" if cover else None,
        "link": f"{site_of(request)}/s/{share.token}",
        "title": sharing.title_of(card),
        "options": {
            "title": card["title"],
            "pseudonym": card["pseudonym"],
            "prompt": bool(card["prompt"] or card.get("prompts")),
            "metadata": card["metadata"],
            "remix": bool(card["settings"] or card.get("document")),
            "notes": bool(card.get("notes")),
            "listed": share.listed,
            "days": round((share.expires_at - share.created_at) / DAY) if share.expires_at else 0,
        },
        "width": card["width"],
        "height": card["height"],
        "guarded": bool(share.password_hash),
        "views": share.views,
        "created_at": share.created_at.isoformat(),
        "expires_at": share.expires_at.isoformat() if share.expires_at else None,
    }


def taken_view(report: Report, said: str) -> dict[str, Any]:
    return {
        "id": report.id,
        "image": report.image_id,
        "reason": report.reason,
        "answer": said,
        "at": report.decided_at.isoformat() if report.decided_at else None,
    }


def reach(studio: Studio) -> str:
    """Who can open a link: "machine", "network" or "internet". Said plainly before anything is published."""
    settings = studio.settings
    if settings.home != "personal" or settings.public_url:
        return "internet"
    return "machine" if settings.host in ("127.0.0.1", "localhost", "::1") else "network"

"""The JSON routes behind the sections of privacy: what is known, choices, downloads, deletion, messages."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, StringConstraints

from components.actions import choices as chosen
from components.actions import leaving, privacy, sharing, signing_in, taking_out
from components.studio import Studio
from components.web import ranges
from components.web.html import language_of
from components.web.session import actor_of, session_of
from components.words import of_data
from policies import data_map
from policies.privacy import PURPOSES
from policies.retention import COOLING_OFF
from store.erasures import Erasure
from store.takeouts import Takeout
from store.tickets import Ticket


class Choice(BaseModel):
    purpose: str
    given: bool
    locale: Annotated[str, StringConstraints(max_length=35)] = ""


class Note(BaseModel):
    kind: str
    subject: Annotated[str, StringConstraints(max_length=1000)]
    text: Annotated[str, StringConstraints(max_length=20_000)]


class Wait(BaseModel):
    days: int


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api/privacy")
    known(routes, studio)
    choices(routes, studio)
    downloads(routes, studio)
    deletion(routes, studio)
    messages(routes, studio)
    return routes


def known(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/data")
    def mine(request: Request) -> dict[str, Any]:
        actor = actor_of(request)
        tables = privacy.my_data(studio, actor, language_of(request))
        return {"tables": tables, "staff_reads": privacy.staff_reads(studio, actor)}

    @routes.get("/schema")
    def schema() -> dict[str, Any]:
        return data_map.schema()

    @routes.get("/notices")
    def notices(request: Request) -> list[dict[str, Any]]:
        found = privacy.notices(studio, actor_of(request))
        return [{"id": one.id, "kind": one.kind, "facts": dict(one.facts), "at": one.at.isoformat()} for one in found]

    @routes.post("/notices/{notice_id}/read")
    def read(request: Request, notice_id: str) -> dict[str, bool]:
        privacy.read_notice(studio, actor_of(request), notice_id)
        return {"read": True}


def choices(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/choices")
    def all(request: Request) -> dict[str, Any]:
        actor = actor_of(request)
        now, fresh = privacy.switches(studio, actor), privacy.new_uses(studio, actor)
        return {
            "purposes": [
                {"id": one.id, "asks": one.asks, "on": now[one.id], "new": one.id in fresh} for one in PURPOSES
            ],
            "receipts": privacy.all_receipts(studio, actor),
            "signal": request.headers.get("sec-gpc") == "1",
            "counted": studio.settings.home != "personal",
        }

    @routes.put("/choices")
    def choose(request: Request, choice: Choice, later: BackgroundTasks) -> dict[str, Any]:
        actor = actor_of(request)
        chosen.choose(studio, actor, choice.purpose, choice.given, choice.locale)
        later.add_task(sharing.renew, studio, actor.subject_id)  # what is public says so too
        return all(request)


def downloads(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/exports")
    def listed(request: Request) -> list[dict[str, Any]]:
        return [export_view(one) for one in taking_out.listed(studio, actor_of(request))]

    @routes.post("/exports", status_code=202)
    def ask(request: Request) -> dict[str, Any]:
        confirmed(studio, request)
        return export_view(taking_out.ask(studio, actor_of(request)))

    @routes.get("/exports/{export_id}/file")
    def file(request: Request, export_id: str) -> Response:
        """Whole, or from where an interrupted download stopped."""
        confirmed(studio, request)
        export = taking_out.ready(studio, actor_of(request), export_id)
        headers = {
            "content-disposition": f'attachment; filename="pixcosmos-{export.created_at:%Y-%m-%d}.zip"',
            "accept-ranges": "bytes",
            "etag": f'"{export.digest}"',
            "cache-control": "private, no-store",
        }
        takeouts = studio.stores.takeouts
        if stretch := ranges.asked(request, headers["etag"]):
            return ranges.answer(stretch, headers, export.size_bytes, partial(takeouts.read, export))
        whole = headers | {"content-length": str(export.size_bytes)}
        return StreamingResponse(takeouts.read(export), media_type="application/zip", headers=whole)


def deletion(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/deletion")
    def state(request: Request) -> dict[str, Any]:
        return deletion_view(leaving.waiting(studio, actor_of(request)), language_of(request))

    @routes.post("/deletion", status_code=202)
    def ask(request: Request, wait: Wait) -> dict[str, Any]:
        confirmed(studio, request)
        return deletion_view(leaving.ask(studio, actor_of(request), wait.days), language_of(request))

    @routes.post("/deletion/cancel")
    def cancel(request: Request) -> dict[str, Any]:
        leaving.cancel(studio, actor_of(request))
        return deletion_view(None, language_of(request))


def messages(routes: APIRouter, studio: Studio) -> None:
    @routes.get("/messages")
    def listed(request: Request) -> list[dict[str, Any]]:
        return [ticket_view(one) for one in privacy.messages(studio, actor_of(request))]

    @routes.post("/messages", status_code=201)
    def write(request: Request, note: Note) -> dict[str, Any]:
        return ticket_view(privacy.write_to_us(studio, actor_of(request), note.kind, note.subject, note.text))


def confirmed(studio: Studio, request: Request) -> None:
    """Whoever has a password gave it a short while ago. Raises Refused."""
    if session_of(request) is not None:
        signing_in.require_confirmed(studio, actor_of(request), session_of(request))


def export_view(export: Takeout) -> dict[str, Any]:
    return {
        "id": export.id,
        "state": export.state,
        "created_at": export.created_at.isoformat(),
        "expires_at": export.expires_at.isoformat() if export.expires_at else None,
        "size_bytes": export.size_bytes,
        "digest": export.digest,
        "url": f"/api/privacy/exports/{export.id}/file" if export.state == "ready" else None,
    }


def deletion_view(erasure: Erasure | None, language: str) -> dict[str, Any]:
    if erasure is None:
        return {"state": "none", "most_days": COOLING_OFF.days}
    return receipt_view(erasure, language) | {"most_days": COOLING_OFF.days}


def receipt_view(erasure: Erasure, language: str) -> dict[str, Any]:
    return {
        "state": erasure.state,
        "receipt": erasure.receipt,
        "step": erasure.step,
        "requested_at": erasure.requested_at.isoformat(),
        "due_at": erasure.due_at.isoformat(),
        "verified_at": erasure.verified_at.isoformat() if erasure.verified_at else None,
        "found": dict(erasure.found),
        "kept": [
            {"title": of_data(table.title, language), "because": of_data(table.kept_because, language)}
            for table in data_map.TABLES
            if table.erase == "kept"
        ],
    }


def ticket_view(ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "kind": ticket.kind,
        "state": ticket.state,
        "created_at": ticket.created_at.isoformat(),
        "due_at": ticket.due_at.isoformat() if ticket.due_at else None,
        "messages": [
            {"subject": one.subject, "text": one.text, "at": one.at.isoformat()} for one in ticket.messages
        ],
        "answer": ticket.answer,
        "extended": ticket.extended,
    }

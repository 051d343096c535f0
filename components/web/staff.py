"""The JSON routes of the people who run the studio: what waits for an answer, and the end of a child's account."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, StringConstraints

from components.actions import leaving, support
from components.studio import Studio
from components.web.html import language_of
from components.web.privacy_api import confirmed, receipt_view, ticket_view
from components.web.session import actor_of
from store.tickets import Waiting

Line = Annotated[str, StringConstraints(max_length=1000)]
Text = Annotated[str, StringConstraints(max_length=20_000)]


class Why(BaseModel):
    reason: Text


class Answer(BaseModel):
    text: Text


class Letter(BaseModel):
    email: Line
    subject: Line
    text: Text


class Child(BaseModel):
    email: Line
    reason: Text


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api/staff")

    @routes.get("/tickets")
    def waiting(request: Request) -> list[dict[str, Any]]:
        return [waiting_view(one, studio.clock()) for one in support.waiting(studio, actor_of(request))]

    @routes.post("/tickets", status_code=201)
    def enter(request: Request, letter: Letter) -> dict[str, Any]:
        entered = support.enter(studio, actor_of(request), letter.email, letter.subject, letter.text)
        return waiting_view(entered, studio.clock())

    @routes.post("/tickets/{ticket_id}/look")
    def look(request: Request, ticket_id: str, why: Why) -> dict[str, Any]:
        return ticket_view(support.look(studio, actor_of(request), ticket_id, why.reason))

    @routes.post("/tickets/{ticket_id}/answer")
    def answer(request: Request, ticket_id: str, answer: Answer) -> dict[str, Any]:
        support.answer(studio, actor_of(request), ticket_id, answer.text)
        return {}

    @routes.post("/tickets/{ticket_id}/extend")
    def extend(request: Request, ticket_id: str, why: Why) -> dict[str, Any]:
        support.extend(studio, actor_of(request), ticket_id, why.reason)
        return {}

    @routes.post("/children")
    def child(request: Request, child: Child) -> dict[str, Any]:
        confirmed(studio, request)
        erased = leaving.erase_child(studio, actor_of(request), child.email, child.reason)
        return receipt_view(erased, language_of(request))

    return routes


def waiting_view(ticket: Waiting, now: datetime) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "kind": ticket.kind,
        "created_at": ticket.created_at.isoformat(),
        "due_at": ticket.due_at.isoformat() if ticket.due_at else None,
        "extended": ticket.extended,
        "overdue": ticket.due_at is not None and ticket.due_at < now,
    }

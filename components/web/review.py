"""The moderators' routes: the queue, one case taken on, its picture, the decision. Staff alone; nothing is cached."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from components.actions import review
from components.actions.review import Case, Kind
from components.studio import Studio
from components.web.session import actor_of


class Judgement(BaseModel):
    decision: str = Field(max_length=32)
    answer: str = Field("", max_length=4000)


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api/review")

    @routes.get("/waiting")
    def waiting(request: Request) -> dict[str, Any]:
        """Whether the visitor is a moderator, and how much there is to do."""
        actor = actor_of(request)
        staff = {"moderator": review.may_review(actor), "staff": actor.is_staff}
        return staff | {"waiting": review.waiting(studio, actor)}

    @routes.get("")
    def queue(request: Request) -> dict[str, Any]:
        return {"cases": [case_view(one) for one in review.queue(studio, actor_of(request))]}

    @routes.post("/{kind}/{case_id}/claim")
    def claim(request: Request, kind: Kind, case_id: str) -> dict[str, Any]:
        return case_view(review.claim(studio, actor_of(request), kind, case_id))

    @routes.get("/{kind}/{case_id}/picture")
    def picture(
        request: Request,
        kind: Kind,
        case_id: str,
        clear: Annotated[bool, Query()] = False,
        number: Annotated[int, Query(ge=1, le=1000)] = 1,
    ) -> Response:
        data = review.look(studio, actor_of(request), kind, case_id, clear=clear, number=number)
        return Response(data, media_type="image/webp", headers={"cache-control": "no-store"})

    @routes.post("/{kind}/{case_id}/decide")
    def decide(request: Request, kind: Kind, case_id: str, judged: Judgement) -> dict[str, Any]:
        actor = actor_of(request)
        review.decide(studio, actor, kind, case_id, judged.decision, judged.answer)
        return {"waiting": review.waiting(studio, actor)}

    return routes


def case_view(case: Case) -> dict[str, Any]:
    return {
        "kind": case.kind,
        "id": case.id,
        "label": case.label,
        "score": round(case.score, 2),
        "created_at": case.created_at.isoformat(),
        "claim": case.claim,
        "words": case.words,
        "asked": case.asked,
        "page": f"/s/{case.token}" if case.token else None,
        "pictures": case.pictures,
    }

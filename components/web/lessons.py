"""Routes of teaching the starter: begin, look, stop, forget."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from components.actions import teaching
from components.studio import Studio
from components.web.session import actor_of
from components.web.views import lesson_view

Short = Annotated[str, Field(max_length=200)]


class Wished(BaseModel):
    name: Short
    kind: Short
    pictures: list[Short] = Field(max_length=200)


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api")

    @routes.post("/lessons", status_code=202)
    def begin(request: Request, wished: Wished) -> dict[str, Any]:
        wish = teaching.Wish(wished.name, wished.kind, wished.pictures)
        return lesson_view(teaching.teach(studio, actor_of(request), wish))

    @routes.get("/lessons/current")
    def current(request: Request) -> dict[str, Any]:
        return lesson_view(teaching.of(studio, actor_of(request)))

    @routes.post("/lessons/stop")
    def stop(request: Request) -> dict[str, Any]:
        teaching.stop(studio, actor_of(request))
        return lesson_view(teaching.of(studio, actor_of(request)))

    @routes.delete("/lessons/{name}", status_code=204)
    def forget(request: Request, name: str) -> Response:
        teaching.forget(studio, actor_of(request), name)
        return Response(status_code=204)

    return routes

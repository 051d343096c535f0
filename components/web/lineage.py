"""The routes of a picture's lineage: the graph, another way from any node of it, and the check of its pixels."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from components.actions import lineage, notebooks
from components.actions.lineage import Node
from components.studio import Studio
from components.web.notebooks import notebook_view
from components.web.session import actor_of


def router(studio: Studio) -> APIRouter:
    routes = APIRouter(prefix="/api/images")

    @routes.get("/{image_id}/lineage")
    def graph(request: Request, image_id: str) -> dict[str, Any]:
        found = lineage.graph(studio, actor_of(request), image_id)
        return {
            "nodes": [node_view(studio, node) for node in found.nodes],
            "edges": [list(edge) for edge in found.edges],
            "more": found.more,
        }

    @routes.post("/{image_id}/branch", status_code=201)
    def branch(request: Request, image_id: str) -> dict[str, Any]:
        """Its settings as a new cell of the current notebook, not run yet."""
        return notebook_view(studio, notebooks.branch_from(studio, actor_of(request), image_id))

    @routes.post("/{image_id}/verify")
    def verify(request: Request, image_id: str) -> dict[str, Any]:
        check = lineage.verify(studio, actor_of(request), image_id)
        return {
            "equal": check.equal,
            "share": check.share,
            "most": check.most,
            "changed": [{"name": name, "then": then, "now": now} for name, then, now in check.changed],
        }

    return routes


def node_view(studio: Studio, node: Node) -> dict[str, Any]:
    image = node.image
    link = studio.stores.notebooks.link(image.job_id) if image else None
    return {
        "id": node.id,
        "depth": node.depth,
        "kind": node.kind,
        "prompt": image.draft.prompt if image else "",
        "made": image.draft.kind if image else "",
        "notebook": link.notebook_id if link else None,
    }

"""Where a picture comes from and what came of it, and whether its settings still give the same pixels."""

from __future__ import annotations

import queue
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from components.actions import sources
from components.actions.requests import request_of
from components.studio import Studio
from pipelines import images
from pipelines.types import Cancelled, Done, Event, Failed, Render
from policies.actor import Actor
from policies.verdict import Refused, Verdict, refuse, require
from store.gallery import Image
from store.vault import Missing

MOST_NODES = 120  # of one graph; a longer line is cut at its ends
PATIENCE = 180.0  # seconds until a check is given up

# Facts of a picture that can change its pixels, in the order in which they are told.
DECIDING = ("bucket", "device", "dtype", "torch", "diffusers", "upscaler")


@dataclass(frozen=True, slots=True)
class Node:
    """`image` is None for a picture that was brought along, and for one that is gone."""

    id: str
    depth: int  # steps from the picture that was asked about: below 0 before it, above 0 after it
    kind: Literal["picture", "brought", "gone"]
    image: Image | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """Edges go from a picture to one made from it. `more` says that the line goes on beyond what is shown."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Check:
    """`share` of the pixels differ, by at most `most` of 255. `changed` are facts that differ: name, then, now."""

    equal: bool
    share: float
    most: int
    changed: tuple[tuple[str, str, str], ...]


def graph(studio: Studio, actor: Actor, image_id: str) -> Graph:
    """Everything the picture is made from, however far back, and everything that is made from it."""
    start = studio.stores.gallery.get(actor.subject_id, image_id)
    nodes = {start.id: Node(start.id, 0, "picture", start)}
    edges: dict[tuple[str, str], None] = {}
    more = walk(studio, actor, nodes, edges, start, -1) | walk(studio, actor, nodes, edges, start, 1)
    return Graph(tuple(nodes.values()), tuple(edges), more)


def walk(
    studio: Studio,
    actor: Actor,
    nodes: dict[str, Node],
    edges: dict[tuple[str, str], None],
    start: Image,
    way: Literal[-1, 1],
) -> bool:
    """Adds what lies before (-1) or after (1), the nearest first. Answers whether there is more than fits."""
    ahead = [nodes[start.id]]
    while ahead:
        node = ahead.pop(0)
        if node.image is None:
            continue
        for found in beside(studio, actor, node.image, node.depth + way, way):
            edges[(found.id, node.id) if way < 0 else (node.id, found.id)] = None
            if found.id in nodes:
                continue
            if len(nodes) >= MOST_NODES:
                edges.popitem()
                return True
            nodes[found.id] = found
            ahead.append(found)
    return False


def beside(studio: Studio, actor: Actor, image: Image, depth: int, way: int) -> Iterable[Node]:
    if way > 0:
        return [
            Node(child.id, depth, "picture", child)
            for child in studio.stores.gallery.children(actor.subject_id, image.id)
        ]
    return [named(studio, actor, parent_id, depth) for parent_id in image.draft.parents]


def named(studio: Studio, actor: Actor, picture_id: str, depth: int) -> Node:
    """A parent by its id: of the gallery, brought along, or gone."""
    try:
        return Node(picture_id, depth, "picture", studio.stores.gallery.get(actor.subject_id, picture_id))
    except Missing:
        pass
    try:
        return Node(studio.stores.inputs.get(actor.subject_id, picture_id).id, depth, "brought")
    except Missing:
        return Node(picture_id, depth, "gone")


def verify(studio: Studio, actor: Actor, image_id: str) -> Check:
    """Draws the picture once more beside the queue, keeps nothing, and compares every pixel."""
    image = studio.stores.gallery.get(actor.subject_id, image_id)
    if studio.engine.room() < 1:
        require(refuse("queue_full", field="queue", value="no room", expected="a moment when the machine is not full"))
    draft = sources.settled(studio, actor, replace(image.draft, count=1))
    render = drawn(studio, request_of(studio, actor.subject_id, f"verify-{uuid.uuid4().hex}", draft))
    then = images.flatten(images.decode(studio.stores.gallery.bytes(actor.subject_id, image.id, "full")))
    now = render.pixels
    return compared(then, now, image.facts, render.facts)


def drawn(studio: Studio, request: Any) -> Render:
    """Raises Refused with the engine's own reason when it cannot be drawn."""
    events: queue.Queue[Event] = queue.Queue()
    studio.engine.submit(request, events.put)
    while True:
        try:
            event = events.get(timeout=PATIENCE)
        except queue.Empty:
            studio.engine.cancel(request.id)
            raise Refused(Verdict(False, "engine_error", "The check took too long and was given up.")) from None
        if isinstance(event, Done):
            return event.renders[0]
        if isinstance(event, Failed):
            raise Refused(Verdict(False, event.code, event.reason))
        if isinstance(event, Cancelled):
            raise Refused(Verdict(False, "engine_error", "The check was cancelled."))


def compared(then: Any, now: Any, before: Any, after: Any) -> Check:
    """Pixels of the kept picture and of the one drawn now, and what was recorded about each."""
    changed = tuple(
        (name, str(before.get(name, "")), str(after.get(name, "")))
        for name in DECIDING
        if name in before and before.get(name) != after.get(name)
    )
    if then.shape != now.shape:
        return Check(False, 1.0, 255, changed)
    apart = np.abs(then.astype(np.int16) - now.astype(np.int16)).max(axis=-1)
    return Check(not apart.any(), float((apart > 0).mean()), int(apart.max()), changed)

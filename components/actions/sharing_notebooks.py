"""Make a whole notebook public under one link: its cells as their owner wants them seen, its pictures, a remix."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from components.actions import choices, exports, moderation, notebooks, sharing
from components.actions.models import model_name
from components.studio import Studio
from policies import sharing as rules
from policies.actor import Actor
from policies.notebook import Cell, Notebook
from policies.sharing import Options
from policies.verdict import require
from store.gallery import Image
from store.shares import NewShare, Share
from store.vault import Missing


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell of the page and the pictures under it, numbered over the whole page from 1."""

    cell: Cell
    number: int
    pictures: tuple[tuple[int, Image], ...]


def publish(studio: Studio, actor: Actor, notebook_id: str, options: Options, locale: str = "") -> Share:
    """As of a picture. What the scan holds back is left out. Raises Refused or Missing before anything is written."""
    document = notebooks.get(studio, actor, notebook_id).document
    found = shown(studio, actor, document)
    pictures = dict(pair for one in found for pair in one.pictures)
    require(rules.check(options), rules.enough(len(pictures)))
    now = studio.clock()
    new = NewShare(
        id=uuid.uuid4().hex,
        image_id="",
        notebook_id=notebook_id,
        card=card(studio, actor, document, found, options),
        files={},
        pictures={
            number: (image.id, sharing.copies(studio, image, options)) for number, image in pictures.items()
        },
        **sharing.lasting(options, now),
    )
    return sharing.keep(studio, actor, new, options, locale)


def preview(
    studio: Studio, actor: Actor, notebook_id: str, options: Options
) -> tuple[dict[str, Any], dict[int, Image]]:
    """What the page would say, and its pictures by number."""
    document = notebooks.get(studio, actor, notebook_id).document
    found = shown(studio, actor, document)
    return card(studio, actor, document, found, options), dict(pair for one in found for pair in one.pictures)


def shown(studio: Studio, actor: Actor, document: Notebook) -> list[Shown]:
    """The cells in order with those of their pictures that may be public."""
    number, found = 0, []
    for place, cell in enumerate(document, 1):
        free = [image for image in pictures_of(studio, actor, cell) if may_be_public(studio, image)]
        numbered = tuple(enumerate(free, number + 1))
        number += len(numbered)
        found.append(Shown(cell, place, numbered))
    return found


def pictures_of(studio: Studio, actor: Actor, cell: Cell) -> Iterator[Image]:
    for output in cell.outputs:
        if output.gone:
            continue
        try:
            yield studio.stores.gallery.get(actor.subject_id, output.image)
        except Missing:  # deleted this very moment
            continue


def may_be_public(studio: Studio, image: Image) -> bool:
    return not moderation.check_of(studio, image.subject_id, image.id).held


def card(
    studio: Studio, actor: Actor, document: Notebook, found: list[Shown], options: Options) -> dict[str, Any]:
    """Everything that the public page will say, and nothing that it will not."""
    first = next((image for one in found for _, image in one.pictures), None)
    return {
        "title": options.title.strip(),
        "pseudonym": options.pseudonym.strip(),
        "prompt": "",
        "model": "",
        "settings": None,
        "metadata": options.metadata,
        "training": choices.training(studio, actor.subject_id),
        "prompts": options.prompt,
        "notes": options.notes,
        "width": first.width if first else 0,
        "height": first.height if first else 0,
        "cells": [said for one in found if (said := cell_card(studio, one, options))],
        "document": remixed(document, options) if options.remix else None,
    }


def cell_card(studio: Studio, one: Shown, options: Options) -> dict[str, Any] | None:
    """None where nothing of the cell would be seen."""
    draft = one.cell.draft
    if draft is None:
        told = options.notes and one.cell.text.strip()
        return {"number": one.number, "kind": "note", "text": one.cell.text} if told else None
    words = {"prompt": draft.prompt, "model": model_name(studio, draft.model)} if options.prompt else {}
    if not one.pictures and not words:
        return None
    pictures = [{"number": number, "width": image.width, "height": image.height} for number, image in one.pictures]
    return {"number": one.number, "kind": one.cell.kind, "pictures": pictures} | words


def remixed(document: Notebook, options: Options) -> dict[str, Any]:
    """The document without anything of its owner's: no pictures brought along, and notes only where they are shown."""
    cells = tuple(cell for cell in document.content if cell.draft is not None or options.notes)
    plain = Notebook(options.title.strip(), cells)
    return exports.renamed(plain, lambda _: "").to_dict()

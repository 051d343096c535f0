"""What a file says about where it came from: its signature, its watermark, and for its owner its place."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from components.actions.gallery import opened
from components.studio import Studio
from pipelines import credentials, images, provenance, watermark
from pipelines.credentials import Report
from pipelines.images import BadImage
from pipelines.types import Pixels
from policies.actor import NOBODY, Actor
from store.gallery import Image
from store.vault import Missing

ALIKE = 6.0  # of 255 levels, mean difference between two small copies of one picture
SIDE = 32
MOST = 200_000  # pictures among which a place is looked for


@dataclass(frozen=True, slots=True)
class Place:
    """The cell that drew a picture: the title of its notebook, and which cell of it, from 1."""

    title: str
    number: int


@dataclass(frozen=True, slots=True)
class Findings:
    """`report` is None without content credentials, `mark` None without a watermark; "ours" or "another" else.

    `declared` says that the file's plain metadata calls it made by AI. `image` is the asker's own picture. `readable`:
    its pixels could be looked at. `cell` is where it was drawn, if that notebook is still there.
    """

    report: Report | None
    mark: str | None
    declared: bool
    settings: bool
    image: Image | None
    readable: bool = True
    cell: Place | None = None


def examine(studio: Studio, actor: Actor, data: bytes) -> Findings:
    """The file is looked at in memory and not kept. Raises BadImage for what is no picture.

    One so damaged that its pixels cannot be read still tells what its signature says.
    """
    report = credentials.verify(data, studio.signer.credentials.root)
    try:
        pixels = images.flatten(images.decode(data))
    except BadImage:
        if report is None:
            raise
        return Findings(report, None, provenance.AI_MADE.encode() in data, False, None, readable=False)
    found = watermark.extract(pixels)
    ours = found is not None and found.payload >> 16 == studio.signer.home
    mark = None if found is None else "ours" if ours else "another"
    image = None
    if actor is not NOBODY and found is not None and ours:
        image = place(studio, actor, found.payload & 0xFFFF, pixels)
    return Findings(
        report=report,
        mark=mark,
        declared=provenance.AI_MADE.encode() in data,
        settings=bool(provenance.read(data)),
        image=image,
        cell=cell_of(studio, image) if image else None,
    )


def place(studio: Studio, actor: Actor, tag: int, pixels: Pixels) -> Image | None:
    """The asker's own picture with this mark. The mark is short, so the few that share it are compared by sight."""
    gallery = studio.stores.gallery
    wanted = small(pixels)
    for image_id in gallery.ids(actor.subject_id, most=MOST):
        if studio.signer.tag(image_id) != tag:
            continue
        with suppress(Missing):  # deleted this very moment
            thumb = images.flatten(images.decode(opened(studio, actor, image_id, "thumb256")))
            if float(np.abs(small(thumb) - wanted).mean()) < ALIKE:
                return gallery.get(actor.subject_id, image_id)
    return None


def cell_of(studio: Studio, image: Image) -> Place | None:
    link = studio.stores.notebooks.link(image.job_id)
    if link is None or link.subject_id != image.subject_id:
        return None
    try:
        document = studio.stores.notebooks.get(image.subject_id, link.notebook_id).document
    except Missing:
        return None
    number = next((number for number, cell in enumerate(document, 1) if cell.id == link.cell_id), None)
    return Place(document.title, number) if number else None


def small(pixels: Pixels) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    from PIL import Image as Pillow

    return np.asarray(Pillow.fromarray(pixels).resize((SIDE, SIDE), Pillow.Resampling.BOX), np.int16)

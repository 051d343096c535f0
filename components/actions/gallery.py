"""Look at, search, download and delete what was made. Every call acts for its actor alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from components.actions import generate
from components.studio import Studio
from pipelines import provenance
from pipelines.images import Format
from policies.actor import Actor
from store.gallery import Image

EXTENSIONS = {"png": "png", "jpeg": "jpg", "webp": "webp"}


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    data: bytes


def page(
    studio: Studio, actor: Actor, *, before: str | None = None, words: str = "", limit: int = 48
) -> tuple[tuple[Image, ...], str | None]:
    """Newest first, and the cursor of the next page or None."""
    return studio.stores.gallery.page(actor.subject_id, before=before, limit=limit, words=words)


def get(studio: Studio, actor: Actor, image_id: str) -> Image:
    """Raises Missing for another's picture exactly as for one that never was."""
    return studio.stores.gallery.get(actor.subject_id, image_id)


def data(studio: Studio, actor: Actor, image: Image, variant: str) -> bytes:
    return studio.stores.gallery.bytes(actor.subject_id, image.id, variant)


def download(
    studio: Studio,
    actor: Actor,
    image_id: str,
    *,
    format: Format = "png",
    size: Literal["full", "native"] = "full",
    metadata: bool = True,
) -> File:
    """The picture as a file of its own, with its settings inside unless they are left out."""
    image = get(studio, actor, image_id)
    settings = generate.settings_of(studio, image) if metadata else None
    packed = provenance.write(data(studio, actor, image, size), format, settings)
    name = f"pixcosmos-{image.created_at:%Y%m%d-%H%M%S}-{image.seed}.{EXTENSIONS[format]}"
    return File(name, f"image/{format}", packed)


def delete(studio: Studio, actor: Actor, ids: Sequence[str]) -> int:
    """Rows, files and thumbnails. Ids that are not theirs are passed over; answers how many went."""
    gone = studio.stores.gallery.delete(actor.subject_id, ids)
    for image_id in gone:
        studio.live.tell(actor.subject_id, "removed", image_id)
    return len(gone)

"""The pictures that others are made from: of the gallery or brought along, each found for its own person alone."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image as Pillow

from components.actions import moderation
from components.studio import Studio
from pipelines import images, masks
from pipelines.images import BadImage
from pipelines.masks import Mask
from pipelines.types import Pixels
from pipelines.upscale import SHIPPED
from policies import limits
from policies.actor import Actor
from policies.draft import Draft
from policies.verdict import require
from store.inputs import Input, Kind
from store.vault import Missing

THUMBNAIL = 512


@dataclass(frozen=True, slots=True)
class Source:
    """`prompt` and `model` are those of a gallery picture, empty for one that was brought along."""

    id: str
    width: int
    height: int
    prompt: str = ""
    model: str = ""

    @property
    def size(self) -> tuple[int, int]:
        return self.width, self.height


def find(studio: Studio, subject_id: str, picture_id: str) -> Source:
    """A picture to start from. Raises Missing for another's exactly as for one that never was."""
    try:
        image = studio.stores.gallery.get(subject_id, picture_id)
    except Missing:
        brought = studio.stores.inputs.get(subject_id, picture_id)
        return Source(brought.id, brought.width, brought.height)
    return Source(image.id, image.width, image.height, image.draft.prompt, image.model)


def data(studio: Studio, subject_id: str, picture_id: str, variant: str = "full") -> bytes:
    """The decrypted file of a gallery picture or of one that was brought along: to work with, not to show."""
    try:
        return studio.stores.gallery.bytes(subject_id, picture_id, variant)
    except Missing:
        return studio.stores.inputs.data(subject_id, picture_id, variant)


def shown(studio: Studio, subject_id: str, picture_id: str, variant: str = "full") -> bytes:
    """The same as its owner may see it: blurred while the scan holds it back."""
    found = data(studio, subject_id, picture_id, variant)
    return images.veil(found) if veiled(studio, subject_id, picture_id) else found


def veiled(studio: Studio, subject_id: str, picture_id: str) -> bool:
    """A mask shows nothing, so nobody looks at it."""
    try:
        if studio.stores.inputs.get(subject_id, picture_id).kind == "mask":
            return False
    except Missing:
        pass
    return moderation.veiled(studio, subject_id, picture_id)


def parent(studio: Studio, subject_id: str, draft: Draft) -> bytes | None:
    """The file that a picture was made from, with the credentials inside that it has; None where it is not here."""
    if not draft.image:
        return None
    try:
        return data(studio, subject_id, draft.image)
    except Missing:
        return None


def pixels(studio: Studio, subject_id: str, picture_id: str) -> Pixels:
    """(H, W, 3)."""
    return np.asarray(Pillow.open(io.BytesIO(data(studio, subject_id, picture_id))).convert("RGB"))


def mask(studio: Studio, subject_id: str, mask_id: str) -> Mask:
    """(H, W), 255 where the picture is redrawn."""
    return np.asarray(Pillow.open(io.BytesIO(studio.stores.inputs.data(subject_id, mask_id))).convert("L"))


def upload(studio: Studio, actor: Actor, file: bytes, kind: Kind, picture_id: str = "", mask_id: str = "") -> Input:
    """Keeps a picture, upright, with its pixels and the credentials that it came with and nothing else; or the mask of
    a picture, at that picture's size.

    With `mask_id` the mask goes on from that one. A picture is scanned as those that are made here; one that is held
    back stays blurred. Raises BadImage, Refused, Missing and ScanFailed.
    """
    within_limit(studio, file)
    picture = images.decode(file)
    inputs, now = studio.stores.inputs, studio.clock()
    if kind == "mask":
        size = find(studio, actor.subject_id, picture_id).size
        files = {"full": images.grey_png(masks.mask_of(picture, size, empty=True))}
        if mask_id and inputs.get(actor.subject_id, mask_id).kind == "mask":
            return inputs.replace(actor.subject_id, mask_id, files, now)
        return inputs.add(actor.subject_id, "mask", size, files, now)
    flat = images.flatten(picture)
    check = moderation.scan(studio, flat, made=False)
    files = {"full": studio.signer.carried(images.png(flat), file), "thumb512": images.thumbnail(flat, THUMBNAIL)}
    kept = inputs.add(actor.subject_id, "upload", picture.size, files, now)
    studio.stores.checks.add(kept.id, actor.subject_id, "", check, now)
    return kept


def within_limit(studio: Studio, file: bytes) -> None:
    if len(file) > studio.settings.max_upload_bytes:
        limit = studio.settings.max_upload_bytes // 2**20
        raise BadImage(f"file: {len(file) / 2**20:.0f} MB is too large. Expected at most {limit} MB.")


def brought(studio: Studio, actor: Actor, input_id: str) -> Input:
    """An upload or a mask. Asking for it keeps it for another week. Raises Missing."""
    found = studio.stores.inputs.get(actor.subject_id, input_id)
    studio.stores.inputs.touch(actor.subject_id, input_id, studio.clock())
    return found


def take_back(studio: Studio, actor: Actor, input_id: str) -> None:
    """Deletes an upload or a mask at once. Raises Missing."""
    studio.stores.inputs.delete(actor.subject_id, input_id)


def settled(studio: Studio, actor: Actor, draft: Draft) -> Draft:
    """The draft with what follows from its pictures: the size of the result, and an upscale's words.

    Raises Missing when a picture or the mask is not the actor's, Refused when the mask is another picture's or a
    picture is held back.
    """
    for picture_id in named(one.image for one in draft.controls):
        free(studio, actor, picture_id)
    if not draft.image or not isinstance(draft.image, str) or draft.kind == "text_to_image":
        return draft
    source = free(studio, actor, draft.image)
    if draft.kind == "inpaint":
        return redrawn(studio, actor, draft, source)
    if draft.kind == "upscale":
        return enlarged(draft, source)
    return draft


def free(studio: Studio, actor: Actor, picture_id: str) -> Source:
    """One that something may be made from. Raises Missing, and Refused while it is held back."""
    found = find(studio, actor.subject_id, picture_id)
    moderation.require_free(studio, actor.subject_id, picture_id)
    return found


def redrawn(studio: Studio, actor: Actor, draft: Draft, source: Source) -> Draft:
    if draft.mask and isinstance(draft.mask, str):
        found = studio.stores.inputs.get(actor.subject_id, draft.mask)
        require(limits.mask_fits((found.width, found.height), source.size))
    for field in ("left", "top", "right", "bottom"):
        require(limits.whole(field, getattr(draft, field), 0, limits.MOST_CANVAS))
    left, top, right, bottom = draft.margins
    return replace(draft, width=source.width + left + right, height=source.height + top + bottom)


def enlarged(draft: Draft, source: Source) -> Draft:
    """The size of `scale`, or the largest of the picture's shape that `width` and `height` have room for."""
    require(limits.number("scale", draft.scale, 0.0, limits.MOST_SCALE))
    require(limits.number("creativity", draft.creativity, 0.0, 1.0))
    for field in ("width", "height"):
        require(limits.whole(field, getattr(draft, field), 1, limits.MOST_SIDE))
    scale = draft.scale or min(draft.width / source.width, draft.height / source.height)
    return replace(
        draft,
        width=max(1, round(source.width * scale)),
        height=max(1, round(source.height * scale)),
        prompt=draft.prompt or source.prompt,
        upscaler=draft.upscaler or SHIPPED.stem,
        model=draft.model if draft.creativity or not source.model else source.model,
    )


def named(ids: Iterable[object]) -> list[str]:
    """Those that can be ids; the rules refuse the others by name."""
    return [one for one in ids if isinstance(one, str) and one]

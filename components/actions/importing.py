"""Bring pictures in: decoded safely, their settings read from whatever studio wrote them, kept in the gallery."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

from components.actions import gallery, moderation
from components.actions.finish import THUMBNAILS
from components.studio import Studio
from pipelines import archives, images, provenance
from pipelines.archives import BadArchive
from pipelines.images import BadImage
from policies.actor import Actor
from policies.draft import Draft
from store.gallery import NewImage

UNKNOWN = "unknown"  # stands where a file tells its settings but not its model
SETTINGS = ("prompt", "negative_prompt", "steps", "guidance", "scheduler", "seed")
ZIP = b"PK\x03\x04"
SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".zip"}


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of one file. `reason` says why it was refused."""

    name: str
    state: Literal["kept", "already", "refused"]
    image_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a picture of no job belongs to."""

    subject_id: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


def bring(studio: Studio, actor: Actor, name: str, data: bytes) -> list[Brought]:
    """A picture, or a ZIP of them."""
    if data.startswith(ZIP):
        return list(bring_archive(studio, actor, name, io.BytesIO(data)))
    brought = bring_picture(studio, actor, name, data)
    gallery.tell_changed(studio, actor)
    return [brought]


def bring_archive(studio: Studio, actor: Actor, name: str, file: BinaryIO) -> Iterator[Brought]:
    """Every picture inside, one at a time."""
    try:
        for entry in archives.entries(file, studio.settings.max_upload_bytes):
            if entry.data is None:
                yield Brought(entry.name, "refused", reason=entry.reason)
            elif entry.data.startswith(ZIP):
                yield Brought(entry.name, "refused", reason="it is an archive inside an archive")
            else:
                yield bring_picture(studio, actor, entry.name, entry.data)
    except BadArchive as error:
        yield Brought(name, "refused", reason=str(error))
    gallery.tell_changed(studio, actor)


def bring_folder(studio: Studio, actor: Actor, folder: Path) -> Iterator[Brought]:
    """Every picture and ZIP below the folder (or that one file), oldest first, so that the newest stands on top."""
    for path in found(folder):
        if path.suffix.lower() == ".zip":
            with path.open("rb") as file:
                yield from bring_archive(studio, actor, path.name, file)
        elif path.stat().st_size > studio.settings.max_upload_bytes:
            yield Brought(path.name, "refused", reason=too_large(studio))
        else:
            yield bring_picture(studio, actor, path.name, path.read_bytes())


def found(folder: Path) -> list[Path]:
    """Links are not followed: they may lead anywhere."""
    if folder.is_file():
        return [folder]
    named = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and not path.name.startswith("."))
    return sorted((path for path in named if path.is_file() and not path.is_symlink()), key=changed_at)


def changed_at(path: Path) -> float:
    return path.stat().st_mtime


def bring_picture(studio: Studio, actor: Actor, name: str, data: bytes) -> Brought:
    """The same file twice is kept once."""
    if len(data) > studio.settings.max_upload_bytes:
        return Brought(name, "refused", reason=too_large(studio))
    fingerprint = fingerprint_of(studio, actor, data)
    known = studio.stores.gallery.with_fingerprint(actor.subject_id, fingerprint)
    if known:
        return Brought(name, "already", known)
    try:
        pixels = images.flatten(images.decode(data))
    except BadImage as error:
        return Brought(name, "refused", reason=str(error).removeprefix("file: "))
    try:
        check = moderation.scan(studio, pixels, made=False)
    except moderation.ScanFailed:
        return Brought(name, "refused", reason="the scan that has to look at it first did not work")
    height, width = pixels.shape[:2]
    draft = draft_of(provenance.read(data), width, height)
    files = {"full": studio.signer.carried(images.png(pixels), data)}
    files |= {f"thumb{side}": images.thumbnail(pixels, side) for side in THUMBNAILS}
    image = NewImage(
        index=0,
        seed=draft.seed or 0,
        width=width,
        height=height,
        facts={"file_name": clean(name)},
        files=files,
        fingerprint=fingerprint,
        check=check,
    )
    return Brought(name, "kept", studio.stores.gallery.keep(Batch(actor.subject_id), draft, image, studio.clock()))


def draft_of(settings: dict[str, Any] | None, width: int, height: int) -> Draft:
    """What the file says of how it was made; with an empty model when it says nothing."""
    if not settings:
        return Draft(model="", width=width, height=height, steps=0, guidance=0.0, scheduler="")
    told = {name: whole(settings[name]) for name in SETTINGS if settings.get(name) is not None}
    draft = Draft(model=whole(str(settings.get("model") or UNKNOWN))[:128], width=width, height=height)
    return replace(draft, **told)


def whole(value: Any) -> Any:
    """Half of a letter, as a text that was cut in the middle of one ends with, is no letter: nothing could keep it."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def fingerprint_of(studio: Studio, actor: Actor, data: bytes) -> str:
    """Tells that a file is known to this person, and to nobody who has the file which one it is."""
    key = studio.stores.vault.keys.of(actor.subject_id, make=True)
    return key.derive(b"fingerprint", hashlib.sha256(data).digest()).hex()


def clean(name: str) -> str:
    """The last part of a path, as text that fits on a line."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:200]


def too_large(studio: Studio) -> str:
    return f"it has more than {studio.settings.max_upload_bytes // 2**20} MB"

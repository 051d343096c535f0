"""Take many pictures out as a ZIP that is written while it is read: one picture in memory at a time.

A download is planned once and fetched in parts, so that one that broke off is fetched again alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from zipfile import ZIP_STORED

from zipstream import ZipStream

from components.actions import gallery
from components.studio import Studio
from pipelines.images import Format
from policies.actor import Actor
from policies.verdict import refuse, require
from store.exports import Export
from store.gallery import Image
from store.search import Listing
from store.vault import Missing

PART = 1000  # pictures in one ZIP of a download
AT_ONCE = 100  # rows opened together
MOST = 100_000  # pictures in one download
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Packing:
    """Without `metadata` neither the files nor the manifest say how a picture was made, what it is called or where."""

    format: Format = "png"
    metadata: bool = True


def prepare(
    studio: Studio, actor: Actor, packing: Packing, *, ids: Sequence[str] | None = None, listing: Listing | None = None
) -> Export:
    """Fixes which pictures a download holds: these, or all of a listing. Raises Refused when there are none."""
    chosen = select(studio, actor, ids=ids, listing=listing)
    if not chosen:
        require(refuse("nothing_to_export", field="ids", value="nothing", expected="at least one picture of yours"))
    studio.stores.exports.sweep(studio.clock())
    return studio.stores.exports.add(actor.subject_id, chosen, asdict(packing), studio.clock() + KEPT)


def select(
    studio: Studio, actor: Actor, *, ids: Sequence[str] | None = None, listing: Listing | None = None
) -> list[str]:
    if ids is not None:
        return studio.stores.gallery.owned(actor.subject_id, ids)
    return studio.stores.gallery.ids(actor.subject_id, listing or Listing(), most=MOST)


def get(studio: Studio, actor: Actor, export_id: str) -> Export:
    return studio.stores.exports.get(actor.subject_id, export_id, studio.clock())


def parts(export: Export) -> list[tuple[str, ...]]:
    return [export.ids[start : start + PART] for start in range(0, len(export.ids), PART)]


def part(studio: Studio, actor: Actor, export_id: str, number: int) -> Iterator[bytes]:
    """The bytes of one part's ZIP. Raises Missing at once, not while it is read."""
    export = get(studio, actor, export_id)
    all_parts = parts(export)
    if not 1 <= number <= len(all_parts):
        raise Missing(f"part: there is no part {number} of {len(all_parts)}")
    about = {"part": number, "parts": len(all_parts)}
    return stream(studio, actor, all_parts[number - 1], Packing(**export.options), about)


def stream(
    studio: Studio, actor: Actor, ids: Sequence[str], packing: Packing, about: dict[str, Any] | None = None
) -> Iterator[bytes]:
    """A ZIP of these pictures and a manifest. What was deleted meanwhile is left out and said to be missing.

    Pictures are stored as they are: they are compressed already, and deflating them again costs time for nothing.
    """
    archive = ZipStream(compress_type=ZIP_STORED)
    boards = {board.id: board.title for board in gallery.boards(studio, actor)} if packing.metadata else {}
    lines: list[str] = []
    missing: list[str] = []
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        images = {image.id: image for image in studio.stores.gallery.some(actor.subject_id, some)}
        for image_id in some:
            try:
                image = images[image_id]
                data = gallery.pack(studio, actor, image, format=packing.format, metadata=packing.metadata)
            except (KeyError, Missing):
                missing.append(image_id)
                continue
            name = f"{image.id[:8]}-{gallery.file_name(image, packing.format)}"
            lines.append(json.dumps(entry(image, name, data, packing, boards), ensure_ascii=False))
            archive.add(data, name)
            yield from archive.file()
    archive.add(manifest(studio, lines, missing, about or {}), "manifest.json")
    yield from archive.finalize()


def entry(image: Image, name: str, data: bytes, packing: Packing, boards: dict[str, str]) -> dict[str, Any]:
    """What the manifest says of one picture."""
    plain = {
        "file": name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
        "id": image.id,
        "created_at": image.created_at.isoformat(),
        "width": image.width,
        "height": image.height,
        "kind": image.kind,
        "starred": image.starred,
    }
    if not packing.metadata:
        return plain
    named = {"name": image.facts.get("file_name", ""), "board": boards.get(image.board_id or ""), "tags": image.tags}
    return plain | named | {"settings": image.draft.to_dict() if image.draft.model else None}


def manifest(studio: Studio, lines: Sequence[str], missing: Sequence[str], about: dict[str, Any]) -> bytes:
    head = {"format": "pixcosmos-export/1", "created_at": studio.clock().isoformat(), **about, "missing": list(missing)}
    pictures = ",\n".join(lines)
    return f'{json.dumps(head)[:-1]}, "pictures": [\n{pictures}\n]}}\n'.encode()

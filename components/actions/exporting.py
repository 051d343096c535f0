"""Take many pictures out as a ZIP that is written while it is read: a few pictures in memory at a time.

A download is planned once and fetched in parts. A part that broke off goes on where it stopped, because the same part
has the same bytes each time: entries in order, a fixed time on each, and what was signed for it is kept until it ends.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from components.actions import choices, gallery, moderation
from components.studio import Studio
from pipelines.images import Format
from policies.actor import Actor
from policies.verdict import refuse, require
from store.exports import Export
from store.gallery import Image
from store.outgoing import Round
from store.search import Listing
from store.vault import Missing

PART = 1000  # pictures in one ZIP of a download
AT_ONCE = 100  # rows opened together
MOST = 100_000  # pictures in one download
KEPT = timedelta(days=1)
HANDS = min(8, os.cpu_count() or 1)  # pictures that are packed side by side


@dataclass(frozen=True, slots=True)
class Packing:
    """Without `metadata` neither the files nor the manifest say how a picture was made, what it is called or where."""

    format: Format = "png"
    metadata: bool = True


@dataclass(frozen=True, slots=True)
class Planned:
    """A picture of a download and what the manifest will say of it; `facts` is None when it is not there."""

    id: str
    image: Image | None
    facts: dict[str, Any] | None
    veiled: bool = False
    training: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """`digest`: SHA-256 in hexadecimal."""

    data: bytes
    digest: str


class Changed(Exception):
    """What was promised of a part is no longer so: it has to be fetched from its beginning."""


@dataclass(frozen=True)
class Part:
    """One ZIP of a download. As long as `tag` is the same, so is every byte."""

    studio: Studio
    actor: Actor
    packing: Packing
    planned: tuple[Planned, ...]
    about: dict[str, Any]
    kept: Round

    @property
    def tag(self) -> str:
        """Made of everything that decides the bytes."""
        pictures = [(one.id, one.facts, one.veiled, one.training) for one in self.planned]
        said = json.dumps([self.kept.id, asdict(self.packing), self.about, pictures])
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    @property
    def alone(self) -> bool:
        """Whether these are the only bytes of this part that anybody can have a beginning of."""
        return self.kept.first and self.kept.once("served", self.tag.encode) == self.tag.encode()

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `stop`."""
        place = 0
        for chunk in written(self.studio, self.actor, self.planned, self.packing, self.about, self.kept):
            end = place + len(chunk)
            if end > start:
                yield chunk[max(0, start - place) : None if stop is None else max(0, stop - place)]
            if stop is not None and end >= stop:
                return
            place = end

    def size(self) -> int:
        """Bytes of the whole. Packs what was not packed yet, so it takes a while the first time."""
        return int(self.kept.once(f"size {self.tag}", lambda: str(sum(map(len, self.read()))).encode()))


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


def part(studio: Studio, actor: Actor, export_id: str, number: int) -> Part:
    """One part's ZIP. Raises Missing."""
    export = get(studio, actor, export_id)
    all_parts = parts(export)
    if not 1 <= number <= len(all_parts):
        raise Missing(f"part: there is no part {number} of {len(all_parts)}")
    packing = Packing(**export.options)
    return Part(
        studio,
        actor,
        packing,
        tuple(plan(studio, actor, all_parts[number - 1], packing)),
        {"created_at": (export.expires_at - KEPT).isoformat(), "part": number, "parts": len(all_parts)},
        studio.stores.exports.round(export, number),
    )


def stream(studio: Studio, actor: Actor, ids: Sequence[str], packing: Packing) -> Iterator[bytes]:
    """A ZIP of these pictures and a manifest. What was deleted meanwhile is left out and said to be missing."""
    about = {"created_at": studio.clock().isoformat()}
    yield from written(studio, actor, plan(studio, actor, ids, packing), packing, about)


def plan(studio: Studio, actor: Actor, ids: Sequence[str], packing: Packing) -> Iterator[Planned]:
    boards = {board.id: board.title for board in gallery.boards(studio, actor)} if packing.metadata else {}
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        training = choices.training(studio, actor.subject_id)
        images = {image.id: image for image in studio.stores.gallery.some(actor.subject_id, some)}
        for image_id in some:
            try:
                image = images[image_id]
                veiled = moderation.veiled(studio, actor.subject_id, image_id)
                yield Planned(image_id, image, entry(image, packing, boards), veiled, training)
            except (KeyError, Missing):
                yield Planned(image_id, None, None)


def written(
    studio: Studio,
    actor: Actor,
    planned: Iterable[Planned],
    packing: Packing,
    about: dict[str, Any],
    kept: Round | None = None,
) -> Iterator[bytes]:
    """The archive, piece by piece. Pictures are stored as they are: they are compressed already, and deflating them
    again costs time for nothing."""
    sink = Sink()
    archive = ZipFile(sink, "w", ZIP_STORED)
    made_at = datetime.fromisoformat(about["created_at"])
    lines: list[str] = []
    missing: list[str] = []
    for one, file in packed(studio, actor, planned, packing, kept):
        if file is None or one.facts is None:
            missing.append(one.id)
            continue
        said = one.facts | {"sha256": file.digest, "bytes": len(file.data)}
        lines.append(json.dumps(said, ensure_ascii=False))
        archive.writestr(named(one.facts["file"], made_at), file.data)
        yield from sink.taken()
    archive.writestr(named("manifest.json", made_at), manifest(lines, missing, about))
    archive.close()
    yield from sink.taken()


def packed(
    studio: Studio, actor: Actor, planned: Iterable[Planned], packing: Packing, kept: Round | None
) -> Iterator[tuple[Planned, File | None]]:
    """Each in its turn with its file, or None when it is gone. The next ones are packed while this one is sent."""
    waiting: deque[tuple[Planned, Future[File] | None]] = deque()
    with ThreadPoolExecutor(HANDS, "pack") as hands:
        try:
            for one in planned:
                make = packer(studio, actor, one, packing, kept)
                waiting.append((one, hands.submit(digested, make) if make else None))
                if len(waiting) > HANDS:
                    yield settled(*waiting.popleft())
            while waiting:
                yield settled(*waiting.popleft())
        finally:
            hands.shutdown(wait=True, cancel_futures=True)


def packer(
    studio: Studio, actor: Actor, one: Planned, packing: Packing, kept: Round | None
) -> Callable[[], bytes] | None:
    if one.image is None:
        return None
    try:
        made = gallery.packer(studio, actor, one.image, format=packing.format, metadata=packing.metadata)
    except Missing:
        return None
    if kept is not None and (made.veiled, made.training) != (one.veiled, one.training):
        raise Changed(f"{one.id}: it would leave differently now")
    if kept is None or not made.signs:
        return made.bytes
    name = " ".join((one.id, "veiled" if made.veiled else "", "training" if made.training else ""))
    return lambda: kept.once(name, made.bytes)


def digested(make: Callable[[], bytes]) -> File:
    data = make()
    return File(data, hashlib.sha256(data).hexdigest())


def settled(one: Planned, file: Future[File] | None) -> tuple[Planned, File | None]:
    if file is None:
        return one, None
    try:
        return one, file.result()
    except Missing:
        return one, None


class Sink:
    """Where the archive is written: what came since it was last asked."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._chunks.append(bytes(data))
        return len(data)

    def flush(self) -> None: ...

    def close(self) -> None: ...

    def taken(self) -> list[bytes]:
        chunks, self._chunks = self._chunks, []
        return chunks


def named(name: str, made_at: datetime) -> ZipInfo:
    moment = (made_at.year, made_at.month, made_at.day, made_at.hour, made_at.minute, made_at.second)
    info = ZipInfo(name, moment)
    info.external_attr = 0o600 << 16
    return info


def entry(image: Image, packing: Packing, boards: dict[str, str]) -> dict[str, Any]:
    """What the manifest says of one picture, before its file is packed."""
    plain = {
        "file": f"{image.id[:8]}-{gallery.file_name(image, packing.format)}",
        "id": image.id,
        "created_at": image.created_at.isoformat(),
        "width": image.width,
        "height": image.height,
        "kind": image.kind,
        "starred": image.starred,
    }
    if not packing.metadata:
        return plain
    named = {
        "name": image.facts.get("file_name", ""),
        "board": boards.get(image.board_id or ""),
        "tags": list(image.tags),
    }
    return plain | named | {"settings": image.draft.to_dict() if image.draft.model else None}


def manifest(lines: Sequence[str], missing: Sequence[str], about: dict[str, Any]) -> bytes:
    head = {"format": "pixcosmos-export/1", **about, "missing": list(missing)}
    pictures = ",\n".join(lines)
    return f'{json.dumps(head)[:-1]}, "pictures": [\n{pictures}\n]}}\n'.encode()

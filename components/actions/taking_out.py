"""Everything of a person as one ZIP: asked for, packed in the background, offered for seven days."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from zipstream import ZIP_DEFLATED, ZIP_STORED, ZipStream

from components.actions import gallery, sources, teaching
from components.studio import Studio
from policies import data_map
from policies.actor import Actor
from policies.data_map import Table
from policies.verdict import refuse, require
from store.gallery import Image
from store.person import Row
from store.takeouts import Takeout
from store.vault import Missing

FORMAT = 1
PAGE = 100  # pictures whose rows are in memory at once

READ_ME = """Everything that this PixCosmos studio keeps about you, as of {moment}.

data.json      all data, as schema.json describes it
csv/           the same tables for a spreadsheet
images/        your pictures as they were made; images.csv says which is which
uploads/       the pictures and masks that you brought along
adapters/      what you taught the starter model, as LoRA files
manifest.json  the SHA-256 of every file here, to check that nothing is missing or changed
"""


def ask(studio: Studio, actor: Actor) -> Takeout:
    """Puts it in line. Packing happens in the background."""
    export = studio.stores.takeouts.ask(actor.subject_id, studio.clock())
    studio.stores.audit.add(studio.clock(), actor.kind, "export.asked", actor.subject_id)
    return export


def listed(studio: Studio, actor: Actor) -> tuple[Takeout, ...]:
    now = studio.clock()
    return tuple(one for one in studio.stores.takeouts.of(actor.subject_id) if not ended(one, now))


def ready(studio: Studio, actor: Actor, export_id: str) -> Takeout:
    """Raises Missing, also when the link has ended; Refused while it is being packed."""
    export = studio.stores.takeouts.get(actor.subject_id, export_id)
    if ended(export, studio.clock()):
        raise Missing(f"id: the link of download {export_id!r} has ended")
    if export.state != "ready":
        require(refuse("export_not_ready", field="id", value=export_id, expected="a download that is packed"))
    return export


def ended(export: Takeout, now: datetime) -> bool:
    return export.expires_at is not None and export.expires_at <= now


def pack_next(studio: Studio) -> Takeout | None:
    """Packs the oldest that waits, or one that a dead process left. Answers it, or None when nothing waits."""
    takeouts, now = studio.stores.takeouts, studio.clock()
    export = takeouts.claim(now)
    if export is None:
        return None
    packed = takeouts.fill(export, stream(studio, export.subject_id, now), studio.clock)
    studio.stores.notices.add(export.subject_id, "export_ready", {"size": packed.size_bytes}, studio.clock())
    studio.live.tell(export.subject_id, "notice", export.id)
    return packed


def stream(studio: Studio, subject_id: str, now: datetime) -> Iterator[bytes]:
    """The bytes of the ZIP, made while they are read: one picture in memory, however many there are."""
    written: dict[str, dict[str, Any]] = {}
    archive = ZipStream(compress_type=ZIP_DEFLATED)

    def put(name: str, data: Iterable[bytes], *, packed: bool = False) -> None:
        archive.add(recorded(name, data, written), name, compress_type=ZIP_STORED if packed else ZIP_DEFLATED)

    tables = dict(studio.stores.person.tables(subject_id))
    put("README.txt", [READ_ME.format(moment=f"{now:%Y-%m-%d %H:%M} UTC").encode()])
    put("schema.json", [pretty(data_map.schema())])
    put("data.json", [pretty({table.id: rows for table, rows in tables.items()})])
    for table, rows in tables.items():
        put(f"csv/{table.id}.csv", [as_csv(table, rows)])
    names = [(name, image, variant) for image in pictures(studio, subject_id) for name, variant in files_of(image)]
    put("images.csv", [index_of(names)])
    for name, image, variant in names:
        put(name, picture(studio, subject_id, image, variant), packed=True)
    for one in studio.stores.inputs.of_subject(subject_id):
        put(f"uploads/{one.id}.png", brought(studio, subject_id, one.id), packed=True)
    for name, path in teaching.taught(studio, subject_id).items():
        put(f"adapters/{name}.safetensors", [path.read_bytes()], packed=True)
    # Made last, when every other file has gone through.
    archive.add(manifest(written, now), "manifest.json")
    yield from archive


def recorded(name: str, data: Iterable[bytes], written: dict[str, dict[str, Any]]) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    for some in data:
        digest.update(some)
        size += len(some)
        yield some
    written[name] = {"sha256": digest.hexdigest(), "bytes": size}


def manifest(written: dict[str, dict[str, Any]], now: datetime) -> Iterator[bytes]:
    yield pretty({"format": FORMAT, "made_at": now.isoformat(), "files": written})


def pictures(studio: Studio, subject_id: str) -> Iterator[Image]:
    before: str | None = None
    while True:
        found, before = studio.stores.gallery.page(subject_id, before=before, limit=PAGE)
        yield from found
        if before is None:
            return


def files_of(image: Image) -> Iterator[tuple[str, str]]:
    """Names that sort by time and say the seed, with the variant that each holds."""
    stem = f"images/{image.created_at:%Y%m%d-%H%M%S}-{image.seed}-{image.id[:8]}"
    yield f"{stem}.png", "full"
    if image.native_width:
        yield f"{stem}-as-drawn.png", "native"


def picture(studio: Studio, subject_id: str, image: Image, variant: str) -> Iterator[bytes]:
    """Empty when it was deleted while this was packed; blurred while the scan holds it back."""
    try:
        yield gallery.read(studio, Actor(subject_id), image.id, variant)
    except Missing:
        return


def brought(studio: Studio, subject_id: str, input_id: str) -> Iterator[bytes]:
    """Empty when it was taken back while this was packed; blurred while the scan holds it back."""
    try:
        yield sources.shown(studio, subject_id, input_id)
    except Missing:
        return


def index_of(names: list[tuple[str, Image, str]]) -> bytes:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["file", "id", "made", "width", "height", "model", "seed", "prompt", "negative_prompt"])
    for name, image, variant in names:
        size = (image.width, image.height) if variant == "full" else (image.native_width, image.native_height)
        made = image.created_at.isoformat()
        words = (image.draft.prompt, image.draft.negative_prompt)
        rows.writerow([name, image.id, made, *size, image.model, image.seed, *map(harmless, words)])
    return text.getvalue().encode()


def as_csv(table: Table, rows: list[Row]) -> bytes:
    text = io.StringIO()
    names = [column.name for column in table.columns if column.shown]
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    for row in rows:
        writer.writerow({name: harmless(cell(value)) for name, value in row.items()})
    return text.getvalue().encode()


def cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def harmless(value: Any) -> Any:
    """A spreadsheet must not run what somebody typed: a text that begins like a formula gets a quotation mark."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def pretty(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode()

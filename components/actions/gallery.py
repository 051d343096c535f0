"""Look at, search, star, tag, sort, download and delete what was made. Every call acts for its actor alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from components.actions import choices, generate, moderation, sources
from components.studio import Studio
from pipelines import images, provenance
from pipelines.images import Format
from policies import labels
from policies.actor import Actor
from policies.search import Order, parse
from policies.verdict import Refused, refuse, require
from store.boards import Board
from store.gallery import Image
from store.search import Listing
from store.tags import Tag
from store.vault import Missing

EXTENSIONS = {"png": "png", "jpeg": "jpg", "webp": "webp"}
THUMBNAILS = {"thumb256": 256, "thumb512": 512, "preview": 1536}
GRACE = timedelta(seconds=60)  # in which a deletion can be taken back


@dataclass(frozen=True, slots=True)
class File:
    name: str
    media_type: str
    data: bytes


def listing(query: str = "", order: Order = "newest", zone: str = "UTC") -> Listing:
    """`zone` is a name as in Europe/Berlin. Raises Refused naming the term of the query that cannot be read, or the
    zone that nobody knows."""
    return Listing(parse(query), order, zone_of(zone))


def zone_of(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name may look like a path, or be that of a folder
        expected = "the name of a time zone such as Europe/Berlin"
        raise Refused(refuse("malformed", field="zone", value=name, expected=expected)) from None


def page(
    studio: Studio, actor: Actor, shown: Listing | None = None, *, before: str | None = None, limit: int = 48
) -> tuple[tuple[Image, ...], str | None]:
    """The pictures of the listing (newest first if none is given), and the cursor of the next page or None."""
    return studio.stores.gallery.page(actor.subject_id, shown or Listing(), before=before, limit=limit)


def get(studio: Studio, actor: Actor, image_id: str) -> Image:
    """Raises Missing for another's picture exactly as for one that never was."""
    return studio.stores.gallery.get(actor.subject_id, image_id)


def require_image(studio: Studio, actor: Actor, image_id: str) -> None:
    """Raises Missing as `get` does, without opening anything."""
    studio.stores.gallery.require(actor.subject_id, image_id)


def around(studio: Studio, actor: Actor, image_id: str, shown: Listing) -> tuple[Image | None, Image | None]:
    """The pictures before and after it in the listing."""
    before, after = studio.stores.gallery.around(actor.subject_id, image_id, shown)
    return get(studio, actor, before) if before else None, get(studio, actor, after) if after else None


def data(studio: Studio, actor: Actor, image: Image, variant: str) -> bytes:
    return read(studio, actor, image.id, variant)


def read(studio: Studio, actor: Actor, image_id: str, variant: str) -> bytes:
    """The file as its owner may see it: blurred beyond recognition while the scan holds the picture back."""
    found = opened(studio, actor, image_id, variant)
    return images.veil(found) if moderation.veiled(studio, actor.subject_id, image_id) else found


def opened(studio: Studio, actor: Actor, image_id: str, variant: str) -> bytes:
    """The decrypted file. A small one that was lost or not asked for yet is made from the picture itself."""
    gallery = studio.stores.gallery
    try:
        return gallery.bytes(actor.subject_id, image_id, variant)
    except Missing:
        if variant not in THUMBNAILS:
            raise
    full = images.decode(gallery.bytes(actor.subject_id, image_id, "full"))
    made = images.thumbnail(images.flatten(full), THUMBNAILS[variant])
    gallery.put_variant(actor.subject_id, image_id, variant, made)
    return made


def download(
    studio: Studio,
    actor: Actor,
    image_id: str,
    *,
    format: Format = "png",
    size: Literal["full", "native"] = "full",
    metadata: bool = True,
    signed: bool = True,
) -> File:
    """The picture as a file of its own, marked and signed as made by AI, its settings inside unless they are left out.

    Raises Refused for one that the scan holds back.
    """
    image = get(studio, actor, image_id)
    moderation.require_free(studio, image.subject_id, image.id)
    packed = pack(studio, actor, image, format=format, size=size, metadata=metadata, signed=signed)
    return File(file_name(image, format), f"image/{format}", packed)


def pack(
    studio: Studio,
    actor: Actor,
    image: Image,
    *,
    format: Format = "png",
    size: Literal["full", "native"] = "full",
    metadata: bool = True,
    signed: bool = True,
) -> bytes:
    """Of what was made here, marked and signed as that; a picture that was brought goes as it came, with the
    credentials that it came with as its history."""
    return packer(studio, actor, image, format=format, size=size, metadata=metadata, signed=signed).bytes()


@dataclass(frozen=True, slots=True)
class Packer:
    """A picture on its way out. Everything that a database knows is here already: `bytes` runs in any thread.

    `signs`: the bytes differ from time to time, because a signature does. `bytes` raises Missing.
    """

    veiled: bool
    training: bool
    signs: bool
    bytes: Callable[[], bytes]


def packer(
    studio: Studio,
    actor: Actor,
    image: Image,
    *,
    format: Format = "png",
    size: Literal["full", "native"] = "full",
    metadata: bool = True,
    signed: bool = True,
) -> Packer:
    """Raises Missing when the picture is another's or gone."""
    studio.stores.gallery.require(actor.subject_id, image.id)
    settings = generate.settings_of(studio, image) if metadata and image.draft.model else None
    veiled = moderation.veiled(studio, actor.subject_id, image.id)
    training = choices.training(studio, image.subject_id)
    brought = image.kind == "imported"
    parent = sources.parent(studio, image.subject_id, image.draft) if signed and not brought else None
    vault = studio.stores.vault

    def packed() -> bytes:
        data = vault.get(actor.subject_id, image.id, size)
        data = images.veil(data) if veiled else data
        if brought:
            written = provenance.write(data, format, settings)
            return studio.signer.carried(written, data) if signed else written
        return studio.signer.packed(
            data, format, settings, image_id=image.id, parent=parent, allow_training=training, signed=signed
        )

    return Packer(veiled, training, signed, packed)


def file_name(image: Image, format: Format) -> str:
    """Says when and which seed, and nothing that a person typed."""
    return f"pixcosmos-{image.created_at:%Y%m%d-%H%M%S}-{image.seed}.{EXTENSIONS[format]}"


def delete(studio: Studio, actor: Actor, ids: Sequence[str]) -> int:
    """For good: rows, files and thumbnails, also of those set aside. Ids that are not theirs are passed over."""
    gone = studio.stores.gallery.delete(actor.subject_id, ids)
    studio.stores.exports.end_files(actor.subject_id)
    tell_removed(studio, actor, gone)
    return len(gone)


def discard(studio: Studio, actor: Actor, ids: Sequence[str]) -> tuple[str, ...]:
    """Deletes with a short grace: nothing finds them from now on, and when it is over they go for good."""
    gone = studio.stores.bin.discard(actor.subject_id, ids, studio.clock() + GRACE)
    studio.stores.exports.end_files(actor.subject_id)
    tell_removed(studio, actor, gone)
    return gone


def restore(studio: Studio, actor: Actor, ids: Sequence[str]) -> tuple[str, ...]:
    """Takes a deletion back; answers which of them are here again."""
    back = studio.stores.bin.restore(actor.subject_id, ids)
    for image_id in back:
        studio.live.tell(actor.subject_id, "restored", image_id)
    for job_id in {studio.stores.gallery.get(actor.subject_id, image_id).job_id for image_id in back}:
        studio.live.tell(actor.subject_id, "job", job_id)
    tell_changed(studio, actor)
    return back


def star(studio: Studio, actor: Actor, ids: Sequence[str], value: bool) -> tuple[str, ...]:
    """Those that changed."""
    return studio.stores.gallery.star(actor.subject_id, ids, value)


def tags(studio: Studio, actor: Actor) -> tuple[Tag, ...]:
    return studio.stores.tags.all(actor.subject_id)


def tag(studio: Studio, actor: Actor, ids: Sequence[str], name: str, present: bool) -> tuple[tuple[str, ...], str]:
    """Puts the tag on these, or takes it off; answers those that changed, and how the tag is spelt."""
    kept = studio.stores.tags
    name = labels.tidy(name)
    known = kept.named(actor.subject_id, name)
    spelt = kept.get(actor.subject_id, known[0]).name if known else name
    if not present:
        return kept.take(actor.subject_id, ids, name), spelt
    require(labels.tag(name, 0 if known else kept.count(actor.subject_id)))
    return kept.put(actor.subject_id, ids, name), spelt


def rename_tag(studio: Studio, actor: Actor, tag_id: str, name: str, merge: bool) -> Tag:
    """On every picture that has it. With `merge` it becomes one with a tag that has that name already.

    Raises Missing, and Refused for a bad name or one that is taken.
    """
    kept, name = studio.stores.tags, labels.tidy(name)
    kept.get(actor.subject_id, tag_id)
    require(labels.tag(name, 0))
    others = [other for other in kept.named(actor.subject_id, name) if other != tag_id]
    require(labels.unused_tag(name, bool(others) and not merge))
    if others:
        tag = kept.merge(actor.subject_id, tag_id, others[0])
    else:
        tag = kept.rename(actor.subject_id, tag_id, name)
    tell_changed(studio, actor)
    return tag


def delete_tag(studio: Studio, actor: Actor, tag_id: str) -> int:
    """Takes it off every picture; answers how many those are."""
    freed = studio.stores.tags.delete(actor.subject_id, tag_id)
    tell_changed(studio, actor)
    return freed


def boards(studio: Studio, actor: Actor) -> tuple[Board, ...]:
    return studio.stores.boards.all(actor.subject_id)


def get_board(studio: Studio, actor: Actor, board_id: str) -> Board:
    return studio.stores.boards.get(actor.subject_id, board_id)


def add_board(studio: Studio, actor: Actor, title: str) -> Board:
    kept, title = studio.stores.boards, labels.tidy(title)
    taken = bool(kept.titled(actor.subject_id, title))
    require(labels.title(title, kept.count(actor.subject_id)), labels.unused(title, taken))
    board = kept.add(actor.subject_id, title, studio.clock())
    tell_changed(studio, actor)
    return board


def rename_board(studio: Studio, actor: Actor, board_id: str, title: str) -> Board:
    kept, title = studio.stores.boards, labels.tidy(title)
    taken = any(other != board_id for other in kept.titled(actor.subject_id, title))
    require(labels.title(title, 0), labels.unused(title, taken))
    board = kept.rename(actor.subject_id, board_id, title)
    tell_changed(studio, actor)
    return board


def set_cover(studio: Studio, actor: Actor, board_id: str, image_id: str | None) -> Board:
    board = studio.stores.boards.set_cover(actor.subject_id, board_id, image_id)
    tell_changed(studio, actor)
    return board


def delete_board(studio: Studio, actor: Actor, board_id: str) -> int:
    """The pictures on it stay; answers how many those are."""
    freed = studio.stores.boards.delete(actor.subject_id, board_id)
    tell_changed(studio, actor)
    return freed


def move(studio: Studio, actor: Actor, ids: Sequence[str], board_id: str | None) -> Mapping[str, str | None]:
    """Those that were elsewhere, each with the board it came from."""
    return studio.stores.boards.move(actor.subject_id, ids, board_id)


def tell_removed(studio: Studio, actor: Actor, ids: Sequence[str]) -> None:
    for image_id in ids:
        studio.live.tell(actor.subject_id, "removed", image_id)


def tell_changed(studio: Studio, actor: Actor) -> None:
    """Pictures or boards came that an open gallery should show."""
    studio.live.tell(actor.subject_id, "gallery", "")

"""Make a picture public under a link, take the link back, and what a visitor of the link may do."""

from __future__ import annotations

import hmac
import io
import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from PIL import Image as Pillow

from components import words
from components.actions import choices, generate, moderation, sources
from components.actions.models import model_name
from components.studio import Studio
from pipelines import images
from policies import moderation as rules
from policies import sharing
from policies.actor import Actor
from policies.sharing import Options
from policies.verdict import require
from store.gallery import Image
from store.shares import NewShare, Place, Share, hash_password, password_fits
from store.vault import Missing

PREVIEW_SIDE, THUMB_SIDE = 1200, 512
REMIXED = ("prompt", "negative_prompt", "model", "width", "height", "steps", "guidance", "scheduler", "seed")


def publish(studio: Studio, actor: Actor, image_id: str, options: Options, locale: str = "") -> Share:
    """Receipt first, then the public copies, then the link. Raises Refused or Missing before anything is written."""
    image = studio.stores.gallery.get(actor.subject_id, image_id)
    require(sharing.check(options), sharing.made_here(image.kind))
    require(rules.publish(moderation.check_of(studio, image.subject_id, image.id).held))
    new = NewShare(
        id=uuid.uuid4().hex,
        image_id=image.id,
        card=card(studio, image, options),
        files=copies(studio, image, options),
        **lasting(options, studio.clock()),
    )
    return keep(studio, actor, new, options, locale)


def lasting(options: Options, now: datetime) -> dict[str, Any]:
    """Who finds the link, for how long, and what guards it."""
    return {
        "listed": options.listed,
        "expires_at": sharing.expiry(options.days, now),
        "password_hash": hash_password(options.password) if options.password else None,
    }


def keep(studio: Studio, actor: Actor, new: NewShare, options: Options, locale: str) -> Share:
    """The receipts of what was agreed to, then the link."""
    now = studio.clock()
    for purpose in (sharing.PURPOSE, *([sharing.LISTING] if options.listed else [])):
        studio.stores.consents.give(actor.subject_id, purpose, sharing.VERSION, now, scope=new.id, locale=locale[:35])
    share = studio.stores.shares.publish(actor.subject_id, new, now)
    tell_changed(studio, actor.subject_id)
    return share


def card(studio: Studio, image: Image, options: Options) -> dict[str, Any]:
    """Everything that the public page will say, and nothing that it will not."""
    draft = image.draft.to_dict()
    return {
        "title": options.title.strip(),
        "pseudonym": options.pseudonym.strip(),
        "prompt": image.draft.prompt if options.prompt else "",
        "model": model_name(studio, image.model) if options.prompt else "",
        "settings": {name: draft[name] for name in REMIXED} if options.remix else None,
        "metadata": options.metadata,
        "training": choices.training(studio, image.subject_id),
        "width": image.width,
        "height": image.height,
    }


def copies(studio: Studio, image: Image, options: Options) -> dict[str, bytes]:
    """The public files: each marked and signed as made by AI, with the settings inside only where that was chosen."""
    full = studio.stores.gallery.bytes(image.subject_id, image.id, "full")
    settings = generate.settings_of(studio, image) if options.metadata else None
    pack = partial(studio.signer.packed, allow_training=choices.training(studio, image.subject_id))
    parent = sources.parent(studio, image.subject_id, image.draft)
    return {
        "image": pack(full, "png", settings, image_id=image.id, parent=parent),
        "preview": pack(scaled(full, PREVIEW_SIDE), "jpeg", None, image_id=image.id, quality=90),
        "thumb": pack(scaled(full, THUMB_SIDE), "webp", None, image_id=image.id, quality=86),
    }


def renew(studio: Studio, subject_id: str) -> int:
    """Public copies say what their owner says now about training: those that say otherwise are signed anew.

    Answers how many links that were. One that was interrupted is finished by the next call.
    """
    return sum(renew_one(studio, share) for share in studio.stores.shares.of_subject(subject_id, studio.clock()))


def renew_all(studio: Studio) -> int:
    return sum(renew_one(studio, share) for share in studio.stores.shares.each(studio.clock()))


def renew_one(studio: Studio, share: Share) -> bool:
    training = choices.training(studio, share.subject_id)
    if share.card.get("training", False) == training:
        return False
    options = Options(metadata=share.card["metadata"])
    shown = share.pictures if share.notebook_id is not None else {None: share.image_id}
    files: dict[int | None, dict[str, bytes]] = {}
    for number, image_id in shown.items():
        with suppress(Missing):  # deleted meanwhile, and its copy with it
            files[number] = copies(studio, studio.stores.gallery.get(share.subject_id, image_id), options)
    studio.stores.shares.renew(share, files, {**share.card, "training": training}, studio.clock())
    return True


def scaled(png: bytes, side: int) -> bytes:
    return images.encode(images.within(Pillow.open(io.BytesIO(png)).convert("RGB"), side), "PNG", compress_level=1)


def mine(studio: Studio, actor: Actor) -> tuple[Share, ...]:
    """What is public now, newest first."""
    return studio.stores.shares.of_subject(actor.subject_id, studio.clock())


def take_back(studio: Studio, actor: Actor, share_id: str) -> None:
    """The link, its page and every public copy go at once. Raises Missing for another's."""
    now = studio.clock()
    studio.stores.shares.withdraw(actor.subject_id, share_id, now)
    studio.stores.consents.withdraw(actor.subject_id, share_id, now)
    studio.stores.gallery.sweep_doomed()
    tell_changed(studio, actor.subject_id)


def tell_changed(studio: Studio, subject_id: str) -> None:
    """What of theirs is public is no more what an open list of it shows."""
    studio.live.tell(subject_id, "shares", "")


def visit(studio: Studio, token: str) -> Share:
    """The share behind a link. Raises Missing when it never was, Withdrawn when it is no more."""
    return studio.stores.shares.by_token(token, studio.clock())


def title_of(said: Mapping[str, Any]) -> str:
    """What the page is called: its title, else the prompt where that is public, else that AI made it."""
    untitled = "public_untitled" if said.get("cells") is None else "public_untitled_notebook"
    return str(said["title"] or said["prompt"] or words.say(untitled))


def open_with(studio: Studio, share: Share, password: str) -> str | None:
    """A pass for an hour, if the password is right: the page needs no cookie."""
    if share.password_hash is None or not password_fits(password[: sharing.MOST_PASSWORD], share.password_hash):
        return None
    until = int((studio.clock() + sharing.PASS_FOR).timestamp())
    return f"{until}.{signature(studio, share, until)}"


def may_see(studio: Studio, share: Share, given: str) -> bool:
    """Whether the share is open to all, or the visitor's pass still opens it."""
    if share.password_hash is None:
        return True
    until, _, signed = given.partition(".")
    if not until.isdigit() or len(until) > 12 or int(until) < studio.clock().timestamp():
        return False
    return hmac.compare_digest(signed, signature(studio, share, int(until)))


def signature(studio: Studio, share: Share, until: int) -> str:
    """Bound to the password: a link that is published anew does not honour old passes."""
    message = f"{until} {share.password_hash}".encode()
    return hmac.new(studio.stores.shares.secret(share), message, "sha256").hexdigest()[:32]


def report(studio: Studio, share: Share, reason: str, note: str) -> str:
    """Keeps a visitor's complaint for the moderators. Nothing about the visitor is kept."""
    require(sharing.reason(reason))
    return studio.stores.shares.report(share, reason, note[: sharing.LONGEST_NOTE], studio.clock())


def listed(studio: Studio, before: Place | None = None) -> tuple[tuple[Share, ...], Place | None]:
    """The public gallery page: those whose owners put them there, and where the next page begins."""
    return studio.stores.shares.listed(studio.clock(), before)

"""Look at what was drawn before its owner does: measure, scan, hold back, and hear an appeal."""

from __future__ import annotations

import hashlib

import numpy as np

from components.studio import Studio
from pipelines import images, inspect
from pipelines.nsfwjs import network
from pipelines.types import Pixels
from policies import moderation
from policies.actor import Actor
from policies.moderation import Thresholds
from policies.verdict import require
from store.checks import RELEASED, Check, NewCheck
from store.gallery import Image

CANNOT_LOOK = "The picture was drawn, but the scan that has to look at it first did not work."


class ScanFailed(Exception):
    """Nobody could look at the picture, so nobody gets it."""


def scan(studio: Studio, pixels: Pixels) -> NewCheck:
    """Measures and the judgement over them. Raises ScanFailed when it goes wrong: what is not seen is not shown."""
    try:
        measures = inspect.measure(pixels)
        found = moderation.quality(measures.brightness, measures.spread)
        if studio.settings.scan and not found.flagged:
            scores = network.classify(pixels)
            limits = Thresholds(studio.settings.scan_explicit, studio.settings.scan_suggestive)
            found = moderation.picture(scores.porn + scores.hentai, scores.sexy, limits)
        return NewCheck(
            brightness=measures.brightness,
            spread=measures.spread,
            sharpness=measures.sharpness,
            label=found.label,
            score=found.score,
            flagged=found.flagged,
            hash=fingerprint(pixels),
        )
    except Exception as error:
        raise ScanFailed(CANNOT_LOOK) from error


def fingerprint(pixels: Pixels) -> str:
    """Names a picture in the log without showing it."""
    return hashlib.sha256(pixels.tobytes()).hexdigest()


def check_of(studio: Studio, image: Image) -> Check:
    """What was found of a picture. One that nobody looked at yet is looked at now."""
    known = studio.stores.checks.of(image.subject_id, image.id)
    if known is None:
        full = studio.stores.gallery.bytes(image.subject_id, image.id, "full")
        check = scan(studio, pixels_of(full))
        studio.stores.checks.add(image.id, image.subject_id, image.model, check, studio.clock())
        known = studio.stores.checks.of(image.subject_id, image.id)
        assert known is not None
    return known


def held(studio: Studio, subject_id: str, image_id: str) -> Check | None:
    """The check that keeps a picture back, or None."""
    known = studio.stores.checks.of(subject_id, image_id)
    return known if known is not None and known.held else None


def veiled(studio: Studio, subject_id: str, image_id: str) -> bool:
    """Whether its owner sees it blurred for now."""
    check = held(studio, subject_id, image_id)
    return check is not None and moderation.veiled(check.label)


def appeal(studio: Studio, actor: Actor, image_id: str, note: str) -> Check:
    """The owner of a personal home decides at once; elsewhere a moderator is asked. Raises Missing for another's."""
    image = studio.stores.gallery.get(actor.subject_id, image_id)
    if moderation.release_own(actor).allowed:
        decide(studio, image, RELEASED)
    else:
        studio.stores.checks.appeal(actor.subject_id, image_id, note)
    studio.live.tell(actor.subject_id, "job", image.job_id)
    return check_of(studio, image)


def decide(studio: Studio, image: Image, decision: str) -> None:
    """Released or upheld, and logged by the picture's hash alone."""
    full = studio.stores.gallery.bytes(image.subject_id, image.id, "full")
    studio.stores.checks.decide(image.id, decision, fingerprint(pixels_of(full)), studio.clock())


def require_free(studio: Studio, image: Image) -> None:
    """Raises Refused for a picture that is blurred for its owner: it does not leave the studio."""
    require(moderation.publish(veiled(studio, image.subject_id, image.id)))


def pixels_of(png: bytes) -> Pixels:
    return np.asarray(images.decode(png).convert("RGB"))

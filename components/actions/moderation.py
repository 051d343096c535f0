"""Look at what was drawn before its owner does: measure, scan, hold back, and hear an appeal."""

from __future__ import annotations

import hashlib
from contextlib import suppress

import numpy as np

from components.studio import Studio
from pipelines import images, inspect
from pipelines.nsfwjs import network
from pipelines.types import Pixels
from policies import moderation
from policies.actor import Actor
from policies.moderation import Finding, Thresholds
from policies.verdict import require
from store.checks import RELEASED, Check, NewCheck
from store.vault import Missing

CANNOT_LOOK = "The picture was drawn, but the scan that has to look at it first did not work."


class ScanFailed(Exception):
    """Nobody could look at the picture, so nobody gets it."""


def scan(studio: Studio, pixels: Pixels, *, made: bool = True) -> NewCheck:
    """Measures and the judgement over them. Raises ScanFailed when it goes wrong: what is not seen is not shown.

    Only of what was `made` here is one colour a fault: people may bring an empty sheet.
    """
    try:
        measures = inspect.measure(pixels)
        found = moderation.quality(measures.brightness, measures.spread) if made else Finding()
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


def fingerprint_of(studio: Studio, subject_id: str, picture_id: str) -> str:
    return fingerprint(pixels_of(whole(studio, subject_id, picture_id)))


def check_of(studio: Studio, subject_id: str, picture_id: str) -> Check:
    """What was found of a picture or an upload. One that nobody looked at yet is looked at now.

    Raises Missing for another's, and ScanFailed.
    """
    known = studio.stores.checks.of(subject_id, picture_id)
    if known is None:
        model, made = "", False
        with suppress(Missing):
            image = studio.stores.gallery.get(subject_id, picture_id)
            model, made = image.model, image.kind != "imported"
        check = scan(studio, pixels_of(whole(studio, subject_id, picture_id)), made=made)
        studio.stores.checks.add(picture_id, subject_id, model, check, studio.clock())
        known = studio.stores.checks.of(subject_id, picture_id)
        assert known is not None
    return known


def whole(studio: Studio, subject_id: str, picture_id: str) -> bytes:
    """The file itself, of the gallery or brought along: for looking at it, never for showing it."""
    try:
        return studio.stores.gallery.bytes(subject_id, picture_id, "full")
    except Missing:
        return studio.stores.inputs.data(subject_id, picture_id)


def held(studio: Studio, subject_id: str, image_id: str) -> Check | None:
    """The check that keeps a picture back, or None."""
    known = studio.stores.checks.of(subject_id, image_id)
    return known if known is not None and known.held else None


def veiled(studio: Studio, subject_id: str, picture_id: str) -> bool:
    """Whether its owner sees it blurred for now. Nothing is shown that nobody looked at."""
    check = check_of(studio, subject_id, picture_id)
    return check.held and moderation.veiled(check.label)


def answer_to(studio: Studio, check: Check) -> str:
    """What a moderator wrote to the owner of a held picture."""
    return studio.stores.checks.said(check)[1]


def may_ask(studio: Studio, check: Check) -> bool:
    """Whether its owner can ask for a look, first or once more."""
    return moderation.may_ask(check.state, check.appeals).allowed


def appeal(studio: Studio, actor: Actor, picture_id: str, note: str) -> Check:
    """The owner of a personal home decides at once; elsewhere a moderator is asked.

    Raises Missing for another's, Refused when one is asked already or was asked too often.
    """
    check = check_of(studio, actor.subject_id, picture_id)
    if not check.held:
        raise Missing(f"id: there is no flagged picture {picture_id!r} of yours")
    if moderation.release_own(actor).allowed:
        decide(studio, check, RELEASED)
    else:
        require(moderation.may_ask(check.state, check.appeals))
        studio.stores.checks.appeal(actor.subject_id, picture_id, note)
    tell(studio, actor.subject_id, picture_id)
    return check_of(studio, actor.subject_id, picture_id)


def tell(studio: Studio, subject_id: str, picture_id: str) -> None:
    """An open page of its owner shows what became of it."""
    with suppress(Missing):
        image = studio.stores.gallery.get(subject_id, picture_id)
        studio.live.tell(subject_id, "job", image.job_id)
        studio.live.tell(subject_id, "gallery", "")


def decide(studio: Studio, check: Check, decision: str, answer: str = "") -> None:
    """Released or upheld, and logged by the picture's hash alone."""
    digest = fingerprint_of(studio, check.subject_id, check.image_id)
    studio.stores.checks.decide(check.image_id, decision, digest, studio.clock(), answer)


def require_free(studio: Studio, subject_id: str, picture_id: str) -> None:
    """Raises Refused for a picture that is blurred for its owner: it does not leave, and nothing is made from it."""
    require(moderation.publish(veiled(studio, subject_id, picture_id)))


def pixels_of(png: bytes) -> Pixels:
    return np.asarray(images.decode(png).convert("RGB"))

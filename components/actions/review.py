"""What moderators do with held pictures and reported pages: take a case on, look, decide. Every look is on record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from components.actions import moderation, sharing
from components.studio import Studio
from pipelines import images
from policies import moderation as rules
from policies.access import at_least, read_of_another
from policies.actor import Actor
from policies.verdict import require
from store.checks import RELEASED, UPHELD, Check, Checks
from store.reports import DISMISSED, TAKEN_DOWN, Report, Reports
from store.shares import Share
from store.vault import Missing
from store.withdrawing import variant_of

Kind = Literal["picture", "report"]
KINDS: tuple[Kind, ...] = get_args(Kind)
REPORTED = "reported"

# What the person can read afterwards about a look at their data.
WHY = {
    "picture": "You asked for another look at a picture that is held back.",
    "report": "A visitor reported your public page.",
}


@dataclass(frozen=True, slots=True)
class Case:
    """`claim` is "open", "mine" or "taken". `words` is what the owner or the visitor wrote, for who took it on alone.

    `token` is the public page that was reported, where no password guards it; `pictures` is how many there are to see.
    """

    kind: Kind
    id: str
    label: str
    score: float
    created_at: datetime
    claim: Literal["open", "mine", "taken"]
    words: str = ""
    asked: int = 0
    token: str = ""
    pictures: int = 1


@dataclass(frozen=True, slots=True)
class Subject:
    """What a case is about: whose, which pictures, and the link that shows them to others."""

    subject_id: str
    pictures: tuple[str, ...]
    share: Share | None = None


def may_review(actor: Actor) -> bool:
    return at_least(actor, "moderator").allowed


def waiting(studio: Studio, staff: Actor) -> int:
    """How many cases there are. 0 for who is no moderator."""
    return sum(1 for _ in pending(studio)) if may_review(staff) else 0


def queue(studio: Studio, staff: Actor) -> tuple[Case, ...]:
    """The oldest first. Nothing of what they are about is opened by listing them. Raises Refused."""
    require(at_least(staff, "moderator"))
    found = sorted(pending(studio), key=lambda one: one.created_at)
    return tuple(case_of(studio, staff, one) for one in found)


def pending(studio: Studio) -> Iterator[Check | Report]:
    for check in studio.stores.checks.waiting():
        if there(studio, check):
            yield check
    for report in studio.stores.reports.waiting():
        if studio.stores.shares.lives(report.share_id, studio.clock()):
            yield report


def there(studio: Studio, check: Check) -> bool:
    """Whether the picture still is: its owner may have set it aside meanwhile."""
    owned = studio.stores.gallery.owned(check.subject_id, [check.image_id])
    return bool(owned) or studio.stores.inputs.has(check.subject_id, check.image_id)


def claim(studio: Studio, staff: Actor, kind: Kind, case_id: str) -> Case:
    """Takes the case on. What its owner or the visitor wrote is read with it, which is on record. Raises Refused."""
    require(at_least(staff, "moderator"))
    row, now = found(studio, kind, case_id), studio.clock()
    require(rules.own_case(staff, row.subject_id), rules.claim(row.claimed_by, row.claimed_at, staff, now))
    record(studio, staff, kind, row.subject_id, "claimed")
    taken = store_of(studio, kind).claim(case_id, staff.subject_id, now)
    return case_of(studio, staff, taken)


def look(studio: Studio, staff: Actor, kind: Kind, case_id: str, *, clear: bool, number: int = 1) -> bytes:
    """A WebP of at most 1024 pixels, blurred unless `clear` was asked for. `number` is the place of a notebook's
    picture on its page, from 1. Raises Refused before the case is taken on, and Missing for a number that is not there.
    """
    about = subject_of(studio, mine(studio, staff, kind, case_id))
    data = shown(studio, about, number)
    if clear:
        record(studio, staff, kind, about.subject_id, "looked")
    small = images.thumbnail(images.flatten(images.decode(data)), 1024)
    return small if clear else images.veil(small)


def decide(studio: Studio, staff: Actor, kind: Kind, case_id: str, decision: str, answer: str) -> None:
    """Ends the case and tells its owner. Raises Refused before it is taken on, or for a decision that is none."""
    require(rules.decision(kind, decision, answer))
    row, answer = mine(studio, staff, kind, case_id), answer.strip()
    if isinstance(row, Report):
        settle(studio, row, decision, answer)
    else:
        moderation.decide(studio, row, RELEASED if decision == "release" else UPHELD, answer)
        moderation.tell(studio, row.subject_id, row.image_id)
    studio.stores.audit.add(studio.clock(), staff.kind, f"review.{decision}", row.subject_id, {"kind": kind})
    if decision != "dismiss":
        facts = {"reason": label_of(row)} | ({"image": row.image_id} if isinstance(row, Check) else {})
        studio.stores.notices.add(row.subject_id, f"review_{decision}", facts, studio.clock())


def settle(studio: Studio, report: Report, decision: str, answer: str) -> None:
    """A page that is taken down is gone at once, and its pictures cannot be published again until that is heard."""
    now, stores = studio.clock(), studio.stores
    if decision == "dismiss":
        stores.reports.decide(report, DISMISSED, "", None, now)
        return
    pictures = subject_of(studio, report).pictures
    stores.reports.decide(report, TAKEN_DOWN, answer, next(iter(pictures), None), now)
    stores.shares.withdraw(report.subject_id, report.share_id, now)
    stores.consents.withdraw(report.subject_id, report.share_id, now)
    stores.gallery.sweep_doomed()
    sharing.tell_changed(studio, report.subject_id)
    for picture_id in pictures:
        digest = moderation.fingerprint_of(studio, report.subject_id, picture_id)
        stores.checks.hold(picture_id, REPORTED, digest, now, answer)
        moderation.tell(studio, report.subject_id, picture_id)


def taken_down(studio: Studio, actor: Actor) -> tuple[tuple[Report, str], ...]:
    """The actor's own pages that moderators took down, and why."""
    return studio.stores.reports.taken_down(actor.subject_id)


def release_stale(studio: Studio) -> int:
    """Cases that their moderator left lying are nobody's again. Answers how many."""
    before = studio.clock() - rules.CLAIM_FOR
    return studio.stores.checks.unclaim(before=before) + studio.stores.reports.unclaim(before=before)


def release_of(studio: Studio, moderator: str) -> int:
    """A moderator who leaves takes their name off every case."""
    return studio.stores.checks.unclaim(moderator) + studio.stores.reports.unclaim(moderator)


# Inside


def store_of(studio: Studio, kind: Kind) -> Checks | Reports:
    return studio.stores.checks if kind == "picture" else studio.stores.reports


def found(studio: Studio, kind: Kind, case_id: str) -> Check | Report:
    return studio.stores.checks.case(case_id) if kind == "picture" else studio.stores.reports.get(case_id)


def mine(studio: Studio, staff: Actor, kind: Kind, case_id: str) -> Check | Report:
    """The case, for who took it on. Raises Refused, Missing."""
    require(at_least(staff, "moderator"))
    row = found(studio, kind, case_id)
    require(rules.claimed(row.claimed_by, row.claimed_at, staff, studio.clock()))
    return row


def subject_of(studio: Studio, row: Check | Report) -> Subject:
    """Raises Missing when the page was taken back or the picture deleted meanwhile."""
    if isinstance(row, Check):
        return Subject(row.subject_id, (row.image_id,))
    share = studio.stores.shares.get(row.subject_id, row.share_id, studio.clock())
    return Subject(row.subject_id, (share.image_id,) if share.image_id else tuple(share.pictures.values()), share)


def shown(studio: Studio, about: Subject, number: int) -> bytes:
    """Of a page its public copy: a moderator sees what everybody did, and nothing else."""
    if not 1 <= number <= len(about.pictures):
        raise Missing(f"number: there is no picture {number} of {len(about.pictures)}")
    if about.share is not None:
        places = list(about.share.pictures)
        return studio.stores.shares.file(about.share, variant_of("preview", places[number - 1] if places else None))
    return moderation.whole(studio, about.subject_id, about.pictures[0])


def record(studio: Studio, staff: Actor, kind: Kind, subject_id: str, what: str) -> None:
    """On a home of one's own there is nobody else to tell."""
    if staff.subject_id == subject_id:
        return
    require(read_of_another(staff, WHY[kind]))
    facts: dict[str, int | str] = {"case": kind, "what": what}
    studio.stores.audit.add(studio.clock(), staff.kind, "staff.read", subject_id, facts, WHY[kind])


def case_of(studio: Studio, staff: Actor, row: Check | Report) -> Case:
    now = studio.clock()
    if rules.claimed(row.claimed_by, row.claimed_at, staff, now).allowed:
        state: Literal["open", "mine", "taken"] = "mine"
    else:
        free = rules.claim(row.claimed_by, row.claimed_at, staff, now).allowed
        state = "open" if free and rules.own_case(staff, row.subject_id).allowed else "taken"
    if isinstance(row, Check):
        words = studio.stores.checks.said(row)[0] if state == "mine" else ""
        return Case("picture", row.image_id, row.label, row.score, row.created_at, state, words, row.appeals)
    if state != "mine":
        return Case("report", row.id, row.reason, 0.0, row.created_at, state)
    words, token, pictures = studio.stores.reports.note(row), "", 0
    with suppress(Missing):
        about = subject_of(studio, row)
        assert about.share is not None
        token, pictures = "" if about.share.password_hash else about.share.token, len(about.pictures)
    return Case("report", row.id, row.reason, 0.0, row.created_at, state, words, 0, token, pictures)


def label_of(row: Check | Report) -> str:
    return row.label if isinstance(row, Check) else row.reason

"""What people may know, decide and ask about their data. Every call acts for its actor alone."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import partial
from typing import Any

from components.actions import policy_life
from components.actions.choices import may, said
from components.studio import Studio
from components.words import of_data
from policies import data_map
from policies.access import read_of_another
from policies.actor import Actor
from policies.privacy import BY_ID, PURPOSES, allowed, is_privacy_request
from policies.privacy import switches as switched
from policies.verdict import ALLOWED, Verdict, refuse, require
from store.choices import Receipt
from store.notices import Notice
from store.tickets import Ticket

FIRST_ROWS = 50  # of a table on the page; the download has them all
LONGEST_SUBJECT, LONGEST_TEXT = 200, 5000
KINDS = ("question", "feedback", "privacy")
GPC = "gpc"  # the version of a receipt that a browser's own signal wrote


def visited(studio: Studio, actor: Actor, *, opted_out: bool) -> None:
    """Restarts the clock of inactivity; hears Global Privacy Control, once, as an objection like any other."""
    first = studio.stores.activity.seen(actor.subject_id, studio.clock(), opted_out)
    if first:
        carry_over(studio, actor)
    if first and opted_out:
        said = studio.stores.choices.said(actor.subject_id)
        for purpose in BY_ID.values():
            if said.get(purpose.id) is None and allowed(purpose, None):
                object_to(studio, actor, purpose.id)


def object_to(studio: Studio, actor: Actor, purpose: str, version: str = GPC) -> None:
    studio.stores.choices.add(actor.subject_id, purpose, version, False, "", studio.clock())


def carry_over(studio: Studio, actor: Actor) -> None:
    """A no to suggestions from when that was a preference of the page becomes an objection like any other, once."""
    kept = dict(studio.stores.preferences.read(actor.subject_id))
    if "recommendations" not in kept:
        return
    wanted = kept.pop("recommendations")
    if not wanted and said(studio, actor).get("recommendations") is None:
        object_to(studio, actor, "recommendations", BY_ID["recommendations"].version)
    studio.stores.preferences.write(actor.subject_id, kept)


def used(studio: Studio, actor: Actor, feature: str, credits: float = 0.0) -> None:
    """Counts a use, unless the person objected. A personal studio counts nothing: there is nobody to tell."""
    if studio.settings.home != "personal" and may(studio, actor, "analytics"):
        studio.stores.usage.count(actor.subject_id, feature, studio.clock(), credits)


def require_consent(studio: Studio, actor: Actor, purpose: str) -> None:
    """Raises Refused until the person has said yes to this version of the purpose."""
    if not may(studio, actor, purpose):
        require(refuse("consent_needed", field=purpose, value=False, expected="your consent, in your account"))


def switches(studio: Studio, actor: Actor) -> dict[str, bool]:
    return switched(said(studio, actor))


def receipts(studio: Studio, actor: Actor) -> tuple[Receipt, ...]:
    return studio.stores.choices.of(actor.subject_id)


def all_receipts(studio: Studio, actor: Actor) -> list[dict[str, Any]]:
    """Every yes and no of a person, the newest first: to uses of data, to the policy, to a picture becoming public."""
    stores, me = studio.stores, actor.subject_id
    found = [receipt_view(one.purpose, one.version, one.given, one.locale, one.at) for one in receipts(studio, actor)]
    account_id = stores.accounts.id_of(me)
    for one in stores.receipts.of_account(account_id) if account_id else ():
        found.append(receipt_view(one.purpose, one.version, one.given, one.locale, one.at, one.how))
    for consent in stores.consents.of_subject(me):
        about = (consent.purpose, consent.version)
        found.append(receipt_view(*about, True, consent.locale, consent.given_at, "picture"))
        if consent.withdrawn_at is not None:
            found.append(receipt_view(*about, False, consent.locale, consent.withdrawn_at, "picture"))
    return sorted(found, key=lambda one: str(one["at"]), reverse=True)


def receipt_view(purpose: str, version: str, given: bool, locale: str, at: datetime, how: str = "") -> dict[str, Any]:
    values = {"purpose": purpose, "version": version, "given": given, "locale": locale}
    return values | {"at": at.isoformat(), "how": how}


def my_data(studio: Studio, actor: Actor, language: str = "en") -> list[dict[str, Any]]:
    """Every table that can hold something about a person, with what it is for and what it holds about this one."""
    person, me = studio.stores.person, actor.subject_id
    guest = studio.stores.subjects.kind(me) == "guest"
    return [
        table_view(table, list(person.rows(table, me, FIRST_ROWS)), person.count_in(table, me), language)
        | {"retention": of_data(table.kept(guest=guest), language)}
        for table in data_map.TABLES
        if table.owner
    ]


def table_view(table: data_map.Table, rows: list[dict[str, Any]], total: int, language: str) -> dict[str, Any]:
    of = partial(of_data, code=language)
    return {
        "id": table.id,
        "title": of(table.title),
        "purpose": of(table.purpose),
        "lawful": of(data_map.LAWFUL[table.lawful]),
        "sealed": any(column.sealed for column in table.columns),
        "kept_because": of(table.kept_because),
        "columns": [
            {"name": one.name, "means": of(one.means), "kind": one.kind, "shown": one.shown} for one in table.columns
        ],
        "rows": rows,
        "total": total,
    }


def look_as_staff(studio: Studio, staff: Actor, subject_id: str, reason: str) -> list[dict[str, Any]]:
    """Somebody else's data, for staff with a reason, which that person can read afterwards. Raises Refused."""
    require(read_of_another(staff, reason))
    studio.stores.audit.add(studio.clock(), staff.kind, "staff.read", subject_id, reason=reason)
    return my_data(studio, Actor(subject_id))


def staff_reads(studio: Studio, actor: Actor) -> list[dict[str, Any]]:
    entries = studio.stores.audit.about(actor.subject_id)
    return [
        {"at": one.at.isoformat(), "who": one.actor, "reason": one.reason}
        for one in entries
        if one.action == "staff.read"
    ]


def write_to_us(studio: Studio, actor: Actor, kind: str, subject: str, text: str) -> Ticket:
    """Asks, says or requests something. A subject that names a privacy request makes it one, whatever was chosen."""
    require(
        ALLOWED if kind in KINDS else refuse("unknown", field="kind", value=kind, expected=" or ".join(KINDS)),
        length("subject", subject, LONGEST_SUBJECT),
        length("text", text, LONGEST_TEXT),
    )
    if is_privacy_request(subject):
        kind = "privacy"
    now = studio.clock()
    ticket = studio.stores.tickets.add(actor.subject_id, kind, subject.strip(), text.strip(), now)
    studio.stores.audit.add(now, actor.kind, "ticket.received", actor.subject_id, {"kind": kind})
    return ticket


def length(field: str, text: str, most: int) -> Verdict:
    if text.strip() and len(text) <= most:
        return ALLOWED
    return refuse("bad_message", field=field, value=text[:20], expected=f"1 to {most} characters")


def messages(studio: Studio, actor: Actor) -> tuple[Ticket, ...]:
    return studio.stores.tickets.of(actor.subject_id)


def notices(studio: Studio, actor: Actor) -> tuple[Notice, ...]:
    """What waits on their page, the newest first: also the banner of a change of the policy."""
    policy_life.put_up(studio, actor)
    tell_new_uses(studio, actor)
    return studio.stores.notices.of(actor.subject_id, unread=True)


def introduce_uses(studio: Studio) -> tuple[str, ...]:
    """At the start: a use of data that this home did not know is written down with its day."""
    return studio.stores.uses.introduce(PURPOSES, studio.clock())


def new_uses(studio: Studio, actor: Actor) -> frozenset[str]:
    """Uses of data that came after this person, and that they said nothing about yet."""
    begun = studio.stores.subjects.begun(actor.subject_id)
    since, answers = studio.stores.uses.since(), said(studio, actor)
    if begun is None:
        return frozenset()
    return frozenset(
        one.id
        for one in PURPOSES
        if (at := since.get((one.id, one.version))) is not None
        and at > begun
        and (one.id not in answers or answers[one.id].version not in (one.version, GPC))
    )


def tell_new_uses(studio: Studio, actor: Actor) -> None:
    """A notice that leads to the switch, once for each person, use and version of its text."""
    for purpose in sorted(new_uses(studio, actor)):
        version = BY_ID[purpose].version
        once = hashlib.sha256(f"use {purpose} {version} {actor.subject_id}".encode()).hexdigest()[:32]
        facts: dict[str, int | str] = {"purpose": purpose, "version": version}
        studio.stores.notices.add(actor.subject_id, "new_use", facts, studio.clock(), once)


def read_notice(studio: Studio, actor: Actor, notice_id: str) -> None:
    studio.stores.notices.read(actor.subject_id, notice_id, studio.clock())

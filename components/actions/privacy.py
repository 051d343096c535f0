"""What people may know, decide and ask about their data. Every call acts for its actor alone."""

from __future__ import annotations

from typing import Any

from components.actions import policy_life
from components.studio import Studio
from policies import data_map
from policies.access import read_of_another
from policies.actor import Actor
from policies.privacy import BY_ID, Said, allowed, is_privacy_request
from policies.privacy import switches as switched
from policies.verdict import ALLOWED, Verdict, refuse, require
from store.choices import Receipt
from store.notices import Notice
from store.tickets import Ticket

FIRST_ROWS = 50  # of a table on the page; the download has them all
LONGEST_SUBJECT, LONGEST_TEXT = 200, 5000
KINDS = ("question", "feedback", "privacy")
GPC = "gpc"  # the version of a receipt that a browser's own signal wrote


def visited(studio: Studio, actor: Actor, *, opted_out: bool, locale: str = "") -> None:
    """The first request of a day restarts the clock of inactivity and accepts the policy that holds by then.

    Global Privacy Control is heard once, as an objection like any other.
    """
    if not studio.stores.activity.seen(actor.subject_id, studio.clock(), opted_out):
        return
    policy_life.accept_by_use(studio, actor, locale)
    if opted_out:
        said = studio.stores.choices.said(actor.subject_id)
        for purpose in BY_ID.values():
            if said.get(purpose.id) is None and allowed(purpose, None):
                object_to(studio, actor, purpose.id)


def object_to(studio: Studio, actor: Actor, purpose: str) -> None:
    studio.stores.choices.add(actor.subject_id, purpose, GPC, False, "", studio.clock())


def used(studio: Studio, actor: Actor, feature: str, credits: float = 0.0) -> None:
    """Counts a use, unless the person objected. A personal studio counts nothing: there is nobody to tell."""
    if studio.settings.home != "personal" and may(studio, actor, "analytics"):
        studio.stores.usage.count(actor.subject_id, feature, studio.clock(), credits)


def may(studio: Studio, actor: Actor, purpose: str) -> bool:
    """Whether this person's data may be used for it now. Asked at the moment of use, never remembered."""
    return allowed(BY_ID[purpose], said(studio, actor).get(purpose))


def said(studio: Studio, actor: Actor) -> dict[str, Said]:
    return studio.stores.choices.said(actor.subject_id)


def require_consent(studio: Studio, actor: Actor, purpose: str) -> None:
    """Raises Refused until the person has said yes to this version of the purpose."""
    if not may(studio, actor, purpose):
        require(refuse("consent_needed", field=purpose, value=False, expected="your consent, in your account"))


def switches(studio: Studio, actor: Actor) -> dict[str, bool]:
    return switched(said(studio, actor))


def choose(studio: Studio, actor: Actor, purpose: str, given: bool, locale: str) -> Receipt:
    """Writes a receipt, also for taking something back. Raises Refused for an unknown purpose."""
    if purpose not in BY_ID:
        require(refuse("unknown", field="purpose", value=purpose, expected=" or ".join(BY_ID)))
    choices, now = studio.stores.choices, studio.clock()
    receipt = choices.add(actor.subject_id, purpose, BY_ID[purpose].version, given, locale[:35], now)
    facts: dict[str, int | str] = {"purpose": purpose, "given": int(given)}
    studio.stores.audit.add(now, actor.kind, "consent.given" if given else "consent.withdrawn", actor.subject_id, facts)
    return receipt


def receipts(studio: Studio, actor: Actor) -> tuple[Receipt, ...]:
    return studio.stores.choices.of(actor.subject_id)


def my_data(studio: Studio, actor: Actor) -> list[dict[str, Any]]:
    """Every table that can hold something about a person, with what it is for and what it holds about this one."""
    person, me = studio.stores.person, actor.subject_id
    return [
        table_view(table, list(person.rows(table, me, FIRST_ROWS)), person.count_in(table, me))
        for table in data_map.TABLES
        if table.owner
    ]


def table_view(table: data_map.Table, rows: list[dict[str, Any]], total: int) -> dict[str, Any]:
    return {
        "id": table.id,
        "title": table.title,
        "purpose": table.purpose,
        "lawful": data_map.LAWFUL[table.lawful],
        "retention": table.retention,
        "sealed": any(column.sealed for column in table.columns),
        "kept_because": table.kept_because,
        "columns": [
            {"name": one.name, "means": one.means, "kind": one.kind, "shown": one.shown} for one in table.columns
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
    return studio.stores.notices.of(actor.subject_id, unread=True)


def read_notice(studio: Studio, actor: Actor, notice_id: str) -> None:
    studio.stores.notices.read(actor.subject_id, notice_id, studio.clock())

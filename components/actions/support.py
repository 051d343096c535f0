"""Answering what people write. Staff see that something waits; what it says they open for a reason, which is shown."""

from __future__ import annotations

from components.actions import mail
from components.actions.privacy import LONGEST_TEXT, length, write_to_us
from components.studio import Studio
from policies import access
from policies.actor import Actor
from policies.retention import MORE_TIME
from policies.verdict import Refused, refuse, require
from store.blobs import Missing
from store.tickets import Ticket, Waiting


def waiting(studio: Studio, staff: Actor) -> tuple[Waiting, ...]:
    """The most urgent first. Raises Refused for everybody but staff."""
    require(access.at_least(staff, "moderator"))
    return studio.stores.tickets.waiting()


def look(studio: Studio, staff: Actor, ticket_id: str, reason: str) -> Ticket:
    """What somebody wrote. They can read under My data who looked, and why."""
    require(access.read_of_another(staff, reason))
    ticket = studio.stores.tickets.waits(ticket_id)
    studio.stores.audit.add(studio.clock(), staff.kind, "staff.read", ticket.subject_id, reason=reason.strip())
    return studio.stores.tickets.get(ticket.subject_id, ticket_id)


def answer(studio: Studio, staff: Actor, ticket_id: str, text: str) -> None:
    """Closes it. The answer waits in the studio, sealed; a letter and the page say that it is there."""
    require(access.at_least(staff, "moderator"), length("text", text, LONGEST_TEXT))
    ticket, now = studio.stores.tickets.waits(ticket_id), studio.clock()
    studio.stores.tickets.answer(ticket.subject_id, ticket_id, text.strip(), now)
    studio.stores.audit.add(now, staff.kind, "ticket.answered", ticket.subject_id, {"kind": ticket.kind})
    tell(studio, ticket, "answered", f"{now:%Y-%m-%d}")


def extend(studio: Studio, staff: Actor, ticket_id: str, reason: str) -> None:
    """Two further months for a request about privacy: once, before its date, with a reason that the person reads."""
    require(access.read_of_another(staff, reason), length("reason", reason, LONGEST_TEXT))
    ticket, now = studio.stores.tickets.waits(ticket_id), studio.clock()
    if ticket.due_at is None or ticket.extended or ticket.due_at <= now:
        expected = "a privacy request in its first month, not extended before"
        raise Refused(refuse("no_more_time", field="id", value=ticket_id, expected=expected))
    until = ticket.due_at + MORE_TIME
    studio.stores.tickets.extend(ticket.subject_id, ticket_id, until, reason.strip())
    studio.stores.audit.add(now, staff.kind, "ticket.extended", ticket.subject_id)
    tell(studio, ticket, "extended", f"{until:%Y-%m-%d}")


def enter(studio: Studio, staff: Actor, address: str, subject: str, text: str) -> Waiting:
    """A request that came by mail becomes a message of the account with that address. Raises Refused."""
    require(access.at_least(staff, "moderator"))
    account = studio.stores.accounts.of_email(address)
    if account is None:
        raise Refused(refuse("account_unknown", field="email", value=address, expected="the address of an account"))
    ticket = write_to_us(studio, Actor(account.subject_id, "user"), "question", subject, text)
    studio.stores.audit.add(studio.clock(), staff.kind, "ticket.entered", account.subject_id, {"kind": ticket.kind})
    return studio.stores.tickets.waits(ticket.id)


def tell(studio: Studio, ticket: Waiting, what: str, date: str) -> None:
    """On their page, and by a letter that repeats nothing of it to whoever has an address."""
    studio.stores.notices.add(ticket.subject_id, what, {"date": date}, studio.clock())
    try:
        account = studio.stores.accounts.of_subject(ticket.subject_id)
    except Missing:  # a guest
        return
    with studio.stores.accounts.together():
        mail.post(studio, account, what, f"{what} {ticket.id}", date=date)

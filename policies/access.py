"""Who may do what beyond their own pictures."""

from __future__ import annotations

from datetime import datetime, timedelta

from policies.actor import Actor, ActorKind
from policies.verdict import ALLOWED, Verdict, refuse

CONFIRMED_FOR = timedelta(minutes=15)
LEAST_REASON = 10  # characters of a reason to look at another's data


def fetch_models(actor: Actor) -> Verdict:
    """A download fills the machine's disk, so it is for who runs the studio."""
    if actor.kind in ("owner", "admin"):
        return ALLOWED
    return refuse("not_yours", field="model", value=actor.kind, expected="the owner of this studio")


def account(actor: Actor) -> Verdict:
    """What needs an account: guests are asked to make one first."""
    if actor.has_account:
        return ALLOWED
    return refuse("account_needed", field="account", value=actor.kind, expected="a person who is signed in")


def at_least(actor: Actor, kind: ActorKind) -> Verdict:
    """`moderator` is for moderators and admins, `admin` for admins. The owner of a personal home is both."""
    allowed = {"moderator": ("moderator", "admin", "owner"), "admin": ("admin", "owner")}[kind]
    if actor.kind in allowed:
        return ALLOWED
    return refuse("staff_only", field="role", value=actor.kind, expected=" or ".join(allowed[:-1]))


def read_of_another(actor: Actor, reason: str) -> Verdict:
    """Staff look at a person's data for a reason that they write down; the person can read it later."""
    verdict = at_least(actor, "moderator")
    if not verdict.allowed or len(reason.strip()) >= LEAST_REASON:
        return verdict
    return refuse("reason_needed", field="reason", value=reason, expected=f"{LEAST_REASON} characters or more")


def confirmed(actor: Actor, confirmed_at: datetime | None, now: datetime) -> Verdict:
    """What cannot be undone needs the password again, a short while before. A personal home has none to ask for."""
    if actor.kind == "owner" or (confirmed_at is not None and now - confirmed_at < CONFIRMED_FOR):
        return ALLOWED
    minutes = CONFIRMED_FOR // timedelta(minutes=1)
    return refuse("confirm_first", field="password", value="", expected=f"your password within {minutes} minutes")

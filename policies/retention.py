"""How long things stay: pure rules over moments. What is deleted elsewhere is decided here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

WARN_AFTER = (60, 76, 83, 89)  # days of inactivity
DELETE_AFTER = 90
GUEST_CONTENT = timedelta(days=1)
ANALYTICS = timedelta(days=730)
BACKUPS = timedelta(days=30)
EXPORTS = timedelta(days=7)
COOLING_OFF = timedelta(days=7)
ANSWER_WITHIN = timedelta(days=30)  # GDPR Article 12(3): within one month
MORE_TIME = timedelta(days=60)  # the same: two further months, once, and the person is told why in the first
NOTICE_PERIOD = timedelta(days=30)

SubjectKind = str


@dataclass(frozen=True, slots=True)
class Step:
    """What the daily job does with somebody's pictures. `days` is the warning's, or the days of inactivity."""

    what: Literal["keep", "warn", "delete"]
    days: int = 0


KEEP = Step("keep")


def inactive(active_at: datetime, now: datetime, *, warned: int, exempt: bool) -> Step:
    """90 days without a visit delete the pictures; four warnings come before, each once.

    Nobody loses pictures who was not warned: when the studio itself slept, the last warning comes first and the
    deletion a day later. `exempt` is a premium plan, or the owner of a personal studio.
    """
    days = (now - active_at).days
    if exempt:
        return KEEP
    due = [mark for mark in WARN_AFTER if mark <= days]
    if days >= DELETE_AFTER and warned >= WARN_AFTER[-1]:
        return Step("delete", days)
    if due and due[-1] > warned:
        return Step("warn", due[-1])
    return KEEP


def in_force(versions: int, effective: dict[int, datetime], now: datetime) -> int:
    """The version of the policy that holds: the newest whose day has come. The first holds from the beginning."""
    come = (number for number, moment in effective.items() if number <= versions and moment <= now)
    return max(come, default=1)


def effective_from(noticed_at: datetime, sooner: datetime | None = None, reason: str = "") -> datetime:
    """The first midnight after 30 days of notice; sooner only with a reason in law. Raises ValueError."""
    usual = noticed_at + NOTICE_PERIOD
    midnight = usual.replace(hour=0, minute=0, second=0, microsecond=0)
    usual = midnight if midnight == usual else midnight + timedelta(days=1)
    if sooner is None or sooner >= usual:
        return usual
    if not reason.strip():
        raise ValueError("reason: '' is not allowed. Expected the law that demands less than 30 days of notice.")
    return sooner

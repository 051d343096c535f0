"""The life of the privacy policy: which version holds, how the next one is announced, and what going on accepts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import policies
from components.actions import mail
from components.studio import Studio
from policies import retention
from policies.actor import OPERATOR, Actor
from policies.policy_text import Block, parse
from policies.verdict import Refused, refuse
from store.policy_notices import PolicyNotice
from store.receipts import POLICY, Receipt

TEXTS = Path(policies.__file__).parent / "texts"


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Announced:
    notice: PolicyNotice
    letters: int


@lru_cache(maxsize=2)
def versions(folder: Path = TEXTS) -> tuple[Version, ...]:
    """Every version of the policy that shipped, oldest first."""
    numbered = sorted((int(path.stem.rpartition("-")[2]), path) for path in folder.glob("privacy-*.txt"))
    return tuple(Version(number, parse(path.read_text())) for number, path in numbered)


def newest() -> int:
    return versions()[-1].number


def notices(studio: Studio) -> Mapping[int, PolicyNotice]:
    return {notice.version: notice for notice in studio.stores.policy_notices.all()}


def in_force(studio: Studio) -> int:
    """The version that holds now: the one that people agree to and whose text is shown first."""
    effective = {number: notice.effective_at for number, notice in notices(studio).items()}
    return retention.in_force(newest(), effective, studio.clock())


def announce(studio: Studio, sooner: datetime | None = None, reason: str = "") -> Announced:
    """Tells of the newest version: a row that says from when it holds, and a letter to every account.

    Doing it again goes on where it stopped: the date stays, and nobody gets a second letter. Raises Refused when there
    is nothing new, and when a date before the 30 days comes without the law that demands it.
    """
    version, now = newest(), studio.clock()
    if version == 1:
        expected = "a second text of the policy, policies/texts/privacy-2.txt"
        raise Refused(refuse("policy_nothing_new", field="version", value=version, expected=expected))
    if sooner is not None and sooner < now:
        raise Refused(refuse("policy_past", field="sooner", value=f"{sooner:%Y-%m-%d}", expected="a day to come"))
    try:
        effective = retention.effective_from(now, sooner, reason)
    except ValueError:
        expected = "the law that demands less than 30 days of notice"
        raise Refused(refuse("policy_reason", field="because", value=reason, expected=expected)) from None
    law = reason.strip() if effective == sooner else ""
    notice = studio.stores.policy_notices.add(PolicyNotice(version, now, effective, law))
    letters = sum(write_to(studio, account_id, notice) for account_id in studio.stores.accounts.all_ids())
    facts = {"version": version, "letters": letters}
    studio.stores.audit.add(now, OPERATOR.kind, "policy.announced", None, facts)
    return Announced(notice, letters)


def write_to(studio: Studio, account_id: str, notice: PolicyNotice) -> bool:
    """One letter for each account and version. It says from when, and where the differences are."""
    account = studio.stores.accounts.alive(account_id)
    if account is None or account.verified_at is None:
        return False
    event = f"policy {notice.version} {account_id}"
    changes, date = f"{mail.address(studio)}/trust#v{notice.version}", f"{notice.effective_at:%Y-%m-%d}"
    with studio.stores.accounts.together():
        return mail.post(studio, account, "policy", event, date=date, changes=changes)


def put_up(studio: Studio, actor: Actor) -> None:
    """The banner of the newest change, for whoever was here before it holds. Its row records that it was shown."""
    notice = notices(studio).get(newest())
    begun = studio.stores.subjects.begun(actor.subject_id)
    if notice is None or begun is None or begun >= notice.effective_at:
        return
    once = hashlib.sha256(f"policy {notice.version} {actor.subject_id}".encode()).hexdigest()[:32]
    facts: dict[str, int | str] = {"version": notice.version, "effective": notice.effective_at.isoformat()}
    studio.stores.notices.add(actor.subject_id, "policy", facts, studio.clock(), once)


def accept_by_use(studio: Studio, actor: Actor, locale: str) -> None:
    """Whoever goes on after a version came into force has accepted its text: that, and no new use of their data."""
    version = in_force(studio)
    if version == 1 or not actor.has_account:
        return
    account_id = studio.stores.accounts.id_of(actor.subject_id)
    if account_id is None:  # left a moment ago
        return
    last = studio.stores.receipts.latest(account_id, POLICY)
    if last is None or int(last.version) < version:
        receipt = Receipt(POLICY, str(version), True, locale, studio.clock(), "use")
        studio.stores.receipts.add(account_id, receipt)

"""What goes by itself: quiet people's pictures, guests with all they made, old counts, old downloads, old backups.

Every rule is a function of the studio and says what it did or, in a dry run, what it would do. A lease in the database
sees to it that two processes never do the same.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from components import words
from components.actions import guests as visitors
from components.actions import leaving, mail, policy_life, review, sharing
from components.studio import Studio
from policies import retention
from policies.limits import ALLOWANCE
from store.activity import Activity
from store.keys import KeyGone
from store.notebooks import TAKE_BACK

BATCH = 200
DAILY = timedelta(hours=20)  # a little less than a day, so that a daily run never slips to every second day
OFTEN = timedelta(minutes=1)


@dataclass
class Swept:
    """What one rule did. `people` are told apart by their numbers only."""

    rule: str
    deleted: int = 0
    warned: int = 0
    lines: list[str] = field(default_factory=list)


def sweep(studio: Studio, *, dry_run: bool = False, force: bool = False) -> list[Swept]:
    """Every rule whose turn it is. `force` does not wait for the turn; a dry run changes nothing and needs none.

    A rule that fails keeps no other from its turn; its error is raised when all had theirs.
    """
    found = []
    failed: Exception | None = None
    owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
    for name, (rule, every) in RULES.items():
        if dry_run:
            found.append(rule(studio, True))
            continue
        wait = timedelta(0) if force else every
        try:
            with studio.stores.sweeps.turn(name, owner, studio.clock(), wait) as mine:
                if mine:
                    found.append(rule(studio, False))
        except Exception as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return found


def quiet_people(studio: Studio, dry_run: bool) -> Swept:
    """Deletes the pictures of a person who

    - was not here for 90 days,
    - was warned at 60, 76, 83 and 89 days,
    - has no premium plan and is not the owner of a personal studio,
    - has pictures at all,

    and leaves everybody and everything else alone. The account stays.
    """
    swept, now = Swept("inactivity"), studio.clock()
    for one in studio.stores.activity.quiet_since(now - timedelta(days=retention.WARN_AFTER[0])):
        if one.kind == "guest":
            continue  # theirs go after a day
        if not studio.stores.gallery.some_of(one.subject_id, 1):
            continue  # nothing to lose, nothing to be warned of
        step = retention.inactive(one.active_at, now, warned=one.warned, exempt=exempt(studio, one))
        if step.what == "warn":
            swept.warned += 1
            swept.lines.append(f"warn {short(one.subject_id)}: quiet for {step.days} days")
            if not dry_run:
                warn(studio, one, step.days)
        elif step.what == "delete":
            count = delete_quiet(studio, one.subject_id, dry_run)
            swept.deleted += count
            swept.lines.append(f"delete {count} pictures of {short(one.subject_id)}: quiet for {step.days} days")
    return swept


def warn(studio: Studio, one: Activity, days: int) -> None:
    now = studio.clock()
    ends = one.active_at + timedelta(days=retention.DELETE_AFTER)
    studio.stores.notices.add(one.subject_id, "inactive", {"days": days, "ends": ends.date().isoformat()}, now)
    mail_about_inactivity(studio, one.subject_id, days, f"{ends:%Y-%m-%d}")
    studio.stores.activity.warned(one.subject_id, days)
    studio.stores.audit.add(now, "system", "retention.warned", one.subject_id, {"days": days})


def delete_quiet(studio: Studio, subject_id: str, dry_run: bool) -> int:
    """Plan and last visit are read again right before: who came back or paid a moment ago keeps everything."""
    if dry_run:
        return len(studio.stores.gallery.some_of(subject_id, 10**9))
    gone = 0
    while ids := studio.stores.gallery.some_of(subject_id, BATCH):
        with studio.stores.activity.together():
            now, fresh = studio.clock(), studio.stores.activity.of(subject_id)
            if fresh is None:
                break
            step = retention.inactive(fresh.active_at, now, warned=fresh.warned, exempt=exempt(studio, fresh))
            if step.what != "delete":
                break
            gone += len(studio.stores.gallery.delete(subject_id, ids))
    studio.stores.inputs.delete_all(subject_id)
    now = studio.clock()
    if gone:
        facts: dict[str, int | str] = {"pictures": gone, "ends": now.date().isoformat()}
        studio.stores.notices.add(subject_id, "inactive_deleted", facts, now)
    studio.stores.audit.add(now, "system", "retention.deleted", subject_id, {"pictures": gone})
    return gone


def exempt(studio: Studio, one: Activity) -> bool:
    """A premium plan, as it is at this moment, or the owner of a personal studio."""
    if one.kind == "owner":
        return True
    account = studio.stores.accounts.alive_of(one.subject_id)
    return account is not None and account.premium


def mail_about_inactivity(studio: Studio, subject_id: str, days: int, ends: str) -> None:
    account = studio.stores.accounts.alive_of(subject_id)
    if account is None:
        return
    language = mail.language_of(account)
    subject = words.say_in(language, "privacy_mail_inactive_subject", ends=ends)
    link = mail.address(studio)
    text = words.say_in(language, "privacy_mail_inactive_text", name=account.name, days=days, ends=ends, link=link)
    mail.post_text(studio, account, "service", f"inactive {subject_id} {ends} {days}", subject, text)


def guests(studio: Studio, dry_run: bool) -> Swept:
    """Erases, whole, visitors without an account whose visits are over. Deletes what others of them made over a day
    ago, and nothing that something younger of theirs is made from."""
    swept, now = Swept("guests"), studio.clock()
    if not dry_run:
        studio.stores.subjects.sweep(now)
        studio.stores.allowances.purge(now - ALLOWANCE)
    whole = visitors.erase_gone(studio, dry_run)
    swept.deleted += len(whole)
    swept.lines += [f"erase guest {short(one)}" for one in whole]
    before = now - retention.GUEST_CONTENT
    for subject_id in studio.stores.ages.guests(before):
        if subject_id in whole or not visitors.is_guest(studio, subject_id, dry_run):
            continue
        try:
            found = visitors.drop_old(studio, subject_id, before, dry_run)
        except KeyGone:  # they are being deleted just now, with all of it
            continue
        if found:
            told = ", ".join(f"{count} {kind}" for kind, count in found.items())
            swept.deleted += found.total()
            swept.lines.append(f"delete of guest {short(subject_id)}: {told}")
    if swept.deleted and not dry_run:
        studio.stores.person.flush()
    return swept


def tombstones(studio: Studio, dry_run: bool) -> Swept:
    """Forgets that guests were erased, as soon as no backup could bring them back. Whoever asked keeps the receipt."""
    return Swept("tombstones", visitors.forget_tombstones(studio, dry_run))


def deleted_notebooks(studio: Studio, dry_run: bool) -> Swept:
    """Deletes notebooks for good that can no longer be taken back."""
    return Swept("notebooks", studio.stores.notebooks.purge(studio.clock() - TAKE_BACK, dry_run=dry_run))


def old_counts(studio: Studio, dry_run: bool) -> Swept:
    """Deletes usage events that are older than 730 days."""
    return Swept("analytics", studio.stores.usage.purge(studio.clock() - retention.ANALYTICS, dry_run=dry_run))


def old_downloads(studio: Studio, dry_run: bool) -> Swept:
    """Deletes packed downloads whose link has ended, and what was packed for downloads of pictures that are over."""
    if not dry_run:
        studio.stores.exports.sweep(studio.clock())
    return Swept("downloads", studio.stores.takeouts.drop_expired(studio.clock(), dry_run=dry_run))


def old_links(studio: Studio, dry_run: bool) -> Swept:
    """Takes back public links whose time is over, with their copies."""
    if dry_run:
        return Swept("links")
    ended = studio.stores.shares.withdraw_expired(studio.clock())
    if ended:
        studio.stores.gallery.sweep_doomed()
    return Swept("links", ended)


def public_words(studio: Studio, dry_run: bool) -> Swept:
    """Signs public copies anew that say something else about training than their owner does now.

    It is done when the choice is made; this finishes what was interrupted.
    """
    return Swept("credentials", warned=0 if dry_run else sharing.renew_all(studio))


def stale_claims(studio: Studio, dry_run: bool) -> Swept:
    """Takes the name of a moderator off cases that they left lying."""
    if dry_run:
        return Swept("claims")
    return Swept("claims", review.release_stale(studio))


def old_backups(studio: Studio, dry_run: bool) -> Swept:
    """Destroys the keys of backups that are older than 30 days: from then on nothing opens them."""
    return Swept("backups", studio.stores.backups.expire(studio.clock(), dry_run=dry_run))


def unneeded_inputs(studio: Studio, dry_run: bool) -> Swept:
    """Deletes uploads and masks that nothing needs any more."""
    return Swept("uploads", 0 if dry_run else studio.stores.inputs.sweep(studio.clock()))


def deletions(studio: Studio, dry_run: bool) -> Swept:
    """Carries out the deletions of accounts whose wait is over."""
    if dry_run:
        due = studio.stores.erasures.due(studio.clock())
        return Swept("accounts", len(due), lines=[f"erase {short(one.subject_id)}" for one in due])
    return Swept("accounts", leaving.run_due(studio))


def new_policy(studio: Studio, dry_run: bool) -> Swept:
    """Announces a new text of the policy where nobody has to be written to: the banner alone tells of it.

    A hosted home is announced to by hand, `python app.py policy announce`, because it writes to everybody. Nobody can
    run that on a Space, so there it happens by itself, letters included.
    """
    version = policy_life.newest()
    if studio.settings.home == "hosted" or version == 1 or version in policy_life.notices(studio):
        return Swept("policy")
    if not dry_run:
        policy_life.announce(studio)
    return Swept("policy", warned=1, lines=[f"announce version {version} of the privacy policy"])


def short(subject_id: str) -> str:
    return f"{subject_id[:8]}…"


Rule = Callable[[Studio, bool], Swept]

RULES: dict[str, tuple[Rule, timedelta]] = {
    "accounts": (deletions, OFTEN),
    "inactivity": (quiet_people, DAILY),
    "analytics": (old_counts, DAILY),
    "downloads": (old_downloads, timedelta(hours=1)),
    "links": (old_links, timedelta(hours=1)),
    "credentials": (public_words, timedelta(hours=1)),
    "claims": (stale_claims, OFTEN),
    "backups": (old_backups, timedelta(hours=1)),
    "uploads": (unneeded_inputs, DAILY),
    "policy": (new_policy, timedelta(hours=1)),
    "notebooks": (deleted_notebooks, timedelta(hours=1)),
    "tombstones": (tombstones, DAILY),
    "guests": (guests, timedelta(hours=1)),  # last: of many guests it takes its time
}

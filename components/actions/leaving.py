"""Deleting an account: asked for, waited for, carried out step by step, looked for again, proven by a receipt."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta

from components.actions import review, teaching
from components.studio import Studio
from policies import access
from policies.actor import Actor
from policies.retention import COOLING_OFF
from policies.verdict import Refused, refuse, require
from store.blobs import blob_name
from store.erasures import Erasure
from store.gallery import VARIANTS
from store.keys import KeyGone
from store.vault import Missing

BATCH = 200
SESSIONS = frozenset({"content.guest_session", "identity.session", "identity.ticket", "identity.recovery_code"})
USAGE = frozenset({"content.usage_event"})

logger = logging.getLogger(__name__)


class Incomplete(Exception):
    """Something was found after it should have gone; the deletion goes on until nothing is."""


def ask(studio: Studio, actor: Actor, days: int) -> Erasure:
    """Begins the wait of 0 to 7 days. Raises Refused."""
    if not 0 <= days <= COOLING_OFF.days:
        expected = f"a whole number of days from 0 to {COOLING_OFF.days}"
        require(refuse("out_of_range", field="days", value=days, expected=expected))
    now = studio.clock()
    erasure = studio.stores.erasures.ask(actor.subject_id, now, now + timedelta(days=days))
    studio.stores.audit.add(now, actor.kind, "erasure.asked", actor.subject_id, {"days": days})
    return erasure


def cancel(studio: Studio, actor: Actor) -> None:
    """Until it has begun. Raises Missing when there is nothing to take back."""
    if not studio.stores.erasures.cancel(actor.subject_id):
        raise Missing("erasure: there is no deletion waiting that could be taken back")
    studio.stores.audit.add(studio.clock(), actor.kind, "erasure.cancelled", actor.subject_id)


def waiting(studio: Studio, actor: Actor) -> Erasure | None:
    return studio.stores.erasures.of(actor.subject_id)


def receipt(studio: Studio, number: str) -> Erasure:
    """For whoever has the number: it names nobody. Raises Missing."""
    found = studio.stores.erasures.of_receipt(number)
    if found is None:
        raise Missing("receipt: there is no such receipt")
    return found


def erase_child(studio: Studio, staff: Actor, address: str, reason: str) -> Erasure:
    """What is done when staff learn that an account is a child's under 13. Raises Refused."""
    require(access.at_least(staff, "admin"), access.read_of_another(staff, reason))
    account = studio.stores.accounts.named(address)
    if account is None:
        raise Refused(refuse("account_unknown", field="email", value=address, expected="the address of an account"))
    studio.stores.audit.add(studio.clock(), staff.kind, "erasure.child", account.subject_id)
    return erase_at_once(studio, account.subject_id)


def erase_at_once(studio: Studio, subject_id: str) -> Erasure:
    """Nobody waits and nobody can take it back."""
    now = studio.clock()
    studio.stores.erasures.ask(subject_id, now, now)
    run(studio, subject_id)
    return receipt_of(studio, subject_id)


def run_due(studio: Studio) -> int:
    """Carries out what is due, and what another process left half done. Answers how many are complete now."""
    done = 0
    for erasure in studio.stores.erasures.due(studio.clock()):
        try:
            done += run(studio, erasure.subject_id)
        except Exception:
            logger.exception("a deletion stopped on its way and goes on with the next sweep")
    return done


def run(studio: Studio, subject_id: str, steps: Mapping[str, Step] | None = None) -> bool:
    """Every step can be repeated; what was interrupted goes on where it stopped. False when another process has it.

    With some of the `steps` alone it goes that far, and whoever comes next goes on.
    """
    erasures, steps = studio.stores.erasures, STEPS if steps is None else steps
    if not erasures.claim(subject_id, studio.clock()):
        return False
    found = dict(receipt_of(studio, subject_id).found)
    try:
        for name, step in steps.items():
            if name == "verified" or not passed(receipt_of(studio, subject_id).step, name):
                for what, count in step(studio, subject_id).items():
                    found[what] = found.get(what, 0) + count
                erasures.reached(subject_id, name, found)
    except BaseException:
        erasures.release(subject_id)
        raise
    if "verified" not in steps:
        erasures.release(subject_id)
        return True
    erasures.verified(subject_id, studio.clock())
    if receipt_of(studio, subject_id).asked:  # of guests whose time is over, one entry tells of all
        studio.stores.audit.add(studio.clock(), "system", "erasure.verified", subject_id, found)
    return True


def run_together(studio: Studio, subject_ids: Sequence[str]) -> int:
    """As `run`, of many: what was deleted leaves the logs once for all of them. One that fails keeps no other from its
    end; the first error is raised when all had theirs. Answers how many are complete."""
    names = list(STEPS)
    last = names.index("logs")
    early: dict[str, Step] = {name: STEPS[name] for name in names[:last]} | {"keys": destroy_keys_quietly}
    late: dict[str, Step] = {"logs": lambda *_: {}} | {name: STEPS[name] for name in names[last + 1 :]}
    failed: list[Exception] = []

    def each(steps: Mapping[str, Step]) -> Iterator[str]:
        for subject_id in subject_ids:
            try:
                if run(studio, subject_id, steps):
                    yield subject_id
            except Exception as error:
                logger.exception("a deletion stopped on its way and goes on with the next sweep")
                failed.append(error)

    begun = set(each(early))
    studio.stores.person.flush()
    subject_ids = [one for one in subject_ids if one in begun]
    done = len(list(each(late)))
    if failed:
        raise failed[0]
    return done


def replay_all(studio: Studio, subject_ids: Iterable[str]) -> None:
    """After a restore: what an older copy brought back of people who left goes again, at once.

    Rows of identities are found by their missing link: it went with the keys, which no copy brings back.
    """
    now, erasures = studio.clock(), studio.stores.erasures
    subject_ids = list(subject_ids)
    for subject_id in subject_ids:
        # Of whom the copy does not know any more, it does not know the receipt either.
        erasures.ask(subject_id, now, now, asked=studio.stores.subjects.kind(subject_id) in ("user", "owner"))
        erasures.reopen(subject_id)
    run_together(studio, subject_ids)
    if studio.stores.accounts.remove_left():
        studio.stores.person.flush()


def replay_interrupted(studio: Studio) -> int:
    """Before anything is served: a restore that was cut off half way may have brought somebody back who left."""
    back = []
    for subject_id in studio.stores.keys.destroyed():
        erasure = studio.stores.erasures.of(subject_id)
        if erasure is None or erasure.state == "waiting":
            back.append(subject_id)
    if back:
        replay_all(studio, back)
    return len(back)


def passed(reached: str, name: str) -> bool:
    names = list(STEPS)
    return reached in names and names.index(reached) >= names.index(name)


def receipt_of(studio: Studio, subject_id: str) -> Erasure:
    found = studio.stores.erasures.of(subject_id)
    assert found is not None, "a deletion under way always has its row"
    return found


def stop_work(studio: Studio, subject_id: str) -> dict[str, int]:
    """Nothing new is made, and nobody can act as this person any more."""
    stores, now = studio.stores, studio.clock()
    jobs = stores.jobs.alive_of(subject_id)
    for job_id in jobs:
        with suppress(KeyGone):  # in a restored copy they are gone already, and the row goes with the others
            stores.jobs.cancel(subject_id, job_id, now)
        studio.engine.cancel(job_id)
    return {"jobs_stopped": len(jobs)} | stores.person.erase(subject_id, SESSIONS)


def forget_usage(studio: Studio, subject_id: str) -> dict[str, int]:
    """Before the keys: without them nobody could tell which events were theirs."""
    return studio.stores.person.erase(subject_id, USAGE)


def unpublish(studio: Studio, subject_id: str) -> dict[str, int]:
    """Public links end and their copies go before anything else does: strangers can see them."""
    shares, blobs = studio.stores.shares, studio.stores.vault.blobs
    files = shares.files_of(subject_id)
    ended = shares.withdraw_all(subject_id)
    studio.stores.gallery.sweep_doomed()
    if any(is_there(blobs.get, name) for name in files):
        raise Incomplete("a public copy is still there")
    return {"publications": ended}


def destroy_keys(studio: Studio, subject_id: str) -> dict[str, int]:
    """From here on nothing of it can be read, in no copy anywhere."""
    studio.stores.keys.destroy(subject_id)
    return {"keys": 1}


def destroy_keys_quietly(studio: Studio, subject_id: str) -> dict[str, int]:
    """One of many: the log is emptied once, when all of them are gone."""
    studio.stores.keys.destroy(subject_id, flush=False)
    return {"keys": 1}


def delete_files(studio: Studio, subject_id: str) -> dict[str, int]:
    """Pictures with their previews, and downloads that were packed; each file is looked for again."""
    gallery, blobs = studio.stores.gallery, studio.stores.vault.blobs
    pictures = 0
    while ids := gallery.some_of(subject_id, BATCH):
        pictures += len(gallery.delete(subject_id, ids))
        for image_id in ids:
            studio.live.tell(subject_id, "removed", image_id)
            left = [variant for variant in VARIANTS if is_there(blobs.get, blob_name(image_id, variant))]
            if left:
                raise Incomplete(f"files of a deleted picture are still there: {', '.join(left)}")
    adapters = teaching.forget_all(studio, subject_id)
    uploads = studio.stores.inputs.delete_all(subject_id)
    downloads = studio.stores.takeouts.drop_of(subject_id)
    studio.stores.exports.drop_of(subject_id)
    return {"pictures": pictures, "uploads": uploads, "downloads": downloads, "adapters": adapters}


def delete_rows(studio: Studio, subject_id: str) -> dict[str, int]:
    review.release_of(studio, subject_id)
    gone = studio.stores.person.erase(subject_id)
    studio.stores.subjects.forget(subject_id)
    return gone


def empty_logs(studio: Studio, subject_id: str) -> dict[str, int]:
    studio.stores.person.flush()
    return {}


def look_again(studio: Studio, subject_id: str) -> dict[str, int]:
    """Raises Incomplete when anything is left that the map of data does not keep."""
    left = studio.stores.person.count(subject_id)
    if left:
        raise Incomplete(f"rows are still there: {left}")
    try:
        studio.stores.keys.of(subject_id)
    except KeyGone:
        return {}
    raise Incomplete("a key is still there")


def is_there(get: Callable[[str], bytes], name: str) -> bool:
    try:
        get(name)
    except Missing:
        return False
    return True


Step = Callable[[Studio, str], dict[str, int]]

STEPS: dict[str, Step] = {
    "stopped": stop_work,
    "unpublished": unpublish,
    "uncounted": forget_usage,
    "keys": destroy_keys,
    "files": delete_files,
    "rows": delete_rows,
    "logs": empty_logs,
    "verified": look_again,
}

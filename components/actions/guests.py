"""What visitors without an account made goes after a day, and all of a visitor once nobody can come back to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from components.actions import leaving
from components.studio import Studio
from policies.retention import BACKUPS, GUEST_CONTENT
from store.db import Stores

BATCH = 200
ALL = 10**6  # more than anybody makes in a day, or visits in a month
PLANS = frozenset({"content.planned_cell"})
Ids = Sequence[Any]
Find = Callable[[Stores, str, datetime], Ids]
Drop = Callable[[Stores, str, Ids], object]

# What a visitor makes: how the old of it is found, and how it goes. In this order: a job goes with its last picture,
# a board when its pictures are gone, and a run when its job is.
KINDS: dict[str, tuple[Find, Drop]] = {
    "pictures": (
        lambda stores, who, before: stores.gallery.some_of(who, ALL, before),
        lambda stores, who, ids: stores.gallery.delete(who, ids),
    ),
    "uploads": (
        lambda stores, who, before: stores.inputs.old(who, before),
        lambda stores, who, ids: stores.inputs.drop(who, ids),
    ),
    "downloads": (
        lambda stores, who, before: stores.takeouts.old(who, before),
        lambda stores, who, ids: stores.takeouts.drop_of(who, ids),
    ),
    "jobs": (
        lambda stores, who, before: stores.ages.jobs(who, before),
        lambda stores, who, ids: stores.ages.drop_jobs(ids),
    ),
    "grids": (
        lambda stores, who, before: stores.ages.series(who, before),
        lambda stores, who, ids: stores.ages.drop_series(ids),
    ),
    "prompts": (
        lambda stores, who, before: stores.ages.prompts(who, before),
        lambda stores, who, ids: stores.ages.drop_prompts(ids),
    ),
    "styles": (
        lambda stores, who, before: stores.ages.styles(who, before),
        lambda stores, who, ids: stores.ages.drop_styles(ids),
    ),
    "boards": (
        lambda stores, who, before: stores.ages.boards(who, before),
        lambda stores, who, ids: stores.ages.drop_boards(ids),
    ),
    "notebooks": (
        lambda stores, who, before: stores.notebook_ages.outlived(who, before),
        lambda stores, who, ids: stores.notebook_ages.drop(who, ids),
    ),
    "steps": (
        lambda stores, who, before: stores.notebook_ages.steps(who, before),
        lambda stores, who, ids: stores.notebook_ages.drop_steps(ids),
    ),
    "runs": (
        lambda stores, who, before: stores.notebook_ages.runs(who, before),
        lambda stores, who, ids: stores.notebook_ages.drop_runs(ids),
    ),
}


def erase_gone(studio: Studio, dry_run: bool) -> tuple[str, ...]:
    """Erases visitors whose visits are over, whole, in batches: with everything of theirs, and as an account goes.

    What they still had waiting is cancelled; who has a picture in the making goes when that has ended. Answers their
    numbers.
    """
    now = studio.clock()
    erased: list[str] = []
    for batch in batches(lambda past: studio.stores.subjects.gone(now - GUEST_CONTENT, now, BATCH, past)):
        going = [one for one in batch if is_guest(studio, one, dry_run)]
        if not dry_run:
            going = [one for one in going if is_still(studio, one)]
            erase(studio, going)
        erased += going
    return tuple(erased)


def erase(studio: Studio, subject_ids: Sequence[str]) -> None:
    now, stores = studio.clock(), studio.stores
    if not subject_ids:
        return
    for subject_id in subject_ids:
        stores.erasures.ask(subject_id, now, now, asked=False)
    done = leaving.run_together(studio, subject_ids)
    stores.audit.add(now, "system", "guests.erased", facts={"guests": done})


def batches(more: Callable[[str], tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Of numbers in their order, each once: who cannot go now keeps nobody else."""
    past = ""
    while batch := more(past):
        yield batch
        past = batch[-1]


def is_guest(studio: Studio, subject_id: str, dry_run: bool = False) -> bool:
    """False for who has an account. That their number still counts as a guest's is what a crash in the middle of a
    sign-up left, and is mended."""
    if studio.stores.accounts.id_of(subject_id) is None:
        return True
    if not dry_run:
        studio.stores.subjects.set_kind(subject_id, "user")
    return False


def is_still(studio: Studio, subject_id: str) -> bool:
    """Nothing of theirs is drawn any more. What waits ends here; a picture in the making ends within a step."""
    stores, now = studio.stores, studio.clock()
    stores.person.erase(subject_id, PLANS)
    for job_id in stores.jobs.alive_of(subject_id):
        if stores.jobs.cancel(subject_id, job_id, now).state == "running":
            studio.engine.cancel(job_id)
    return not stores.jobs.alive_of(subject_id)


def drop_old(studio: Studio, subject_id: str, before: datetime, dry_run: bool) -> Counter[str]:
    """What a visitor made before that moment and nothing younger needs. Answers how many of each kind."""
    found: Counter[str] = Counter()
    for kind, (find, drop) in KINDS.items():
        ids = find(studio.stores, subject_id, before)
        if ids:
            found[kind] = len(ids)
            if not dry_run:
                drop(studio.stores, subject_id, ids)
                tell(studio, subject_id, kind, ids)
    return found


def tell(studio: Studio, subject_id: str, kind: str, ids: Ids) -> None:
    """A page that is open shows no more of it either."""
    if kind == "pictures":
        for image_id in ids:
            studio.live.tell(subject_id, "removed", image_id)
    elif kind == "notebooks":
        for one in ids:
            studio.live.tell(subject_id, "notebook", one.notebook_id)


def forget_tombstones(studio: Studio, dry_run: bool) -> int:
    """No backup from before their end opens any more, so nothing could bring these guests back. Answers how many."""
    stores, gone = studio.stores, 0
    before = studio.clock() - BACKUPS - timedelta(days=1)
    if dry_run:
        return len(stores.erasures.unasked(before, ALL))
    while old := stores.erasures.unasked(before, BATCH):
        stores.keys.forget_destroyed(old)
        stores.erasures.forget(old)
        gone += len(old)
    return gone

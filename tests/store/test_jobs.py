"""The queue of record: every job ends exactly once, whatever happens to the process that draws it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from policies.draft import Draft
from policies.fairness import QUANTUM
from store.db import Stores, open_stores
from store.gallery import NewImage
from store.settings import Settings
from tests.conftest import NOON, environment

LEASE = timedelta(seconds=60)
FOX = Draft(prompt="a fox", seed=7)


def test_a_job_is_taken_drawn_and_kept(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    job = stores.jobs.enqueue(me, FOX, 2.0, NOON)
    taken = stores.jobs.claim("one", NOON, LEASE)
    assert taken is not None
    assert (taken.id, taken.state, taken.draft, taken.attempts) == (job.id, "running", FOX, 1)
    assert stores.jobs.claim("two", NOON, LEASE) is None
    assert stores.jobs.finish(job.id, "one", [speck], 1.5, NOON)
    assert stores.jobs.get(me, job.id).state == "done"
    (image,) = stores.gallery.of_job(me, job.id)
    assert image.draft == FOX
    assert stores.gallery.bytes(me, image.id, "full") == b"full"


def test_it_ends_only_once(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    job = stores.jobs.enqueue(me, FOX, 1.0, NOON)
    stores.jobs.claim("one", NOON, LEASE)
    assert stores.jobs.finish(job.id, "one", [speck], 1.0, NOON)
    assert not stores.jobs.finish(job.id, "one", [speck], 1.0, NOON)
    assert not stores.jobs.fail(job.id, "one", "late", "too late", NOON)
    assert not stores.jobs.cancelled(job.id, "one", NOON)
    assert len(stores.gallery.of_job(me, job.id)) == 1


def test_an_owner_that_lost_its_lease_keeps_nothing(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    job = stores.jobs.enqueue(me, FOX, 1.0, NOON)
    stores.jobs.claim("sleeper", NOON, LEASE)
    later = NOON + LEASE + timedelta(seconds=1)
    assert stores.jobs.requeue_orphans("other", NOON) == 0
    assert stores.jobs.requeue_orphans("other", later) == 1
    assert stores.jobs.claim("other", later, LEASE) is not None
    assert not stores.jobs.finish(job.id, "sleeper", [speck], 1.0, later)
    assert stores.gallery.of_job(me, job.id) == ()
    assert stores.jobs.finish(job.id, "other", [speck], 1.0, later)


def test_a_job_that_takes_the_studio_down_twice_is_set_aside(stores: Stores) -> None:
    me = stores.subjects.owner(NOON)
    job = stores.jobs.enqueue(me, FOX, 1.0, NOON)
    for life in ("first", "second"):
        assert stores.jobs.claim(life, NOON, LEASE) is not None
        stores.jobs.requeue_orphans(f"after {life}", NOON, all_others=True)
    parked = stores.jobs.get(me, job.id)
    assert (parked.state, parked.error_code) == ("failed", "gave_up")
    assert "twice" in parked.error_reason
    assert stores.jobs.claim("third", NOON, LEASE) is None


def test_a_cancelled_job_does_not_come_back(stores: Stores) -> None:
    me = stores.subjects.owner(NOON)
    job = stores.jobs.enqueue(me, FOX, 1.0, NOON)
    stores.jobs.claim("one", NOON, LEASE)
    stores.jobs.cancel(me, job.id, NOON)
    assert stores.jobs.renew("one", NOON, LEASE) == (job.id,)
    stores.jobs.requeue_orphans("two", NOON, all_others=True)
    assert stores.jobs.get(me, job.id).state == "cancelled"


def test_the_place_in_line_counts_what_fair_turns_put_first(stores: Stores) -> None:
    alice, bob = (stores.subjects.new_guest(NOON)[1] for _ in range(2))
    for _ in range(5):
        stores.jobs.enqueue(alice, FOX, 3.0, NOON)
    first, second = (stores.jobs.enqueue(bob, FOX, 3.0, NOON) for _ in range(2))
    assert stores.jobs.ahead(first) == (1, 3.0)
    assert stores.jobs.ahead(second) == (3, 9.0)


def test_whoever_has_one_job_waits_one_round_behind_a_person_with_two_hundred(stores: Stores) -> None:
    heavy, *light = (stores.subjects.new_guest(NOON)[1] for _ in range(21))
    for _ in range(200):
        stores.jobs.enqueue(heavy, FOX, 1.0, NOON)
    for subject in light:
        stores.jobs.enqueue(subject, FOX, 1.0, NOON)
    order: list[str] = []
    while set(light) - set(order):
        job = stores.jobs.claim("one", NOON, LEASE)
        assert job is not None
        order.append(job.subject_id)
        stores.jobs.finish(job.id, "one", [], 1.0, NOON)
    one_round = len(light) + QUANTUM / 1.0
    assert len(order) <= 2 * one_round


def test_a_plan_that_weighs_twice_as_much_is_served_twice_as_often(stores: Stores) -> None:
    gold, plain = (stores.subjects.new_guest(NOON)[1] for _ in range(2))
    for _ in range(40):
        stores.jobs.enqueue(gold, FOX, 1.0, NOON, weight=2.0)
        stores.jobs.enqueue(plain, FOX, 1.0, NOON)
    taken = [stores.jobs.claim("one", NOON, LEASE) for _ in range(45)]
    gold_ones = sum(job is not None and job.subject_id == gold for job in taken)
    assert 27 <= gold_ones <= 33


def test_a_person_with_as_many_jobs_at_work_as_allowed_waits_and_others_do_not(stores: Stores) -> None:
    alice, bob = (stores.subjects.new_guest(NOON)[1] for _ in range(2))
    for _ in range(4):
        stores.jobs.enqueue(alice, FOX, 1.0, NOON)
    taken = [stores.jobs.claim("one", NOON, LEASE, most=2) for _ in range(3)]
    assert [job is None for job in taken] == [False, False, True]
    last = stores.jobs.enqueue(bob, FOX, 1.0, NOON)
    job = stores.jobs.claim("one", NOON, LEASE, most=2)
    assert job is not None
    assert job.id == last.id
    assert taken[0] is not None
    stores.jobs.finish(taken[0].id, "one", [], 1.0, NOON)
    assert stores.jobs.claim("one", NOON, LEASE, most=2) is not None


def test_a_small_job_cuts_in_once_and_a_large_one_does_not(stores: Stores) -> None:
    alice, bob = (stores.subjects.new_guest(NOON)[1] for _ in range(2))
    stores.jobs.enqueue(alice, FOX, 60.0, NOON)
    assert stores.jobs.claim("one", NOON, LEASE, cutting_in=True) is None
    for _ in range(2):
        stores.jobs.enqueue(bob, FOX, 1.0, NOON)
    job = stores.jobs.claim("one", NOON, LEASE, cutting_in=True)
    assert job is not None
    assert job.subject_id == bob
    assert stores.jobs.claim("one", NOON, LEASE, cutting_in=True) is None


def test_ended_jobs_without_pictures_go_after_their_days(stores: Stores, speck: NewImage) -> None:
    """Conditions: ended before the day, and no picture. Everything else is left alone."""
    me = stores.subjects.owner(NOON)

    def made(end: str) -> str:
        job = stores.jobs.enqueue(me, FOX, 1.0, NOON)
        if end != "queued":
            stores.jobs.claim("one", NOON, LEASE)
        if end == "done":
            stores.jobs.finish(job.id, "one", [speck], 1.0, NOON)
        elif end == "failed":
            stores.jobs.fail(job.id, "one", "engine_error", "broke", NOON)
        elif end == "cancelled":
            stores.jobs.cancelled(job.id, "one", NOON)
        return job.id

    _, _, kept, running, queued = (made(end) for end in ("failed", "cancelled", "done", "running", "queued"))
    assert stores.jobs.prune(NOON) == 0
    assert stores.jobs.prune(NOON + timedelta(days=30)) == 2
    assert {job.id for job in stores.jobs.recent(me, NOON - timedelta(days=1), 10)} == {kept, running, queued}
    assert stores.gallery.of_job(me, kept)
    assert stores.jobs.counts() == {"done": 1, "running": 1, "queued": 1}


CHILD = """
import os, sys
from datetime import timedelta
from store import files, jobs
from store.db import open_stores
from store.gallery import NewImage
from store.settings import Settings
from tests.conftest import NOON
stores, point = open_stores(Settings.load()), sys.argv[1]
def die(*_): os.kill(os.getpid(), 9)
job = stores.jobs.claim("child", NOON, timedelta(seconds=60))
if point == "reserved": die()
if point == "before the rename": files.os.replace = die
if point == "after the rename": files.sync_folder = die
if point == "before the commit": type(stores.gallery).add_row = die
stores.jobs.finish(job.id, "child", [NewImage(0, 7, 8, 8, files={"full": b"full"})], 1.0, NOON)
if point == "after the commit": die()
"""


@pytest.mark.parametrize(
    "point", ["reserved", "before the rename", "after the rename", "before the commit", "after the commit"]
)
def test_a_kill_at_any_point_loses_nothing_and_doubles_nothing(settings: Settings, speck: NewImage, point: str) -> None:
    stores = open_stores(settings)
    me = stores.subjects.owner(NOON)
    job = stores.jobs.enqueue(me, FOX, 1.0, NOON)
    stores.close()
    root = Path(__file__).parents[2]
    child = subprocess.run(
        [sys.executable, "-c", CHILD, point],
        cwd=root,
        env=os.environ | environment(settings) | {"PYTHONPATH": str(root)},
    )
    assert child.returncode == -signal.SIGKILL

    stores = open_stores(settings)
    stores.jobs.requeue_orphans("next life", NOON, all_others=True)
    if point != "after the commit":
        assert stores.jobs.claim("next life", NOON, LEASE) is not None
        assert stores.jobs.finish(job.id, "next life", [speck], 1.0, NOON)
    assert stores.jobs.claim("next life", NOON, LEASE) is None
    assert stores.jobs.get(me, job.id).state == "done"
    (image,) = stores.gallery.of_job(me, job.id)
    assert stores.gallery.bytes(me, image.id, "full") == b"full"
    stores.gallery.sweep_orphans()
    kept = len(stores.vault.blobs.names())
    assert kept == (1 if point == "after the commit" else 2)
    stores.close()

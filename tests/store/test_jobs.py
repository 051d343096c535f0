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
from store.db import Stores, open_stores
from store.gallery import NewImage
from store.settings import Settings
from tests.conftest import NOON

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


CHILD = """
import os, sys
from datetime import timedelta
from pathlib import Path
from store import files, jobs
from store.db import open_stores
from store.gallery import NewImage
from store.settings import Settings
from tests.conftest import NOON
stores, point = open_stores(Settings(data=Path(sys.argv[1]))), sys.argv[2]
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
        [sys.executable, "-c", CHILD, str(settings.data), point], cwd=root, env=os.environ | {"PYTHONPATH": str(root)}
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

"""Whatever happens in whatever order, a job ends at most once, and its pictures are there if and only if it is done."""

from __future__ import annotations

import tempfile
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from policies.draft import Draft
from store.db import Stores, open_stores
from store.gallery import NewImage
from store.jobs import MAX_ATTEMPTS
from store.settings import Settings
from tests.conftest import NOON

LEASE = timedelta(seconds=60)
OWNERS = st.sampled_from(["one", "two"])
PICTURE = NewImage(index=0, seed=7, width=8, height=8, files={"full": b"pixels"})
ENDS = {"done", "failed", "cancelled"}


class JobLife(RuleBasedStateMachine):
    """Two processes and two people work on one queue; processes die, and owners come back late."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.stores = open_stores(Settings(data=Path(self.folder.name)))
        self.people = [self.stores.subjects.new_guest(NOON)[1] for _ in range(2)]
        self.now = NOON
        self.jobs: dict[str, str] = {}
        self.ends: dict[str, str] = {}

    def teardown(self) -> None:
        self.stores.close()
        self.folder.cleanup()

    @rule(person=st.integers(0, 1), cost=st.floats(0.1, 9))
    def enqueue(self, person: int, cost: float) -> None:
        job = self.stores.jobs.enqueue(self.people[person], Draft(prompt="a fox", seed=7), cost, self.now)
        self.jobs[job.id] = job.subject_id

    @rule(owner=OWNERS)
    def claim(self, owner: str) -> None:
        job = self.stores.jobs.claim(owner, self.now, LEASE)
        assert job is None or job.attempts <= MAX_ATTEMPTS

    @rule(owner=OWNERS, pick=st.integers(0), how=st.sampled_from(["finish", "fail", "cancelled"]))
    def end(self, owner: str, pick: int, how: str) -> None:
        """Also of jobs that the owner never had, or lost: the store says whether the end counted."""
        if not self.jobs:
            return
        job_id = list(self.jobs)[pick % len(self.jobs)]
        jobs = self.stores.jobs
        if how == "finish":
            counted = jobs.finish(job_id, owner, [PICTURE], 1.0, self.now)
        elif how == "fail":
            counted = jobs.fail(job_id, owner, "engine_error", "broke", self.now)
        else:
            counted = jobs.cancelled(job_id, owner, self.now)
        assert not (counted and job_id in self.ends)

    @rule(pick=st.integers(0))
    def cancel(self, pick: int) -> None:
        if self.jobs:
            job_id = list(self.jobs)[pick % len(self.jobs)]
            self.stores.jobs.cancel(self.jobs[job_id], job_id, self.now)

    @rule(owner=OWNERS, everything=st.booleans())
    def another_life(self, owner: str, everything: bool) -> None:
        self.stores.jobs.requeue_orphans(owner, self.now, all_others=everything)

    @rule(seconds=st.sampled_from([1, 59, 61]), owner=OWNERS)
    def time_passes(self, seconds: int, owner: str) -> None:
        self.now += timedelta(seconds=seconds)
        self.stores.jobs.renew(owner, self.now, LEASE)

    @invariant()
    def an_end_is_final_and_pictures_belong_to_done_jobs(self) -> None:
        for job_id, subject in self.jobs.items():
            job = self.stores.jobs.get(subject, job_id)
            assert self.ends.get(job_id, job.state) == job.state
            if job.state in ENDS:
                self.ends[job_id] = job.state
            pictures = self.stores.gallery.of_job(subject, job_id)
            assert len(pictures) == (1 if job.state == "done" else 0)
        assert len(self.stores.vault.blobs.names()) == Counter(self.ends.values())["done"]


TestJobLife = JobLife.TestCase
TestJobLife.settings = examples(max_examples=20, stateful_step_count=25, deadline=None)


def test_threads_that_claim_at_once_never_get_the_same_job(stores: Stores) -> None:
    me = stores.subjects.owner(NOON)
    made = {stores.jobs.enqueue(me, Draft(prompt="a fox"), 1.0, NOON).id for _ in range(24)}
    taken: list[str] = []

    def work(owner: str) -> None:
        while (job := stores.jobs.claim(owner, NOON, LEASE)) is not None:
            taken.append(job.id)

    threads = [threading.Thread(target=work, args=(f"owner {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(made)
    assert set(taken) == made


def test_two_openings_of_one_folder_never_claim_the_same_job(stores: Stores, settings: Settings) -> None:
    other = open_stores(settings)
    me = stores.subjects.owner(NOON)
    made = [stores.jobs.enqueue(me, Draft(prompt="a fox"), 1.0, NOON).id for _ in range(6)]
    both = [opened.jobs.claim("either", NOON, LEASE) for _ in range(3) for opened in (stores, other)]
    assert sorted(job.id for job in both if job) == sorted(made)
    other.close()

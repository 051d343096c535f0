"""The dispatcher clears up after a life that ended badly, and says when a picture could not be kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from peewee import OperationalError

from components.actions import generate
from components.jobs import Dispatcher
from components.studio import Studio
from policies.actor import Actor
from policies.draft import Draft
from store.gallery import NewImage
from store.vault import Missing
from tests.conftest import ended

ROOT = Path(__file__).parents[2]


def test_a_start_draws_what_was_left_and_removes_what_was_half_kept(
    studio: Studio, alice: Actor, apple: Draft
) -> None:
    stores, now = studio.stores, studio.clock()
    job = stores.jobs.enqueue(alice.subject_id, apple, 1.0, now)
    stores.jobs.claim("dead", now, timedelta(hours=1))
    stores.gallery.put_files(alice.subject_id, NewImage(0, 1, 8, 8, files={"full": b"never committed"}))
    assert len(stores.vault.blobs.names()) == 1
    dispatcher = Dispatcher(studio)
    dispatcher.start()
    assert ended(studio, job).state == "done"
    dispatcher.stop()
    (image,) = stores.gallery.of_job(alice.subject_id, job.id)
    assert len(stores.vault.blobs.names()) == 4
    assert stores.gallery.bytes(alice.subject_id, image.id, "full").startswith(b"\x89PNG")


MIDWAY = """
import os, sys, time
from pathlib import Path
from components.jobs import Dispatcher
from components.studio import open_studio
from store.settings import Settings
studio = open_studio(Settings(data=Path(sys.argv[1]), device="cpu"))
dispatcher = Dispatcher(studio)
listen = dispatcher._listen
def die_midway(event):
    if getattr(event, "step", 0) == 2: os.kill(os.getpid(), 9)
    listen(event)
dispatcher._listen = die_midway
dispatcher.start()
time.sleep(600)
"""


def test_a_job_that_kills_the_studio_between_two_steps_is_tried_once_more_and_then_set_aside(
    studio: Studio, alice: Actor, apple: Draft
) -> None:
    jobs, now = studio.stores.jobs, studio.clock()
    poison = jobs.enqueue(alice.subject_id, apple, 1.0, now)
    for attempt in (1, 2):
        child = subprocess.run(
            [sys.executable, "-c", MIDWAY, str(studio.settings.data)], cwd=ROOT, env=os.environ | {"PYTHONPATH": "."}
        )
        assert child.returncode == -signal.SIGKILL
        left = jobs.get(alice.subject_id, poison.id)
        assert (left.state, left.attempts) == ("running", attempt)
    healthy = jobs.enqueue(alice.subject_id, apple, 1.0, now)
    dispatcher = Dispatcher(studio)
    dispatcher.start()
    assert ended(studio, healthy).state == "done"
    dispatcher.stop()
    parked = jobs.get(alice.subject_id, poison.id)
    assert (parked.state, parked.error_code) == ("failed", "gave_up")
    assert "stopped the studio twice" in parked.error_reason
    assert studio.stores.gallery.of_job(alice.subject_id, poison.id) == ()


def test_old_jobs_without_pictures_are_cleared_up_while_the_studio_runs(
    studio: Studio, alice: Actor, apple: Draft
) -> None:
    jobs, long_ago = studio.stores.jobs, studio.clock() - timedelta(days=studio.settings.job_days + 1)
    old = jobs.enqueue(alice.subject_id, apple, 1.0, long_ago)
    jobs.cancel(alice.subject_id, old.id, long_ago)
    recent = jobs.enqueue(alice.subject_id, apple, 1.0, studio.clock())
    jobs.cancel(alice.subject_id, recent.id, studio.clock())
    dispatcher = Dispatcher(studio)
    dispatcher.start()
    assert ended(studio, jobs.enqueue(alice.subject_id, apple, 1.0, studio.clock())).state == "done"
    dispatcher.stop()
    assert jobs.get(alice.subject_id, recent.id).state == "cancelled"
    with pytest.raises(Missing):
        jobs.get(alice.subject_id, old.id)


def test_a_picture_that_cannot_be_kept_fails_by_name_and_the_next_one_is_kept(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(name: str, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(studio.stores.vault.blobs, "put", full)
        job = ended(studio, generate.start(studio, alice, apple))
    assert (job.state, job.error_code) == ("failed", "not_kept")
    assert "Is the disk full?" in job.error_reason
    assert studio.stores.gallery.of_job(alice.subject_id, job.id) == ()
    assert ended(studio, generate.start(studio, alice, apple)).state == "done"


def test_a_database_that_is_busy_for_a_moment_keeps_no_job_from_being_drawn(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Places in the queue are read for whoever watches, just when a job is taken."""
    left = [OperationalError("database is locked")]
    read = studio.stores.jobs.next_of

    def busy(subject_id: str, limit: int) -> tuple[str, ...]:
        if left:
            raise left.pop()
        return read(subject_id, limit)

    monkeypatch.setattr(studio.stores.jobs, "next_of", busy)
    with studio.live.watch(alice.subject_id, lambda: None):
        assert ended(studio, generate.start(studio, alice, apple)).state == "done"
    assert not left

"""The dispatcher clears up after a life that ended badly, and says when a picture could not be kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from components.actions import generate
from components.jobs import Dispatcher
from components.studio import Studio
from policies.actor import Actor
from policies.draft import Draft
from store.gallery import NewImage
from tests.conftest import ended


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

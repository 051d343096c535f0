"""The stream a page listens to: a snapshot first, then the visitor's own changes, the latest only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from components.actions import gallery, generate, signing_in
from components.jobs import Dispatcher
from components.studio import Studio
from components.web.events import frames_of, stream
from policies.actor import Actor
from policies.draft import Draft
from tests.components.actions.conftest import Home, home  # noqa: F401

Frame = tuple[str, Any]


def listen(studio: Studio, actor: Actor, until: Callable[[Frame], bool]) -> list[Frame]:
    """The frames of a page of this actor, up to the first that `until` is waiting for."""

    async def never() -> bool:
        return False

    async def read() -> list[Frame]:
        frames: list[Frame] = []
        async for text in stream(studio, actor, never):
            name, data = text.strip().split("\n")
            frames.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
            if until(frames[-1]):
                break
        return frames

    return asyncio.run(asyncio.wait_for(read(), 60))


def job_of(frame: Frame) -> dict[str, Any]:
    """The one job that a snapshot or a change tells of."""
    name, data = frame
    job: dict[str, Any] = data["jobs"][0] if name == "snapshot" else data
    return job


def finished(frame: Frame) -> bool:
    return frame[0] in ("snapshot", "job") and job_of(frame)["state"] == "done"


def test_a_job_is_told_from_the_queue_to_the_picture(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    job = generate.start(studio, alice, apple)
    frames = listen(studio, alice, finished)
    name, snapshot = frames[0]
    assert name == "snapshot"
    assert [one["id"] for one in snapshot["jobs"]] == [job.id]
    assert frames_of(studio, alice, [("job", job.id)])[-1][0] == "status"
    (picture,) = job_of(frames[-1])["pictures"]
    assert picture["image"]["seed"] == str(apple.seed)
    assert picture["image"]["prompt"] == apple.prompt
    assert "Steps: 3" in picture["image"]["parameters"]


def test_nobody_hears_of_anothers_work(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, bob: Actor, apple: Draft
) -> None:
    job = generate.start(studio, alice, apple)
    frames = listen(studio, bob, lambda frame: frame[0] == "status")
    assert frames[0] == ("snapshot", {"jobs": [], "status": frames[0][1]["status"]})
    assert [name for name, _ in frames[1:]] == ["status"]
    assert job.id not in json.dumps(frames)


def test_a_deleted_picture_is_told_to_every_page_of_its_owner(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    generate.start(studio, alice, apple)
    done = job_of(listen(studio, alice, finished)[-1])
    image = done["pictures"][0]["image"]["id"]
    with studio.live.watch(alice.subject_id, lambda: None) as watch:
        gallery.delete(studio, alice, [image])
        assert ("removed", image) in watch.drain()


def test_a_stream_ends_with_its_session_and_tells_nothing_after(home: Home) -> None:  # noqa: F811
    home.join("alice")
    token, session = home.enter("alice")
    actor, _ = signing_in.recognise(home.studio, token)

    async def never() -> bool:
        return False

    async def read() -> list[str]:
        found = []
        alive = partial(signing_in.is_alive, home.studio, session, token)
        async for text in stream(home.studio, actor, never, alive):
            found.append(text)
            if len(found) == 1:
                signing_in.end_session(home.studio, actor, session.id)
                home.studio.live.tell(actor.subject_id, "removed", "a picture")
        return found

    [snapshot] = asyncio.run(asyncio.wait_for(read(), 20))
    assert snapshot.startswith("event: snapshot")


def test_a_guests_stream_lives_as_long_as_the_guest(home: Home) -> None:  # noqa: F811
    token, subject_id = home.studio.stores.subjects.new_guest(home.clock())
    assert signing_in.is_alive(home.studio, None, token)
    home.studio.stores.subjects.end_guest_sessions(subject_id)
    assert not signing_in.is_alive(home.studio, None, token)


def test_a_slow_observer_sees_each_thing_once(studio: Studio, alice: Actor) -> None:
    with studio.live.watch(alice.subject_id, lambda: None) as watch:
        for _ in range(100):
            studio.live.tell(alice.subject_id, "job", "one")
        studio.live.tell(alice.subject_id, "job", "two")
        assert watch.drain() == [("job", "one"), ("job", "two")]
        assert watch.drain() == []
    assert alice.subject_id not in studio.live.watched()


def test_a_picture_brought_back_is_told_to_every_page_and_the_last_word_counts(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    generate.start(studio, alice, apple)
    image = job_of(listen(studio, alice, finished)[-1])["pictures"][0]["image"]["id"]
    with studio.live.watch(alice.subject_id, lambda: None) as watch:
        gallery.discard(studio, alice, [image])
        gallery.restore(studio, alice, [image])
        frames = frames_of(studio, alice, watch.drain())
        assert [frame for frame in frames if frame[0] in ("removed", "restored")] == [("restored", {"images": [image]})]
        assert any(name == "job" and data["pictures"][0]["image"]["id"] == image for name, data in frames)
        for change in (gallery.discard, gallery.restore, gallery.discard):
            change(studio, alice, [image])
        assert frames_of(studio, alice, watch.drain())[0] == ("removed", {"images": [image]})

"""The gallery: pages by keyset, search in sealed prompts, deletion that a crash cannot leave half done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from policies.draft import Draft
from store.db import Stores
from store.gallery import NewImage
from tests.conftest import NOON


def make(stores: Stores, subject: str, prompt: str, images: list[NewImage], minute: int = 0) -> None:
    now = NOON + timedelta(minutes=minute)
    job = stores.jobs.enqueue(subject, Draft(prompt=prompt, seed=1), 1.0, now)
    stores.jobs.claim("test", now, timedelta(minutes=1))
    assert stores.jobs.finish(job.id, "test", images, 1.0, now)


def test_pages_are_whole_and_in_order_whatever_their_size(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    for prompt in ("first", "second", "third"):
        make(stores, me, prompt, [replace(speck, index=index, seed=index) for index in range(4)])
    everything = [image.id for image in stores.gallery.page(me, limit=100)[0]]
    assert len(everything) == 12
    for limit in (1, 3, 5, 12):
        seen, cursor = [], None
        while True:
            page, cursor = stores.gallery.page(me, before=cursor, limit=limit)
            seen += [image.id for image in page]
            if cursor is None:
                break
        assert seen == everything


def test_a_cursor_of_nobodys_is_named(stores: Stores) -> None:
    with pytest.raises(ValueError, match="before: 'page two'"):
        stores.gallery.page(stores.subjects.owner(NOON), before="page two")


def test_a_search_pages_too(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    for number in range(5):
        make(stores, me, f"a red fox {number}", [speck], number)
        make(stores, me, f"a blue owl {number}", [speck], number)
    first, cursor = stores.gallery.page(me, limit=3, words="FOX")
    second, end = stores.gallery.page(me, limit=3, words="fox", before=cursor)
    assert [image.draft.prompt[-1] for image in first + second] == ["4", "3", "2", "1", "0"]
    assert end is None


def test_a_deletion_that_was_interrupted_is_finished_by_the_sweep(
    stores: Stores, speck: NewImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = stores.subjects.owner(NOON)
    make(stores, me, "a fox", [speck])
    (image,), _ = stores.gallery.page(me)

    def stop(name: str) -> None:
        raise OSError("the disk went away")

    with monkeypatch.context() as patched:
        patched.setattr(stores.vault.blobs, "delete", stop)
        with pytest.raises(OSError, match="went away"):
            stores.gallery.delete(me, [image.id])
    assert stores.gallery.page(me) == ((), None)
    assert len(stores.vault.blobs.names()) == 2
    stores.gallery.sweep_doomed()
    assert stores.vault.blobs.names() == []


@pytest.mark.promise("P3")
@pytest.mark.promise("P21")
def test_nothing_a_person_typed_or_made_is_readable_on_disk(stores: Stores, speck: NewImage) -> None:
    canary, pixels = "kanarienvogel-7731", bytes(range(256)) * 8
    me = stores.subjects.owner(NOON)
    stores.preferences.write(me, {"note": canary})
    make(stores, me, f"a {canary}", [replace(speck, facts={"note": canary}, files={"full": pixels})])
    waiting = stores.jobs.enqueue(me, Draft(prompt=canary, negative_prompt=canary), 1.0, NOON)
    stores.jobs.claim("test", NOON, timedelta(minutes=1))
    stores.jobs.fail(waiting.id, "test", "engine_error", f"{canary} broke", NOON)
    folder = stores.databases[0].database.rsplit("/", 1)[0]
    assert found_on_disk(folder, canary.encode()) == []
    assert found_on_disk(folder, pixels[:64]) == []
    assert stores.jobs.get(me, waiting.id).error_reason == f"{canary} broke"


def found_on_disk(folder: str, needle: bytes) -> list[str]:
    from pathlib import Path

    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    return [path.name for path in files if needle in path.read_bytes()]

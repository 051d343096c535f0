"""The gallery: pages by keyset, search in sealed prompts, deletion that a crash cannot leave half done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from policies.draft import Draft
from policies.search import parse
from store.blobs import Missing
from store.db import Stores
from store.gallery import VARIANTS, NewImage
from store.search import Listing
from tests.conftest import NOON, ON_FILES


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
    first, cursor = stores.gallery.page(me, Listing(parse("FOX")), limit=3)
    second, end = stores.gallery.page(me, Listing(parse("fox")), limit=3, before=cursor)
    assert [image.draft.prompt[-1] for image in first + second] == ["4", "3", "2", "1", "0"]
    assert end is None


def test_deleting_works_when_the_files_cannot_go_yet_and_a_sweep_finishes_it(
    stores: Stores, speck: NewImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = stores.subjects.owner(NOON)
    make(stores, me, "a fox", [speck])
    (image,), _ = stores.gallery.page(me)

    def stop(name: str) -> None:
        raise OSError("the disk went away")

    with monkeypatch.context() as patched:
        patched.setattr(stores.vault.blobs, "delete", stop)
        assert stores.gallery.delete(me, [image.id]) == (image.id,)
    assert stores.gallery.page(me) == ((), None)
    assert len(stores.vault.blobs.names()) == 2
    assert stores.gallery.sweep_doomed() == len(VARIANTS)
    assert stores.vault.blobs.names() == []


def test_a_job_goes_with_its_last_picture(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    make(stores, me, "two owls", [replace(speck, index=index) for index in range(2)])
    make(stores, me, "a fox", [speck], minute=1)
    (fox, second, first), _ = stores.gallery.page(me)
    stores.gallery.delete(me, [first.id])
    assert stores.jobs.get(me, first.job_id).draft.prompt == "two owls"
    stores.gallery.delete(me, [second.id])
    with pytest.raises(Missing):
        stores.jobs.get(me, first.job_id)
    assert stores.jobs.get(me, fox.job_id).state == "done"


@pytest.mark.promise("P25")
def test_a_stranger_finds_reads_and_deletes_nothing(stores: Stores, speck: NewImage) -> None:
    alice, bob = (stores.subjects.new_guest(NOON)[1] for _ in range(2))
    make(stores, alice, "a fox", [speck])
    (image,), _ = stores.gallery.page(alice)
    for read in (
        lambda: stores.gallery.get(bob, image.id),
        lambda: stores.gallery.bytes(bob, image.id, "full"),
        lambda: stores.jobs.get(bob, image.job_id),
        lambda: stores.jobs.cancel(bob, image.job_id, NOON),
    ):
        with pytest.raises(Missing):
            read()
    assert stores.gallery.of_job(bob, image.job_id) == ()
    assert stores.gallery.page(bob, Listing(parse("fox"))) == ((), None)
    assert stores.gallery.delete(bob, [image.id]) == ()
    assert stores.gallery.get(alice, image.id) == image


def test_a_thousand_more_than_a_statement_holds_are_deleted_at_once(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    make(stores, me, "a fox", [replace(speck, index=index) for index in range(2)])
    ids = [image.id for image in stores.gallery.page(me)[0]]
    many = [f"never-{number}" for number in range(40_000)]
    assert set(stores.gallery.delete(me, [*many, *ids])) == set(ids)


def test_the_sweep_takes_what_no_row_names_and_nothing_else(stores: Stores, speck: NewImage) -> None:
    me = stores.subjects.owner(NOON)
    make(stores, me, "a fox", [speck])
    kept = set(stores.vault.blobs.names())
    stores.gallery.put_files(me, speck)
    assert stores.gallery.sweep_orphans() == 2
    assert set(stores.vault.blobs.names()) == kept


@pytest.mark.promise("P3")
@pytest.mark.promise("P21")
@ON_FILES
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
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    return [path.name for path in files if needle in path.read_bytes()]

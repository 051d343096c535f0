"""Uploads and masks: sealed, their owner's alone, kept while something needs them, gone when nothing does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from policies.draft import Draft
from store.db import Stores
from store.inputs import Input
from store.vault import Missing
from tests.conftest import NOON

ALICE, BOB = "a" * 32, "b" * 32
WEEK = timedelta(days=7)


def mask(stores: Stores, data: bytes = b"painted") -> Input:
    return stores.inputs.add(ALICE, "mask", (8, 8), {"full": data}, NOON)


def there(stores: Stores, one: Input) -> bool:
    try:
        stores.inputs.data(ALICE, one.id)
    except Missing:
        return False
    return True


@pytest.mark.promise("P3")
def test_an_input_is_sealed_and_opens_for_its_owner(stores: Stores) -> None:
    one = mask(stores)
    assert stores.inputs.data(ALICE, one.id) == b"painted"
    (name,) = stores.vault.blobs.names()
    assert b"painted" not in stores.vault.blobs.get(name)


@pytest.mark.promise("P25")
def test_a_stranger_finds_nothing(stores: Stores) -> None:
    one = mask(stores)
    for ask in (stores.inputs.get, stores.inputs.data, stores.inputs.delete):
        with pytest.raises(Missing):
            ask(BOB, one.id)
    stores.inputs.hold(BOB, "cell", "c" * 32, [one.id])
    assert stores.inputs.sweep(NOON + WEEK * 2) == 1


def test_a_mask_that_is_painted_further_stays_one_until_a_job_needs_it(stores: Stores) -> None:
    first = mask(stores)
    again = stores.inputs.replace(ALICE, first.id, {"full": b"more"}, NOON)
    assert (again.id, stores.inputs.data(ALICE, first.id)) == (first.id, b"more")
    stores.jobs.enqueue(ALICE, Draft(kind="inpaint", image="i", mask=first.id), 1.0, NOON)
    later = stores.inputs.replace(ALICE, first.id, {"full": b"even more"}, NOON)
    assert later.id != first.id
    assert stores.inputs.data(ALICE, first.id) == b"more"


def test_what_nothing_needs_goes_a_week_after_it_was_last_touched(stores: Stores) -> None:
    one = mask(stores)
    assert stores.inputs.sweep(NOON + WEEK) == 0
    stores.inputs.touch(ALICE, one.id, NOON + timedelta(days=3))
    assert stores.inputs.sweep(NOON + timedelta(days=9)) == 0
    assert stores.inputs.sweep(NOON + timedelta(days=11)) == 1
    assert not there(stores, one)
    assert stores.vault.blobs.names() == []


def test_what_a_job_or_a_cell_needs_stays(stores: Stores) -> None:
    of_job, of_cell, loose = mask(stores), mask(stores), mask(stores)
    job = stores.jobs.enqueue(ALICE, Draft(kind="inpaint", image="i", mask=of_job.id), 1.0, NOON)
    stores.inputs.hold(ALICE, "cell", "c" * 32, [of_cell.id])
    assert stores.inputs.sweep(NOON + WEEK * 10) == 1
    assert [there(stores, one) for one in (of_job, of_cell, loose)] == [True, True, False]
    stores.inputs.release("c" * 32)
    assert stores.inputs.sweep(NOON + WEEK * 10) == 1
    assert stores.jobs.get(ALICE, job.id).draft.mask == of_job.id


def test_with_the_last_picture_of_a_job_its_mask_goes_too(stores: Stores) -> None:
    from store.gallery import NewImage

    one = mask(stores)
    job = stores.jobs.enqueue(ALICE, Draft(kind="inpaint", image="i", mask=one.id), 1.0, NOON)
    stores.jobs.claim("me", NOON, timedelta(hours=1))
    stores.jobs.finish(job.id, "me", [NewImage(0, 1, 8, 8, files={"full": b"full"})], 1.0, NOON)
    (image,) = stores.gallery.of_job(ALICE, job.id)
    assert stores.inputs.sweep(NOON + WEEK * 2) == 0
    stores.gallery.delete(ALICE, [image.id])
    assert stores.inputs.sweep(NOON + WEEK * 2) == 1


@pytest.mark.promise("P26")
def test_its_owner_deletes_it_at_once(stores: Stores) -> None:
    one = mask(stores)
    stores.jobs.enqueue(ALICE, Draft(kind="inpaint", image="i", mask=one.id), 1.0, NOON)
    stores.inputs.delete(ALICE, one.id)
    assert not there(stores, one)
    assert stores.vault.blobs.names() == []


def test_the_sweep_of_orphans_leaves_inputs_alone(stores: Stores) -> None:
    one = mask(stores)
    stores.vault.put(ALICE, "f" * 32, "full", b"nobody names it")
    assert stores.gallery.sweep_orphans(stores.inputs.names()) == 1
    assert there(stores, one)

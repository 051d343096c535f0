"""A deletion with a grace: nothing finds the picture at once, it comes back whole, or goes without a trace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from policies.search import parse
from store.blobs import Missing
from store.db import Stores
from store.gallery import NewImage
from store.search import Listing
from tests.conftest import NOON
from tests.store.test_boards import three
from tests.store.test_gallery import make

__all__ = ["three"]
SOON = NOON + timedelta(minutes=1)


@pytest.mark.promise("P26")
def test_what_is_set_aside_is_found_by_no_read(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    job_id = stores.gallery.get(me, ids[0]).job_id
    assert set(stores.bin.discard(me, ids[:2], SOON)) == set(ids[:2])
    for read in (
        lambda: stores.gallery.get(me, ids[0]),
        lambda: stores.gallery.require(me, ids[0]),
        lambda: stores.gallery.bytes(me, ids[0], "full"),
        lambda: stores.gallery.bytes(me, ids[0], "thumb256"),
    ):
        with pytest.raises(Missing):
            read()
    assert [image.id for image in stores.gallery.page(me, Listing(parse("fox")))[0]] == ids[2:]
    assert [image.id for image in stores.gallery.of_job(me, job_id)] == ids[2:]
    assert stores.bin.discard(me, ids[:2], SOON) == ()


def test_what_is_brought_back_is_as_it_was(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    board = stores.boards.add(me, "Icons", NOON)
    stores.boards.move(me, ids, board.id)
    stores.tags.put(me, ids, "draft")
    stores.gallery.star(me, ids, True)
    before = stores.gallery.page(me)
    stores.bin.discard(me, ids, SOON)
    assert stores.gallery.sweep_orphans() == 0
    assert stores.bin.empty(NOON) == 0
    assert set(stores.bin.restore(me, ids)) == set(ids)
    assert stores.gallery.page(me) == before
    assert stores.gallery.bytes(me, ids[0], "full") == b"full"
    assert stores.bin.restore(me, ids) == ()


def test_a_board_that_went_meanwhile_is_left_off(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    board = stores.boards.add(me, "Icons", NOON)
    stores.boards.move(me, ids, board.id)
    stores.bin.discard(me, ids, SOON)
    stores.boards.delete(me, board.id)
    stores.bin.restore(me, ids)
    assert [image.board_id for image in stores.gallery.page(me)[0]] == [None] * 3


@pytest.mark.promise("P26")
def test_when_the_grace_is_over_nothing_is_left(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    job_id = stores.gallery.get(me, ids[0]).job_id
    stores.tags.put(me, ids, "draft")
    stores.bin.discard(me, ids[:2], SOON)
    stores.bin.discard(me, ids[2:], SOON + timedelta(minutes=1))
    assert stores.bin.empty(SOON) == 2
    assert stores.jobs.get(me, job_id).state == "done"  # one of its pictures may still come back
    assert stores.bin.empty(SOON + timedelta(minutes=1)) == 1
    assert stores.vault.blobs.names() == []
    assert stores.tags.count(me) == 0
    assert stores.bin.restore(me, ids) == ()
    with pytest.raises(Missing):
        stores.jobs.get(me, job_id)


@pytest.mark.promise("P26")
def test_deleting_for_good_does_not_wait_for_the_grace(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    stores.bin.discard(me, ids, SOON)
    assert set(stores.gallery.delete(me, ids)) == set(ids)
    assert stores.bin.restore(me, ids) == ()
    assert stores.vault.blobs.names() == []


@pytest.mark.promise("P25")
def test_a_stranger_neither_sets_aside_nor_brings_back(
    stores: Stores, three: tuple[str, list[str]], speck: NewImage
) -> None:
    me, ids = three
    bob = stores.subjects.new_guest(NOON)[1]
    make(stores, bob, "an owl", [speck])
    assert stores.bin.discard(bob, ids, SOON) == ()
    stores.bin.discard(me, ids, SOON)
    assert stores.bin.restore(bob, ids) == ()
    assert stores.gallery.delete(bob, ids) == ()
    assert len(stores.bin.restore(me, ids)) == 3

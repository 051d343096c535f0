"""Boards: a picture is on one or on none, titles are sealed, and what is another's is not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from store.blobs import Missing
from store.db import Stores
from store.gallery import NewImage
from tests.conftest import NOON
from tests.store.test_gallery import make


@pytest.fixture
def three(stores: Stores, speck: NewImage) -> tuple[str, list[str]]:
    """A subject and the ids of three pictures, newest first."""
    me = stores.subjects.owner(NOON)
    make(stores, me, "a fox", [replace(speck, index=index) for index in range(3)])
    return me, [image.id for image in stores.gallery.page(me)[0]]


def test_moving_says_where_each_came_from_so_that_it_can_be_undone(
    stores: Stores, three: tuple[str, list[str]]
) -> None:
    me, ids = three
    icons, owls = (stores.boards.add(me, title, NOON) for title in ("Icons", "Owls"))
    assert stores.boards.move(me, ids[:1], owls.id) == {ids[0]: None}
    assert stores.boards.move(me, ids, icons.id) == {ids[0]: owls.id, ids[1]: None, ids[2]: None}
    assert stores.boards.move(me, ids, icons.id) == {}
    assert [board.pictures for board in stores.boards.all(me)] == [3, 0]
    assert stores.gallery.get(me, ids[0]).board_id == icons.id


def test_the_cover_is_the_newest_until_one_is_chosen_and_again_when_that_leaves(
    stores: Stores, three: tuple[str, list[str]]
) -> None:
    me, ids = three
    board = stores.boards.add(me, "Icons", NOON)
    assert board.cover_id is None
    stores.boards.move(me, ids, board.id)
    assert stores.boards.get(me, board.id).cover_id == ids[0]
    assert stores.boards.set_cover(me, board.id, ids[2]).cover_id == ids[2]
    stores.boards.move(me, [ids[2]], None)
    assert stores.boards.get(me, board.id).cover_id == ids[0]
    with pytest.raises(Missing):
        stores.boards.set_cover(me, board.id, ids[2])


def test_a_board_that_goes_leaves_its_pictures(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    board = stores.boards.add(me, "Icons", NOON)
    stores.boards.move(me, ids[:2], board.id)
    assert stores.boards.delete(me, board.id) == 2
    assert stores.boards.all(me) == ()
    assert [image.board_id for image in stores.gallery.page(me)[0]] == [None] * 3


@pytest.mark.promise("P25")
def test_another_persons_board_is_not_there(stores: Stores, three: tuple[str, list[str]], speck: NewImage) -> None:
    me, ids = three
    bob = stores.subjects.new_guest(NOON)[1]
    make(stores, bob, "an owl", [speck])
    (owl,), _ = stores.gallery.page(bob)
    mine, his = stores.boards.add(me, "Icons", NOON), stores.boards.add(bob, "Icons", NOON)
    for act in (
        lambda: stores.boards.get(bob, mine.id),
        lambda: stores.boards.rename(bob, mine.id, "Mine now"),
        lambda: stores.boards.delete(bob, mine.id),
        lambda: stores.boards.set_cover(bob, mine.id, owl.id),
        lambda: stores.boards.set_cover(bob, his.id, ids[0]),
        lambda: stores.boards.move(bob, [owl.id], mine.id),
    ):
        with pytest.raises(Missing):
            act()
    assert stores.boards.move(bob, ids, his.id) == {}
    assert [board.title for board in stores.boards.all(me)] == ["Icons"]
    assert stores.gallery.get(me, ids[0]).board_id is None

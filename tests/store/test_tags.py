"""Tags: sealed words, each once, whatever its spelling, on a person's own pictures alone."""

from __future__ import annotations

import pytest

from policies.search import parse
from store.db import Stores
from store.gallery import NewImage
from store.search import Listing
from store.vault import Missing
from tests.conftest import NOON
from tests.store.test_boards import three
from tests.store.test_gallery import make

__all__ = ["three"]


def test_a_tag_is_one_however_it_is_written(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    assert set(stores.tags.put(me, ids[:2], "Draft")) == set(ids[:2])
    assert stores.tags.put(me, ids, "DRAFT") == (ids[2],)
    assert [(tag.name, tag.pictures) for tag in stores.tags.all(me)] == [("Draft", 3)]
    assert stores.gallery.get(me, ids[0]).tags == ("Draft",)


def test_a_tag_that_is_on_nothing_goes(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    stores.tags.put(me, ids[:2], "draft")
    assert set(stores.tags.take(me, ids, "Draft")) == set(ids[:2])
    assert stores.tags.take(me, ids, "draft") == ()
    assert stores.tags.count(me) == 0
    stores.tags.put(me, ids[:1], "last")
    stores.gallery.delete(me, ids[:1])
    assert stores.tags.count(me) == 0


def test_pictures_show_their_tags_in_order(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    for name in ("zebra", "Apple", "moon"):
        stores.tags.put(me, ids[:2], name)
    first, second, third = stores.gallery.page(me)[0]
    assert first.tags == second.tags == ("Apple", "moon", "zebra")
    assert third.tags == ()


@pytest.mark.promise("P25")
def test_nobody_tags_or_finds_anothers_pictures(
    stores: Stores, three: tuple[str, list[str]], speck: NewImage
) -> None:
    me, ids = three
    bob = stores.subjects.new_guest(NOON)[1]
    make(stores, bob, "an owl", [speck])
    stores.tags.put(me, ids, "secret")
    assert stores.tags.put(bob, ids, "secret") == ()
    assert stores.tags.take(bob, ids, "secret") == ()
    assert stores.tags.all(bob) == ()
    assert stores.gallery.page(bob, Listing(parse("tag:secret")))[0] == ()
    assert stores.gallery.star(bob, ids, True) == ()
    assert all(image.tags == ("secret",) and not image.starred for image in stores.gallery.page(me)[0])


def test_a_tag_is_renamed_wherever_it_is(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    stores.tags.put(me, ids[:2], "dfart")
    [tag] = stores.tags.all(me)
    assert stores.tags.rename(me, tag.id, "draft").pictures == 2
    assert [stores.gallery.get(me, image_id).tags for image_id in ids] == [("draft",), ("draft",), ()]
    listing = Listing(parse("tag:draft"))
    assert len(stores.gallery.page(me, listing)[0]) == 2


def test_two_tags_become_one_without_doubling(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    stores.tags.put(me, ids[:2], "cat")
    stores.tags.put(me, ids[1:], "kitten")
    kitten = next(tag for tag in stores.tags.all(me) if tag.name == "kitten")
    cat = next(tag for tag in stores.tags.all(me) if tag.name == "cat")
    merged = stores.tags.merge(me, kitten.id, cat.id)
    assert (merged.name, merged.pictures) == ("cat", 3)
    assert [(tag.name, tag.pictures) for tag in stores.tags.all(me)] == [("cat", 3)]
    assert stores.gallery.get(me, ids[1]).tags == ("cat",)


def test_a_tag_is_deleted_and_its_pictures_stay(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    stores.tags.put(me, ids, "draft")
    [tag] = stores.tags.all(me)
    assert stores.tags.delete(me, tag.id) == 3
    assert stores.tags.count(me) == 0 and stores.gallery.get(me, ids[0]).tags == ()


def test_nobody_changes_anothers_tags(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    bob = stores.subjects.new_guest(NOON)[1]
    stores.tags.put(me, ids, "draft")
    [tag] = stores.tags.all(me)
    for change in (
        lambda: stores.tags.get(bob, tag.id),
        lambda: stores.tags.rename(bob, tag.id, "mine"),
        lambda: stores.tags.merge(bob, tag.id, tag.id),
        lambda: stores.tags.delete(bob, tag.id),
    ):
        with pytest.raises(Missing):
            change()
    assert [(one.name, one.pictures) for one in stores.tags.all(me)] == [("draft", 3)]


def test_a_picture_that_is_set_aside_is_counted_nowhere(stores: Stores, three: tuple[str, list[str]]) -> None:
    me, ids = three
    stores.tags.put(me, ids, "draft")
    stores.bin.discard(me, ids[:1], NOON)
    (tag,) = stores.tags.all(me)
    assert tag.pictures == stores.tags.get(me, tag.id).pictures == 2

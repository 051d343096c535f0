"""What was made belongs to who made it: found, shown, downloaded and deleted by nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.actions import gallery, generate
from components.jobs import Dispatcher
from components.studio import Studio
from policies.actor import Actor
from policies.draft import Draft
from store.gallery import Image
from store.vault import Missing
from tests.components.web.public import served
from tests.conftest import ended


@pytest.fixture
def picture(studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft) -> Image:
    job = ended(studio, generate.start(studio, alice, apple))
    return studio.stores.gallery.of_job(alice.subject_id, job.id)[0]


@pytest.mark.promise("P25")
def test_another_persons_picture_is_not_there(studio: Studio, picture: Image, bob: Actor) -> None:
    for read in (
        lambda: gallery.get(studio, bob, picture.id),
        lambda: gallery.data(studio, bob, picture, "full"),
        lambda: gallery.data(studio, bob, picture, "thumb256"),
        lambda: gallery.download(studio, bob, picture.id),
        lambda: generate.reproduce(studio, bob, picture.id),
    ):
        with pytest.raises(Missing):
            read()
    assert gallery.page(studio, bob) == ((), None)
    assert gallery.delete(studio, bob, [picture.id]) == 0
    assert gallery.get(studio, studio_owner(picture), picture.id) == picture


def studio_owner(picture: Image) -> Actor:
    return Actor(picture.subject_id, "guest")


@pytest.mark.promise("P26")
def test_a_deleted_picture_leaves_no_file(studio: Studio, picture: Image, alice: Actor) -> None:
    assert len(studio.stores.vault.blobs.names()) == 4
    assert gallery.delete(studio, alice, [picture.id, "never-was"]) == 1
    assert studio.stores.vault.blobs.names() == []
    with pytest.raises(Missing):
        gallery.get(studio, alice, picture.id)


def test_a_tag_is_answered_as_it_is_spelt(studio: Studio, picture: Image, alice: Actor) -> None:
    assert gallery.tag(studio, alice, [picture.id], "  Night   Sky ", True) == ((picture.id,), "Night Sky")
    assert gallery.tag(studio, alice, [picture.id], "night sky", True) == ((), "Night Sky")
    assert gallery.tag(studio, alice, [picture.id], "NIGHT SKY", False) == ((picture.id,), "Night Sky")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", "../../etc/passwd", "+120", "", "a\0b", "/etc/localtime"])
def test_a_zone_that_nobody_knows_is_refused_by_its_name(studio: Studio, zone: str) -> None:
    answer = served(studio).get("/api/images", params={"q": "on:2026-01-01", "zone": zone})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "zone"


def test_a_zone_is_known_by_its_name_in_lists_and_downloads(studio: Studio) -> None:
    page = served(studio)
    assert page.get("/api/images?q=on:2026-01-01&zone=Europe/Berlin").status_code == 200
    asked = {"q": "on:2026-01-01", "zone": "Nowhere"}
    assert page.post("/api/exports", json=asked).json()["error"]["field"] == "zone"


def test_a_search_finds_by_words_of_the_prompt(
    studio: Studio, dispatcher: Dispatcher, picture: Image, alice: Actor, apple: Draft
) -> None:
    ended(studio, generate.start(studio, alice, replace(apple, prompt="a blue owl at night")))
    (owl,), _ = gallery.page(studio, alice, gallery.listing("OWL blue"))
    assert owl.draft.prompt == "a blue owl at night"
    assert gallery.page(studio, alice, gallery.listing("owl apple"))[0] == ()


def test_pages_follow_each_other_newest_first(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    ended(studio, generate.start(studio, alice, replace(apple, count=5)))
    seen, cursor = [], None
    for expected in (2, 2, 1):
        page, cursor = gallery.page(studio, alice, before=cursor, limit=2)
        assert len(page) == expected
        seen += [image.seed for image in page]
    assert cursor is None
    assert seen == [5, 4, 3, 2, 1]

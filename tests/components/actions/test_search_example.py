"""The search as people write it: every term narrows what the ones before it found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from components.actions import gallery
from components.studio import Studio
from policies.actor import Actor
from policies.draft import Draft
from store.gallery import NewImage
from tests.conftest import ON_BOTH, SEEN

EXAMPLE = "fox model:starter seed:7 steps:>20 before:2026-11-01 board:icons has:mask"
OCTOBER = datetime(2026, 10, 31, 12, tzinfo=UTC)
FOX = Draft(prompt="a fox on violet", model="starter", seed=7, steps=21, mask="0" * 32)


@pytest.fixture
def october(studio: Studio) -> Studio:
    return replace(studio, clock=lambda: OCTOBER)


def made(studio: Studio, actor: Actor, draft: Draft, later: timedelta = timedelta(0)) -> str:
    now, jobs = studio.clock() + later, studio.stores.jobs
    job = jobs.enqueue(actor.subject_id, draft, 1.0, now)
    assert jobs.claim("test", now, timedelta(minutes=1)) is not None
    speck = NewImage(index=0, seed=draft.seed or 0, width=8, height=8, files={"full": b"full"}, check=SEEN)
    assert jobs.finish(job.id, "test", [speck], 1.0, now)
    return studio.stores.gallery.of_job(actor.subject_id, job.id)[0].id


@ON_BOTH
def test_the_example_finds_the_one_that_fits_every_term(october: Studio, alice: Actor, bob: Actor) -> None:
    board = gallery.add_board(october, alice, "Icons")
    wanted = made(october, alice, FOX)
    others = {
        "fox": made(october, alice, replace(FOX, prompt="a dog")),
        "model:starter": made(october, alice, replace(FOX, model="other")),
        "seed:7": made(october, alice, replace(FOX, seed=8)),
        "steps:>20": made(october, alice, replace(FOX, steps=20)),
        "before:2026-11-01": made(october, alice, FOX, timedelta(days=1)),
        "has:mask": made(october, alice, replace(FOX, mask="")),
    }
    gallery.move(october, alice, [wanted, *others.values()], board.id)
    others["board:icons"] = made(october, alice, FOX)  # on no board
    made(october, bob, FOX)

    def found(query: str) -> set[str]:
        return {image.id for image in gallery.page(october, alice, gallery.listing(query))[0]}

    assert found(EXAMPLE) == {wanted}
    for term, image_id in others.items():
        assert found(EXAMPLE.replace(term, "").strip()) == {wanted, image_id}, f"without {term}"

"""Notebooks with the real starter: a run becomes a cell, chains run in order, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components import words
from components.actions import gallery, notebooks
from components.jobs import Dispatcher
from components.studio import Studio
from components.web.notebooks import notebook_view
from policies.actor import Actor
from policies.draft import Draft
from policies.notebook import Cell, Notebook, Reference
from policies.verdict import Refused
from store.db import open_stores
from store.notebook_views import Kept, StaleWrite
from store.vault import Missing
from tests.conftest import ended

QUICK = {"steps": 2, "guidance": 3.0, "scheduler": "ddim"}


def settle(studio: Studio, actor: Actor, notebook_id: str) -> Kept:
    """Waits until nothing of the notebook waits or runs."""
    while True:
        kept = notebooks.get(studio, actor, notebook_id)
        active = studio.stores.notebooks.active_jobs(actor.subject_id, notebook_id)
        if not active and not kept.planned:
            return kept
        for job_id in active:
            ended(studio, studio.stores.jobs.get(actor.subject_id, job_id))


def chain(studio: Studio, actor: Actor, draft: Draft) -> Kept:
    """A cell, one made from it, one made from that, and one that stands alone."""
    onward = replace(draft, kind="image_to_image", strength=0.9)
    cells = (
        Cell(id="one", draft=draft),
        Cell(id="two", draft=onward, inputs={"image": Reference("one")}),
        Cell(id="three", draft=onward, inputs={"image": Reference("two")}),
        Cell(id="alone", draft=replace(draft, seed=9)),
    )
    return notebooks.adopt(studio, actor, Notebook("Chain", cells))


def states(kept: Kept) -> list[str]:
    return [cell.state for cell in kept.document]


def test_a_run_of_the_bench_makes_a_notebook_and_a_cell(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    assert notebooks.current(studio, alice) is None
    job = notebooks.bench(studio, alice, apple)
    kept = notebooks.current(studio, alice)
    assert kept is not None and kept.document.title == "a red apple"
    assert states(kept) == ["running"] and kept.jobs == {kept.document.cells[0].id: job.id}
    kept = settle(studio, alice, kept.id)
    (output,) = kept.document.cells[0].outputs
    assert states(kept) == ["fresh"] and gallery.get(studio, alice, output.image).seed == 1
    notebooks.bench(studio, alice, apple)
    assert len(notebooks.get(studio, alice, kept.id).document.cells) == 2
    settle(studio, alice, kept.id)


def test_a_refused_run_leaves_neither_cell_nor_notebook(studio: Studio, alice: Actor, apple: Draft) -> None:
    with pytest.raises(Refused):
        notebooks.bench(studio, alice, replace(apple, prompt=" "))
    assert notebooks.listed(studio, alice) == ()


def test_run_from_here_runs_what_follows_in_order_on_the_new_pictures(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    kept = chain(studio, alice, apple)
    one, two, three, alone = (cell.id for cell in kept.document)
    notebooks.run_from(studio, alice, kept.id, one)
    kept = settle(studio, alice, kept.id)
    assert states(kept) == ["fresh", "fresh", "fresh", "stale"]
    before = [cell.outputs for cell in kept.document]
    made_from = gallery.get(studio, alice, before[2][0].image).draft.image
    assert made_from == before[1][0].image
    edited = {"op": "edit", "cell": one, "draft": {"prompt": "a lemon on blue"}}
    kept = notebooks.change(studio, alice, kept.id, kept.version, edited)
    assert states(kept) == ["stale", "stale", "stale", "stale"]
    notebooks.run_from(studio, alice, kept.id, one)
    kept = settle(studio, alice, kept.id)
    assert states(kept) == ["fresh", "fresh", "fresh", "stale"]
    assert all(cell.outputs != old for cell, old in zip(kept.document.cells[:3], before[:3], strict=True))


def test_a_cell_draws_first_what_it_needs(studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft) -> None:
    kept = chain(studio, alice, apple)
    notebooks.run(studio, alice, kept.id, kept.document.cells[1].id)
    assert states(settle(studio, alice, kept.id)) == ["fresh", "fresh", "stale", "stale"]


def test_a_plan_goes_on_after_a_restart(studio: Studio, alice: Actor, apple: Draft) -> None:
    kept = chain(studio, alice, apple)
    notebooks.run_from(studio, alice, kept.id, kept.document.cells[0].id)
    assert states(notebooks.get(studio, alice, kept.id)) == ["running", "running", "running", "stale"]
    next_life = Dispatcher(studio)
    next_life.start()
    try:
        assert states(settle(studio, alice, kept.id)) == ["fresh", "fresh", "fresh", "stale"]
    finally:
        next_life.stop()


def test_stopping_takes_back_everything_that_waits(studio: Studio, alice: Actor, apple: Draft) -> None:
    kept = chain(studio, alice, apple)
    notebooks.run_from(studio, alice, kept.id, kept.document.cells[0].id)
    kept = notebooks.stop(studio, alice, kept.id)
    assert states(kept) == ["stale"] * 4 and kept.planned == ()
    assert studio.stores.jobs.count_queued(alice.subject_id) == 0


def test_an_ancestor_that_is_cancelled_takes_its_followers_out_of_the_plan(
    studio: Studio, alice: Actor, apple: Draft
) -> None:
    kept = chain(studio, alice, apple)
    one = kept.document.cells[0].id
    kept = notebooks.run_from(studio, alice, kept.id, one)
    notebooks.cancel(studio, alice, kept.jobs[one])
    assert notebooks.get(studio, alice, kept.id).planned == ()


def test_a_cell_that_cannot_run_says_so_by_its_number_and_nothing_runs(
    studio: Studio, alice: Actor, apple: Draft
) -> None:
    kept = notebooks.adopt(studio, alice, Notebook("", (Cell(id="a", draft=replace(apple, prompt="")),)))
    with pytest.raises(Refused, match="Cell 1: prompt"):
        notebooks.run(studio, alice, kept.id, kept.document.cells[0].id)
    wide = {"op": "edit", "cell": kept.document.cells[0].id, "draft": {"prompt": "x", "steps": 999}}
    kept = notebooks.change(studio, alice, kept.id, kept.version, wide)
    with pytest.raises(Refused, match="Cell 1: steps"):
        notebooks.run(studio, alice, kept.id, kept.document.cells[0].id)
    assert notebooks.get(studio, alice, kept.id).planned == ()


def test_a_planned_cell_that_is_refused_when_its_turn_comes_says_why_until_it_is_changed(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    kept = chain(studio, alice, apple)
    one, two, *_ = (cell.id for cell in kept.document)
    far = {"op": "edit", "cell": two, "draft": {"steps": 999}}
    kept = notebooks.change(studio, alice, kept.id, kept.version, far)
    notebooks.run_from(studio, alice, kept.id, one)
    kept = settle(studio, alice, kept.id)
    assert states(kept) == ["fresh", "stale", "stale", "stale"]
    shown = notebook_view(studio, kept)["cells"]
    assert shown[1]["refused"]["reason"].startswith("Cell 2: steps: 999")
    assert "refused" not in shown[0] and "refused" not in shown[2]
    note = {"op": "add", "kind": "note", "text": "first", "at": 0}
    kept = notebooks.change(studio, alice, kept.id, kept.version, note)
    kept = notebooks.change(studio, alice, kept.id, kept.version, {"op": "fold", "cell": two, "folded": True})
    assert notebook_view(studio, kept)["cells"][2]["refused"]["reason"].startswith("Cell 3: steps: 999")
    near = {"op": "edit", "cell": two, "draft": {"steps": 2}}
    kept = notebooks.change(studio, alice, kept.id, kept.version, near)
    assert "refused" not in notebook_view(studio, kept)["cells"][1]


def test_why_a_planned_cell_was_refused_is_still_there_after_a_restart(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    kept = chain(studio, alice, apple)
    one, two, *_ = (cell.id for cell in kept.document)
    kept = notebooks.change(
        studio, alice, kept.id, kept.version, {"op": "edit", "cell": two, "draft": {"steps": 999}}
    )
    notebooks.run_from(studio, alice, kept.id, one)
    told = notebook_view(studio, settle(studio, alice, kept.id))["cells"][1]["refused"]
    assert told["reason"].startswith("Cell 2: steps: 999")
    dispatcher.stop()
    studio.stores.close()
    again = Studio(studio.settings, studio.catalogue, studio.engine, open_stores(studio.settings))
    try:
        notebooks.resume(again)
        kept = notebooks.get(again, alice, kept.id)
        assert notebook_view(again, kept)["cells"][1]["refused"] == told
        kept = notebooks.change(
            again, alice, kept.id, kept.version, {"op": "edit", "cell": two, "draft": {"steps": 2}}
        )
        assert "refused" not in notebook_view(again, kept)["cells"][1]
    finally:
        again.stores.close()


def test_a_picture_of_a_cell_that_is_sent_on_becomes_a_reference(
    studio: Studio, dispatcher: Dispatcher, alice: Actor, apple: Draft
) -> None:
    notebooks.bench(studio, alice, apple)
    kept = notebooks.current(studio, alice)
    assert kept is not None
    first = settle(studio, alice, kept.id).document.cells[0]
    notebooks.bench(studio, alice, replace(apple, kind="image_to_image", image=first.outputs[0].image))
    second = settle(studio, alice, kept.id).document.cells[1]
    assert second.inputs == {"image": Reference(first.id)}
    assert [one.id for one in studio.stores.gallery.children(alice.subject_id, first.outputs[0].image)] == [
        second.outputs[0].image
    ]


def test_two_tabs_do_not_overwrite_each_other(studio: Studio, alice: Actor) -> None:
    kept = notebooks.create(studio, alice)
    notebooks.change(studio, alice, kept.id, kept.version, {"op": "rename", "title": "First tab"})
    with pytest.raises(StaleWrite):
        notebooks.change(studio, alice, kept.id, kept.version, {"op": "rename", "title": "Second tab"})


def test_a_template_speaks_the_language_of_its_reader(studio: Studio, alice: Actor) -> None:
    document = notebooks.create(studio, alice, "icon_set", "de").document
    assert document.title == words.say_in("de", "notebook_template_icon_set") != words.say("notebook_template_icon_set")
    assert document.cells[0].text == words.say_in("de", "notebook_note_icon_set")
    with pytest.raises(Refused, match="language: 'xx' is not allowed"):
        notebooks.create(studio, alice, "icon_set", "xx")


@pytest.mark.parametrize("template", ["icon_set", "character_sheet", "colour_variations", "before_and_after"])
def test_every_template_can_be_asked_for_as_it_is(studio: Studio, alice: Actor, template: str) -> None:
    kept = notebooks.create(studio, alice, template)
    assert kept.document.cells[0].kind == "note"
    kept = notebooks.run_stale(studio, alice, kept.id)
    assert {cell.state for cell in kept.document.cells[1:]} == {"running"}
    notebooks.stop(studio, alice, kept.id)


@pytest.mark.parametrize(
    "what",
    [
        {"op": "sing"},
        {"op": "edit", "cell": "nobody", "draft": {}},
        {"op": "add", "kind": "drawing", "draft": {"colour": 1}},
        {"op": "move", "cell": "nobody", "to": "x"},
        {"op": "edit"},
    ],
)
def test_what_is_no_change_is_refused_and_nothing_happens(
    studio: Studio, alice: Actor, what: dict[str, object]
) -> None:
    kept = notebooks.create(studio, alice, "icon_set")
    with pytest.raises(Refused):
        notebooks.change(studio, alice, kept.id, kept.version, what)
    assert notebooks.get(studio, alice, kept.id) == kept


@pytest.mark.promise("P25")
def test_another_person_can_do_nothing_with_it(studio: Studio, alice: Actor, bob: Actor) -> None:
    kept = notebooks.create(studio, alice, "icon_set")
    cell = kept.document.cells[1].id
    for attempt in (
        lambda: notebooks.get(studio, bob, kept.id),
        lambda: notebooks.open_notebook(studio, bob, kept.id),
        lambda: notebooks.change(studio, bob, kept.id, 1, {"op": "rename", "title": "mine"}),
        lambda: notebooks.run(studio, bob, kept.id, cell),
        lambda: notebooks.run_stale(studio, bob, kept.id),
        lambda: notebooks.stop(studio, bob, kept.id),
        lambda: notebooks.delete(studio, bob, kept.id),
        lambda: notebooks.restore(studio, bob, kept.id),
    ):
        with pytest.raises(Missing):
            attempt()


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("a red fox in a purple nebula", "a red fox in a purple nebula"),
        ("a fox,\n  on white.", "a fox, on white"),
        ("a lighthouse on a cliff above a stormy sea at night, lit", "a lighthouse on a cliff above a stormy sea at…"),
        ("狐" * 60, "狐" * 48 + "…"),
    ],
)
def test_a_notebook_that_a_run_made_is_called_by_whole_words(prompt: str, title: str) -> None:
    assert notebooks.title_of(Draft(prompt=prompt)) == title

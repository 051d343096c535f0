"""The document's rules: what follows from what, what is stale, and files that read back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies import notebook_edits as edits
from policies.draft import Draft
from policies.notebook import BadNotebook, Cell, Notebook, Output, Reference, Run, Series, recipe, resolved, settled
from policies.notebook_order import ancestors, descendants, run_order, stale_order

FOX = Cell(id="fox", draft=Draft(prompt="a fox in a nebula"))
HAT = Cell(id="hat", draft=Draft(kind="inpaint", prompt="a hat", mask="m"), inputs={"image": Reference("fox", 1)})
BIG = Cell(id="big", draft=Draft(kind="upscale", scale=4.0), inputs={"image": Reference("hat")})
NOTE = Cell(id="note", text="My first *fox*.")
STORY = Notebook("Fox", (FOX, HAT, BIG, NOTE))


def ran(notebook: Notebook, cell_id: str, *images: str, job: str = "") -> Run:
    """A run of the cell as it is now, that drew these."""
    draft = resolved(notebook, notebook.cell(cell_id))
    assert draft is not None
    seeds = enumerate(images)
    return Run(job or cell_id, "done", (recipe(draft),), tuple(Output(image, seed) for seed, image in seeds))


def drawn() -> tuple[Notebook, dict[str, list[Run]]]:
    """The story after every cell ran once."""
    notebook, runs = STORY, {}
    for cell_id, images in (("fox", ("f1", "f2")), ("hat", ("h",)), ("big", ("b",))):
        runs[cell_id] = [ran(notebook, cell_id, *images)]
        notebook = settled(notebook, runs)
    return notebook, runs


def states(notebook: Notebook) -> list[str]:
    return [cell.state for cell in notebook]


def test_a_reference_is_shown_by_the_place_of_its_cell() -> None:
    assert STORY.label(HAT.inputs["image"]) == "#1.2"
    moved = edits.add(STORY, Cell(id="first", text="before"), 0)
    assert moved.label(moved.cell("hat").inputs["image"]) == "#2.2"


def test_kinds_are_told_by_what_a_cell_holds() -> None:
    assert [cell.kind for cell in STORY] == ["text_to_image", "inpaint", "upscale", "note"]


def test_ancestors_and_descendants_go_all_the_way() -> None:
    assert ancestors(STORY, "big") == {"hat", "fox"}
    assert descendants(STORY, "fox") == {"hat", "big"}
    assert descendants(STORY, "note") == set()


def test_after_running_all_is_fresh_and_an_edit_makes_what_follows_stale() -> None:
    notebook, runs = drawn()
    assert states(notebook) == ["fresh", "fresh", "fresh", "fresh"]
    edited = edits.edit(notebook, "fox", draft=replace(FOX.draft, prompt="a fox at sea"))
    assert states(settled(edited, runs)) == ["stale", "stale", "stale", "fresh"]
    assert settled(edited, runs) == edited, "the edit alone says the same as working it out from the runs"


def test_editing_it_back_is_fresh_again_with_the_pictures_from_before() -> None:
    notebook, runs = drawn()
    at_sea = edits.edit(notebook, "fox", draft=replace(FOX.draft, prompt="a fox at sea"))
    runs["fox"].append(ran(at_sea, "fox", "s1", "s2", job="sea"))
    sea = settled(at_sea, runs)
    assert [output.image for output in sea.cell("fox").outputs] == ["s1", "s2"]
    assert states(sea) == ["fresh", "stale", "stale", "fresh"]
    back = settled(edits.edit(sea, "fox", draft=FOX.draft), runs)
    assert [output.image for output in back.cell("fox").outputs] == ["f1", "f2"]
    assert states(back) == ["fresh"] * 4


def test_an_edit_in_the_middle_leaves_what_is_above_alone() -> None:
    notebook, _ = drawn()
    edited = edits.edit(notebook, "hat", draft=replace(HAT.draft, prompt="a crown"))
    assert states(edited) == ["fresh", "stale", "stale", "fresh"]


def test_pinning_the_seed_that_was_drawn_keeps_a_cell_fresh() -> None:
    notebook = Notebook("", (FOX,))
    asked, seeded = recipe(FOX.draft), recipe(replace(FOX.draft, seed=7))
    runs = {"fox": [Run("j", "done", (asked, seeded), (Output("f", 7),))]}
    pinned = edits.edit(notebook, "fox", draft=replace(FOX.draft, seed=7))
    assert settled(pinned, runs).cell("fox").state == "fresh"


def test_a_failed_run_shows_until_the_cell_is_edited() -> None:
    failed = {"fox": [Run("j", "failed", (recipe(FOX.draft),))]}
    assert settled(STORY, failed).cell("fox").state == "failed"
    edited = edits.edit(STORY, "fox", draft=replace(FOX.draft, steps=5))
    assert settled(edited, failed).cell("fox").state == "stale"


def test_what_waits_or_runs_is_running() -> None:
    running = {"fox": [Run("j", "running", (recipe(FOX.draft),))]}
    assert states(settled(STORY, running, planned={"hat"})) == ["running", "running", "stale", "fresh"]


def test_a_deleted_picture_leaves_its_place_and_what_was_made_from_it_is_stale() -> None:
    notebook, runs = drawn()
    runs["fox"] = [replace(runs["fox"][0], outputs=(Output("f1", 0), Output("", 1)))]
    after = settled(notebook, runs)
    assert after.cell("fox").outputs[1].gone
    assert after.cell("hat").state == "stale"
    assert resolved(after, after.cell("hat")) is None


def test_run_from_here_is_the_cell_and_what_follows_and_what_is_missing_before() -> None:
    notebook, _ = drawn()
    assert run_order(notebook, "hat") == ("hat", "big")
    assert run_order(STORY, "big") == ("fox", "hat", "big"), "nothing was drawn yet"
    assert run_order(STORY, "note") == ()
    assert stale_order(edits.edit(notebook, "hat", draft=replace(HAT.draft, prompt="x"))) == ("hat", "big")


def test_deleting_keeps_the_pictures_that_others_were_made_from() -> None:
    notebook, _ = drawn()
    left = edits.delete(notebook, ["fox"])
    hat = left.cell("hat")
    assert hat.inputs == {} and hat.draft is not None and hat.draft.image == "f2"
    assert hat.state == "fresh", "it still says what its picture was made from"


def test_moving_past_what_it_is_made_from_is_refused_by_number() -> None:
    with pytest.raises(BadNotebook, match="Cells 2 and 1"):
        edits.move(STORY, "hat", 0)
    with pytest.raises(BadNotebook, match="Cells 1 and 2"):
        edits.move(STORY, "fox", 3)
    assert [cell.id for cell in edits.move(STORY, "note", 0)] == ["note", "fox", "hat", "big"]


def test_a_branch_starts_where_the_cell_was_drawn() -> None:
    notebook, _ = drawn()
    branched = edits.branch(notebook, "fox", "other")
    assert branched.cells[-1].draft == replace(FOX.draft, seed=0)
    assert edits.branch(notebook, "hat", "other").cells[-1].inputs == HAT.inputs


def test_a_note_takes_no_settings_and_a_drawing_no_words() -> None:
    with pytest.raises(BadNotebook, match="note"):
        edits.edit(STORY, "note", draft=FOX.draft)
    with pytest.raises(BadNotebook, match="text"):
        edits.edit(STORY, "fox", text="words")


def test_four_and_four_point_nought_ask_for_the_same() -> None:
    assert recipe(Draft(prompt="x", guidance=5)) == recipe(Draft(prompt="x", guidance=5.0))


def test_other_axes_make_a_grid_stale_and_the_first_ones_fresh_again() -> None:
    grid = Series("grid", ("steps", "2, 3"))
    notebook = edits.add(Notebook(), Cell(id="g", draft=Draft(prompt="a"), series=grid))
    run = Run("j", "done", (recipe(Draft(prompt="a"), grid),), (Output("x", 1), Output("y", 1)))
    assert states(settled(notebook, {"g": [run]})) == ["fresh"]
    other = edits.edit(notebook, "g", series=Series("grid", ("steps", "2, 4")))
    shown = settled(other, {"g": [run]})
    assert (states(shown), len(shown.cell("g").outputs)) == (["stale"], 2)
    back = edits.edit(other, "g", series=grid)
    assert states(settled(back, {"g": [run]})) == ["fresh"]
    assert Notebook.from_dict(notebook.to_dict()) == notebook
    assert notebook.cells[0].kind == "grid"


@pytest.mark.parametrize(
    "series",
    [{"kind": "circle"}, {"kind": "grid", "x": "steps"}, {"kind": "grid", "x": {"field": "steps", "values": 3}}, 7],
)
def test_a_series_that_is_not_understood_is_refused_with_the_place(series: object) -> None:
    cell = {"id": "a", "draft": Draft(prompt="a").to_dict(), "series": series}
    with pytest.raises(BadNotebook, match=r"^cells\[0\]\.series"):
        Notebook.from_dict({"format": 1, "title": "", "cells": [cell]})


def bad(**values: object) -> dict[str, object]:
    return {"format": 1, "title": "", "cells": [{"id": "a", "text": ""}, {"id": "b", **values}]}


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"format": 2, "cells": []}, "format: 2"),
        ({"format": 1, "cells": [], "more": 1}, "notebook: unknown fields more"),
        (bad(text="", shape=1), r"cells\[1\]: unknown fields shape"),
        (bad(id="a", text=""), r"cells\[1\]\.id: 'a'"),
        (bad(draft={"prompt": "x", "colour": 1}), r"cells\[1\]\.draft: draft: unknown fields colour"),
        (bad(draft={}, inputs={"image": {"cell": "later"}}), r"cells\[1\]\.inputs\.image: 'later'"),
        (bad(draft={}, inputs={"image": {"cell": "a", "output": -1}}), r"cells\[1\]\.inputs\.image\.output: -1"),
        (bad(draft={}, inputs={"sound": {"cell": "a"}}), r"cells\[1\]\.inputs\.sound: this kind"),
        (bad(draft={}, inputs={"image": "a"}), r"cells\[1\]\.inputs\.image: expected an object"),
        (bad(text="", inputs={"image": {"cell": "a"}}), r"cells\[1\]\.inputs\.image: a note"),
        (bad(kind="upscale", text=""), r"cells\[1\]\.kind: 'upscale'"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_with_the_place(values: dict[str, object], place: str) -> None:
    with pytest.raises(BadNotebook, match=place):
        Notebook.from_dict(values)


def test_a_file_reads_back_equal_and_states_are_worked_out() -> None:
    notebook, _ = drawn()
    assert Notebook.from_dict(notebook.to_dict()) == notebook
    forged = notebook.to_dict()
    forged["cells"][0]["draft"]["prompt"] = "another"
    assert states(Notebook.from_dict(forged)) == ["stale", "stale", "stale", "fresh"]

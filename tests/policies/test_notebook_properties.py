"""Whatever is done to a notebook: inputs stay earlier, staleness reaches all that follows, and undo gives it back."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from policies import notebook_edits as edits
from policies.draft import Draft
from policies.notebook import BadNotebook, Cell, Notebook, Output, Reference, Series, marked, recipe, resolved
from policies.notebook_order import ancestors, descendants, run_order

few = settings(max_examples=40)


@st.composite
def notebooks(draw: st.DrawFn) -> Notebook:
    """Up to eight cells; some run and fresh, some not, any earlier one as an input."""
    notebook = Notebook(draw(st.text(max_size=5)))
    for number in range(draw(st.integers(0, 8))):
        cell = draw(cells(notebook, f"c{number}"))
        notebook = edits.add(notebook, cell)
        asked = resolved(notebook, cell)
        if asked is not None and draw(st.booleans()):
            outputs = (Output(f"{cell.id}-0", 1), Output(f"{cell.id}-1", 2))
            made = replace(cell, outputs=outputs, made=(recipe(asked, cell.series),))
            notebook = marked(replace(notebook, cells=(*notebook.cells[:-1], made)))
    return notebook


@st.composite
def cells(draw: st.DrawFn, notebook: Notebook, cell_id: str) -> Cell:
    if draw(st.booleans()) and draw(st.booleans()):
        return Cell(id=cell_id, text=draw(st.text(max_size=5)))
    drawing = [cell.id for cell in notebook if cell.draft]
    inputs = {}
    if drawing and draw(st.booleans()):
        inputs = {"image": Reference(draw(st.sampled_from(drawing)), draw(st.integers(0, 2)))}
    draft = Draft(kind="image_to_image" if inputs else "text_to_image", prompt=draw(st.sampled_from("abc")))
    series = draw(st.sampled_from([None, Series("every"), Series("grid", ("steps", "2, 3"), ("seed", "1, 2"))]))
    return Cell(id=cell_id, draft=draft, series=series, inputs=inputs)


@st.composite
def edited(draw: st.DrawFn) -> tuple[Notebook, Notebook]:
    """A notebook before and after something a person did. What is refused is done to nothing."""
    notebook = draw(notebooks())
    ids = [cell.id for cell in notebook]
    if not ids:
        return notebook, edits.add(notebook, draw(cells(notebook, "new")))
    cell_id = draw(st.sampled_from(ids))
    place = draw(st.integers(-1, 9))
    cell = notebook.cell(cell_id)
    prompt = draw(st.sampled_from("abcd"))
    ways = {
        "add": lambda: edits.add(notebook, Cell(id="new", text="n"), place),
        "move": lambda: edits.move(notebook, cell_id, place),
        "duplicate": lambda: edits.duplicate(notebook, cell_id, "new"),
        "branch": lambda: edits.branch(notebook, cell_id, "new"),
        "delete": lambda: edits.delete(notebook, [cell_id]),
        "fold": lambda: edits.fold(notebook, cell_id, not cell.folded),
        "rename": lambda: edits.rename(notebook, prompt),
        "edit": lambda: (
            edits.edit(notebook, cell_id, draft=replace(cell.draft, prompt=prompt))
            if cell.draft
            else edits.edit(notebook, cell_id, text=prompt)
        ),
    }
    try:
        return notebook, ways[draw(st.sampled_from(sorted(ways)))]()
    except BadNotebook:
        return notebook, notebook


@few
@given(edited())
def test_no_input_dangles_or_goes_round(both: tuple[Notebook, Notebook]) -> None:
    _, notebook = both
    seen: set[str] = set()
    for cell in notebook:
        assert {reference.cell for reference in cell.inputs.values()} <= seen
        seen.add(cell.id)
    assert len(seen) == len(notebook.cells)
    assert all(cell.id not in ancestors(notebook, cell.id) for cell in notebook)


@few
@given(edited())
def test_what_follows_from_something_stale_is_stale(both: tuple[Notebook, Notebook]) -> None:
    _, notebook = both
    for cell in notebook:
        if cell.state != "fresh":
            assert all(notebook.cell(other).state != "fresh" for other in descendants(notebook, cell.id))


@few
@given(edited())
def test_an_edit_touches_the_state_of_what_follows_alone(both: tuple[Notebook, Notebook]) -> None:
    before, after = both
    changed = [cell.id for cell in after if cell.id not in before or before.cell(cell.id).content != cell.content]
    reached = set(changed).union(*(descendants(after, cell_id) for cell_id in changed))
    for cell in after:
        if cell.id not in reached:
            assert cell == before.cell(cell.id)


@few
@given(edited())
def test_undo_gives_it_back_and_redo_again(both: tuple[Notebook, Notebook]) -> None:
    before, after = both
    change = edits.difference(before, after)
    again = edits.applied(before, change)
    assert again.content == after.content
    assert edits.applied(again, change.back).content == before.content
    assert edits.Change.from_dict(change.to_dict()) == change


@few
@given(edited(), st.sampled_from("wxyz"))
def test_two_changes_in_a_row_are_one(both: tuple[Notebook, Notebook], title: str) -> None:
    before, middle = both
    after = edits.rename(middle, title)
    one = edits.joined(edits.difference(before, middle), edits.difference(middle, after))
    assert edits.applied(before, one).content == after.content
    assert edits.applied(after, one.back).content == before.content


@few
@given(notebooks(), st.integers(0, 9), st.data())
def test_a_move_keeps_every_reference_or_is_refused(notebook: Notebook, to: int, data: st.DataObject) -> None:
    if not notebook.cells:
        return
    cell = data.draw(st.sampled_from(notebook.cells))
    try:
        moved = edits.move(notebook, cell.id, to)
    except BadNotebook:
        return
    assert moved.index(cell.id) == min(to, len(notebook.cells) - 1)
    assert sorted(moved.cells, key=lambda one: one.id) == sorted(notebook.cells, key=lambda one: one.id)


@few
@given(notebooks(), st.data())
def test_running_in_order_finds_every_input_there(notebook: Notebook, data: st.DataObject) -> None:
    if not notebook.cells:
        return
    start = data.draw(st.sampled_from(notebook.cells))
    order = run_order(notebook, start.id)
    assert len(set(order)) == len(order)
    if start.draft:
        assert {start.id, *descendants(notebook, start.id)} <= set(order)
    for place, cell_id in enumerate(order):
        needed = {r.cell for r in notebook.cell(cell_id).inputs.values()}
        ready = {cell.id for cell in notebook if cell.outputs} | set(order[:place])
        assert needed <= ready


@few
@given(notebooks())
def test_a_file_reads_back_equal(notebook: Notebook) -> None:
    assert Notebook.from_dict(notebook.to_dict()) == notebook

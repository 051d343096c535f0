"""What a person does to a notebook: each a function from one document to the next, and the difference of two."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from policies.draft import Draft
from policies.notebook import (
    BadNotebook,
    Cell,
    Notebook,
    Reference,
    Series,
    cell_from_dict,
    cell_to_dict,
    checked,
    filled,
    marked,
    picture,
)
from policies.notebook_order import dependents


def add(notebook: Notebook, cell: Cell, at: int | None = None) -> Notebook:
    """At the end, or at a place counted from 0. Raises BadNotebook when an input would not be earlier."""
    at = len(notebook.cells) if at is None else max(0, min(at, len(notebook.cells)))
    return done(replace(notebook, cells=(*notebook.cells[:at], cell, *notebook.cells[at:])))


def edit(
    notebook: Notebook,
    cell_id: str,
    *,
    draft: Draft | None = None,
    text: str | None = None,
    inputs: Mapping[str, Reference] | None = None,
    series: Series | None = None,
) -> Notebook:
    """Replaces what is given. All that was made from the cell becomes stale, unless the edit changes nothing."""
    cell = notebook.cell(cell_id)
    if cell.draft is None and (draft is not None or inputs or series):
        raise BadNotebook("draft: a note holds words, not settings")
    if cell.draft is not None and text is not None:
        raise BadNotebook("text: only a note holds words of its own")
    if draft is not None:
        cell = replace(cell, draft=draft)
    if text is not None:
        cell = replace(cell, text=text)
    if inputs is not None:
        cell = replace(cell, inputs=dict(inputs))
    if series is not None:
        cell = replace(cell, series=series)
    return swap(notebook, cell)


def move(notebook: Notebook, cell_id: str, to: int) -> Notebook:
    """To a place counted from 0 in the new order. Raises BadNotebook when it would pass what it depends on."""
    cell = notebook.cell(cell_id)
    others = [other for other in notebook if other.id != cell_id]
    to = max(0, min(to, len(others)))
    wrong = blocked(cell, others[:to], others[to:])
    if wrong:
        this, that = notebook.number(cell_id), notebook.number(wrong)
        raise BadNotebook(f"to: {to} is not allowed. Cells {this} and {that} are made one from the other.")
    return done(replace(notebook, cells=(*others[:to], cell, *others[to:])))


def duplicate(notebook: Notebook, cell_id: str, new_id: str) -> Notebook:
    """A copy right after it, made from the same inputs. It has not run yet."""
    return add(notebook, replace(notebook.cell(cell_id).content, id=new_id), notebook.index(cell_id) + 1)


def branch(notebook: Notebook, cell_id: str, new_id: str) -> Notebook:
    """Another way from here: a copy at the end that names the same ancestors and starts from the seed last drawn."""
    cell = notebook.cell(cell_id)
    draft = cell.draft
    if draft is not None and draft.seed is None and cell.outputs:
        draft = replace(draft, seed=cell.outputs[0].seed)
    return add(notebook, replace(cell.content, id=new_id, draft=draft, folded=False))


def delete(notebook: Notebook, cell_ids: Collection[str]) -> Notebook:
    """What was made from them keeps the very picture it was made from; where there is none, the input is empty."""
    for cell_id in cell_ids:
        for other in dependents(notebook, cell_id):
            notebook = swap(notebook, cut_off(notebook, other, cell_id))
        notebook = replace(notebook, cells=tuple(cell for cell in notebook if cell is not notebook.cell(cell_id)))
    return done(notebook)


def outlived(notebook: Notebook, young: Collection[str]) -> tuple[str, ...]:
    """Cells that are not young, and that no young one is made from, however far back."""
    needed = set(young)
    for cell in reversed(notebook.cells):
        if cell.id in needed:
            needed.update(reference.cell for reference in cell.inputs.values())
    return tuple(cell.id for cell in notebook if cell.id not in needed)


def fold(notebook: Notebook, cell_id: str, folded: bool) -> Notebook:
    return swap(notebook, replace(notebook.cell(cell_id), folded=folded))


def rename(notebook: Notebook, title: str) -> Notebook:
    return done(replace(notebook, title=" ".join(title.split())))


def done(notebook: Notebook) -> Notebook:
    return marked(checked(notebook))


def swap(notebook: Notebook, cell: Cell) -> Notebook:
    return done(replace(notebook, cells=tuple(cell if other.id == cell.id else other for other in notebook)))


def cut_off(notebook: Notebook, cell: Cell, from_id: str) -> Cell:
    """The cell with its references to another made into the pictures themselves."""
    draft, kept = cell.draft, {}
    for name, reference in cell.inputs.items():
        if reference.cell != from_id:
            kept[name] = reference
        elif draft is not None:
            draft = filled(draft, name, picture(notebook, reference) or "")
    return replace(cell, draft=draft, inputs=kept)


def blocked(cell: Cell, before: Collection[Cell], after: Collection[Cell]) -> str | None:
    """The first cell that would stand on the wrong side, or None."""
    needs = {reference.cell for reference in cell.inputs.values()}
    for other in after:
        if other.id in needs:
            return other.id
    for other in before:
        if any(reference.cell == cell.id for reference in other.inputs.values()):
            return other.id
    return None


# The difference of two documents: what an undo takes back


@dataclass(frozen=True, slots=True)
class Side:
    """A document as far as one change touches it. A cell that is None is not there; an order that is None stayed."""

    cells: Mapping[str, Cell | None] = field(default_factory=dict)
    order: tuple[str, ...] | None = None
    title: str | None = None

    def to_dict(self) -> dict[str, Any]:
        cells = {cell_id: cell_to_dict(cell) if cell else None for cell_id, cell in self.cells.items()}
        return {"cells": cells, "order": list(self.order) if self.order is not None else None, "title": self.title}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Side:
        cells = {cell_id: cell_from_dict(cell, cell_id) if cell else None for cell_id, cell in values["cells"].items()}
        return cls(cells, tuple(values["order"]) if values["order"] is not None else None, values["title"])


@dataclass(frozen=True, slots=True)
class Change:
    before: Side
    after: Side

    @property
    def back(self) -> Change:
        return Change(self.after, self.before)

    @property
    def nothing(self) -> bool:
        return self.before == self.after

    def to_dict(self) -> dict[str, Any]:
        return {"before": self.before.to_dict(), "after": self.after.to_dict()}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Change:
        return cls(Side.from_dict(values["before"]), Side.from_dict(values["after"]))


def difference(old: Notebook, new: Notebook) -> Change:
    """What was written, not what became of it: outputs and states are left out."""
    was, now = ({cell.id: cell for cell in notebook.content} for notebook in (old, new))
    touched = [cell_id for cell_id in {**was, **now} if was.get(cell_id) != now.get(cell_id)]
    order = tuple(was) != tuple(now)
    title = old.title != new.title
    return Change(
        *(
            Side(
                {cell_id: cells.get(cell_id) for cell_id in touched},
                tuple(cells) if order else None,
                notebook.title if title else None,
            )
            for cells, notebook in ((was, old), (now, new))
        )
    )


def applied(notebook: Notebook, change: Change) -> Notebook:
    """Raises BadNotebook when the notebook is not as the change found it."""
    cells = {cell.id: cell for cell in notebook}
    for cell_id, expected in change.before.cells.items():
        here = cells.get(cell_id)
        if (here.content if here else None) != expected:
            raise BadNotebook(f"cell: {cell_id!r} was changed since")
    for cell_id, cell in change.after.cells.items():
        if cell is None:
            cells.pop(cell_id, None)
        elif cell_id in cells:
            was = cells[cell_id]
            cells[cell_id] = replace(cell, outputs=was.outputs, made=was.made, state=was.state)
        else:
            cells[cell_id] = cell
    order = change.after.order if change.after.order is not None else tuple(cells)
    if set(order) != set(cells):
        raise BadNotebook("order: cells came or went since")
    title = change.after.title if change.after.title is not None else notebook.title
    return done(Notebook(title, tuple(cells[cell_id] for cell_id in order)))


def joined(first: Change, second: Change) -> Change:
    """Two changes in a row as one, such as the letters of one sentence."""
    return Change(over(second.before, first.before), over(first.after, second.after))


def over(below: Side, above: Side) -> Side:
    """`above` where it says something, else `below`."""
    return Side(
        {**below.cells, **above.cells},
        above.order if above.order is not None else below.order,
        above.title if above.title is not None else below.title,
    )


def renewed(notebook: Notebook, ids: Mapping[str, str]) -> Notebook:
    """The same content under other ids, as a copy of its own needs; `ids` maps every old one to its new one."""
    cells = tuple(
        replace(
            cell.content,
            id=ids[cell.id],
            inputs={name: replace(r, cell=ids[r.cell]) for name, r in cell.inputs.items()},
        )
        for cell in notebook
    )
    return done(replace(notebook, cells=cells))

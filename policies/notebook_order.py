"""What follows from what in a notebook, and in which order its cells run."""

from __future__ import annotations

from collections.abc import Collection

from policies.notebook import Cell, Notebook, picture


def ancestors(notebook: Notebook, cell_id: str) -> set[str]:
    """Every cell whose outputs it is made from, however far back."""
    found: set[str] = set()
    ahead = [cell_id]
    while ahead:
        for reference in notebook.cell(ahead.pop()).inputs.values():
            if reference.cell not in found:
                found.add(reference.cell)
                ahead.append(reference.cell)
    return found


def descendants(notebook: Notebook, cell_id: str) -> set[str]:
    """Every cell that is made from its outputs, however far on."""
    found = {cell_id}
    for cell in notebook.cells[notebook.index(cell_id) + 1 :]:
        if any(reference.cell in found for reference in cell.inputs.values()):
            found.add(cell.id)
    return found - {cell_id}


def dependents(notebook: Notebook, cell_id: str) -> tuple[Cell, ...]:
    """Those that name it directly."""
    return tuple(cell for cell in notebook if any(r.cell == cell_id for r in cell.inputs.values()))


def run_order(notebook: Notebook, cell_id: str) -> tuple[str, ...]:
    """Run from here: the cell and all that follow from it, with those first whose pictures are missing for that."""
    wanted = {cell_id, *descendants(notebook, cell_id)}
    for one in tuple(wanted):
        wanted |= missing(notebook, one)
    return in_order(notebook, wanted)


def stale_order(notebook: Notebook) -> tuple[str, ...]:
    """All that is not up to date, in an order to run it in."""
    wanted = {cell.id for cell in notebook if cell.draft and cell.state in ("stale", "failed")}
    return in_order(notebook, wanted)


def missing(notebook: Notebook, cell_id: str) -> set[str]:
    """Ancestors that must run before the cell can, because an output that is named was never made."""
    found: set[str] = set()
    for reference in notebook.cell(cell_id).inputs.values():
        if picture(notebook, reference) is None and reference.cell not in found:
            found |= {reference.cell, *missing(notebook, reference.cell)}
    return found


def in_order(notebook: Notebook, cell_ids: Collection[str]) -> tuple[str, ...]:
    return tuple(cell.id for cell in notebook if cell.id in cell_ids and cell.draft is not None)

"""What a change that a person asked for makes of the document. Writes nothing: notebooks.py does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from components.actions import generate
from components.studio import Studio
from policies import limits
from policies import notebook_edits as edits
from policies.draft import Draft
from policies.notebook import LONGEST_NOTE, BadNotebook, Cell, Notebook, Reference, inputs_from, series_from
from policies.verdict import Refused, Verdict, refuse, require

LARGEST_DRAFT = 4 * limits.LONGEST_PROMPT  # characters as JSON

Change = Mapping[str, Any]


def changed(studio: Studio, document: Notebook, what: Change) -> Notebook:
    """Raises Refused for what is no operation, or breaks a rule of the document."""
    operation = str(what.get("op"))
    if operation not in OPERATIONS:
        require(refuse("unknown", field="op", value=operation, expected=" or ".join(OPERATIONS)))
    try:
        return OPERATIONS[operation](studio, document, what)
    except (BadNotebook, KeyError, TypeError, ValueError) as error:
        raise Refused(Verdict(False, "notebook_rule", str(error), operation)) from None


def add(studio: Studio, document: Notebook, what: Change) -> Notebook:
    if what.get("kind") == "note":
        cell = Cell(id=uuid.uuid4().hex, text=str(what.get("text", "")))
    else:
        draft = sized(generate.draft_of(studio, what.get("draft", {})))
        inputs = inputs_from(what.get("inputs", {}), "inputs")
        many = series_from(what.get("series"), "series")
        cell = linked(document, Cell(id=uuid.uuid4().hex, draft=draft, series=many, inputs=inputs))
    return edits.add(document, cell, int(what["at"]) if what.get("at") is not None else None)


def edit(studio: Studio, document: Notebook, what: Change) -> Notebook:
    cell = document.cell(str(what["cell"]))
    draft = cell.draft
    if "draft" in what and draft is not None:
        draft = sized(Draft.from_dict(draft.to_dict() | dict(what["draft"])))
    text = str(what["text"]) if "text" in what else None
    if text is not None and len(text) > LONGEST_NOTE:
        require(refuse("too_long", field="text", value=f"{len(text)} characters", expected=f"at most {LONGEST_NOTE}"))
    inputs = inputs_from(what["inputs"], "inputs") if "inputs" in what else None
    many = series_from(what.get("series"), "series")
    return edits.edit(document, cell.id, draft=draft, text=text, inputs=inputs, series=many)


OPERATIONS: Mapping[str, Callable[[Studio, Notebook, Change], Notebook]] = {
    "add": add,
    "edit": edit,
    "move": lambda _, document, what: edits.move(document, str(what["cell"]), int(what["to"])),
    "duplicate": lambda _, document, what: edits.duplicate(document, str(what["cell"]), uuid.uuid4().hex),
    "branch": lambda _, document, what: edits.branch(document, str(what["cell"]), uuid.uuid4().hex),
    "delete": lambda _, document, what: edits.delete(document, [str(cell_id) for cell_id in what["cells"]]),
    "fold": lambda _, document, what: edits.fold(document, str(what["cell"]), bool(what["folded"])),
    "rename": lambda _, document, what: edits.rename(document, str(what["title"])),
}


def sized(draft: Draft) -> Draft:
    """What a cell may hold while it is written; whether it can be drawn is asked when it runs."""
    length = len(json.dumps(draft.to_dict()))
    if length > LARGEST_DRAFT:
        require(refuse("too_long", field="draft", value=f"{length} characters", expected=f"at most {LARGEST_DRAFT}"))
    return draft


def linked(document: Notebook, cell: Cell) -> Cell:
    """A picture that an earlier cell made becomes a reference to it, so that it follows when that is drawn anew."""
    if cell.draft is None:
        return cell
    made = {
        output.image: Reference(other.id, number)
        for other in document
        for number, output in enumerate(other.outputs)
        if not output.gone
    }
    draft, inputs = cell.draft, dict(cell.inputs)
    if draft.image in made:
        inputs["image"] = made[draft.image]
        draft = replace(draft, image="")
    for number, control in enumerate(draft.controls):
        if control.image in made:
            inputs[f"controls.{number}.image"] = made[control.image]
    return replace(cell, draft=draft, inputs=inputs)

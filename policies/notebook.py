"""The document: ordered cells, what each is made from, and what is stale. Knows no rows, no clock and no pixels."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

from policies.draft import Draft

FORMAT = 1
MOST_CELLS = 300
LONGEST_NOTE = 20_000
LONGEST_TITLE = 120

LONGEST_AXIS = 4000  # of the values of one axis as they were typed

State = Literal["fresh", "stale", "running", "failed"]
Spread = Literal["grid", "every", "prompts"]
SPREADS: tuple[Spread, ...] = get_args(Spread)
STATES: tuple[State, ...] = get_args(State)


class BadNotebook(ValueError):
    """The document breaks a rule; the sentence begins with the place, such as `cells[3].inputs.image`."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An output of an earlier cell, `#3.2` to people. By the cell's id, so that moving keeps it; counts from 0."""

    cell: str
    output: int = 0


@dataclass(frozen=True, slots=True)
class Output:
    """A picture that the cell made. `image` is "" once it was deleted: its place stays, so that others keep theirs."""

    image: str
    seed: int = 0

    @property
    def gone(self) -> bool:
        return not self.image


@dataclass(frozen=True, slots=True)
class Series:
    """How many pictures come of one draft: a grid over the values of one or two parameters, `every` prompt of its
    template once, or each of its `prompts` by the seed of its picture. An axis is a field and its values as typed."""

    kind: Spread
    x: tuple[str, str] = ("", "")
    y: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A note (`draft` is None), or a draft whose fields in `inputs` are filled by other cells' outputs when it runs.
    With a `series` it is run many times, each with something changed.

    `made` holds the recipes that the outputs answer to. `outputs`, `made` and `state` are what became of the content.
    """

    id: str
    draft: Draft | None = None
    text: str = ""
    series: Series | None = None
    inputs: Mapping[str, Reference] = field(default_factory=dict)
    folded: bool = False
    outputs: tuple[Output, ...] = ()
    made: tuple[str, ...] = ()
    state: State = "stale"

    @property
    def kind(self) -> str:
        """`note`, `grid` or `series` for many from one draft, `control` for a drawing that is steered, else the
        draft's."""
        if self.draft is None:
            return "note"
        if self.series is not None:
            return "grid" if self.series.kind == "grid" else "series"
        steered = bool(getattr(self.draft, "controls", ())) or any(name.startswith("controls") for name in self.inputs)
        return "control" if steered and self.draft.kind == "text_to_image" else self.draft.kind

    @property
    def content(self) -> Cell:
        """What a person wrote, without what became of it."""
        return replace(self, outputs=(), made=(), state="stale")


@dataclass(frozen=True, slots=True)
class Run:
    """One time that a cell was run, of a series all its jobs; what is asked of `settled` to know what became of it."""

    job: str
    state: Literal["running", "done", "failed", "cancelled"]
    recipes: tuple[str, ...]
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True, slots=True)
class Notebook:
    """Every input names an earlier cell: there is no cycle, and the order of the cells is an order to run them in."""

    title: str = ""
    cells: tuple[Cell, ...] = ()

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells)

    def __contains__(self, cell_id: str) -> bool:
        return any(cell.id == cell_id for cell in self.cells)

    def cell(self, cell_id: str) -> Cell:
        """Raises BadNotebook when there is none."""
        return self.cells[self.index(cell_id)]

    def index(self, cell_id: str) -> int:
        for index, cell in enumerate(self.cells):
            if cell.id == cell_id:
                return index
        raise BadNotebook(f"cell: there is no cell {cell_id!r} in this notebook")

    def number(self, cell_id: str) -> int:
        """What people call it: its place, from 1."""
        return self.index(cell_id) + 1

    def label(self, reference: Reference) -> str:
        """`#3.2`: the second output of the third cell."""
        return f"#{self.number(reference.cell)}.{reference.output + 1}"

    @property
    def content(self) -> Notebook:
        return replace(self, cells=tuple(cell.content for cell in self.cells))

    def to_dict(self) -> dict[str, Any]:
        """A file of its own: reads back to an equal document."""
        return {"format": FORMAT, "title": self.title, "cells": [cell_to_dict(cell) for cell in self.cells]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Notebook:
        """Raises BadNotebook that names what is not understood. States are not believed but worked out."""
        found = values.get("format")
        if found != FORMAT:
            raise BadNotebook(f"format: {found!r} is not understood. Expected {FORMAT}.")
        only(values, {"format", "title", "cells"}, "notebook")
        cells = values.get("cells", [])
        if not isinstance(cells, list):
            raise BadNotebook("cells: expected a list")
        read = tuple(cell_from_dict(cell, f"cells[{index}]") for index, cell in enumerate(cells))
        return marked(checked(cls(values.get("title", ""), read)))


# Recipes: what decides the pictures, as a digest


def picture(notebook: Notebook, reference: Reference) -> str | None:
    """The image that a reference stands for now, or None while there is none."""
    outputs = notebook.cell(reference.cell).outputs
    if reference.output >= len(outputs) or outputs[reference.output].gone:
        return None
    return outputs[reference.output].image


def resolved(notebook: Notebook, cell: Cell) -> Draft | None:
    """The cell's draft with its inputs filled in; None for a note, and while an input is not there."""
    draft = cell.draft
    for name, reference in cell.inputs.items():
        image = picture(notebook, reference)
        if draft is None or image is None:
            return None
        draft = filled(draft, name, image)
    return draft


def filled(draft: Draft, name: str, image: str) -> Draft:
    """The draft with a picture in the named field: `image`, or `controls.0.image` for one inside a list."""
    values = draft.to_dict()
    put(values, name.split("."), image)
    return Draft.from_dict(values)


def put(values: Any, path: Sequence[str], image: str) -> None:
    """Raises BadNotebook when the draft has no such field."""
    *way, last = path
    try:
        for step in way:
            values = values[int(step) if isinstance(values, list | tuple) else step]
        if not isinstance(values, dict) or last not in values:
            raise KeyError(last)
    except (KeyError, IndexError, ValueError, TypeError):
        raise BadNotebook(f"inputs.{'.'.join(path)}: this kind of cell has no such input") from None
    values[last] = image


def recipe(draft: Draft, series: Series | None = None) -> str:
    """Equal for drafts that ask for the same. A field at its default is left out: a later one changes no digest."""
    plain = Draft().to_dict()
    asked = {name: value for name, value in draft.to_dict().items() if value != plain[name]}
    if series is not None:
        asked["series"] = asdict(series)
    same_numbers = json.loads(json.dumps(asked), parse_int=float)  # 4 and 4.0 ask for the same
    return hashlib.sha256(json.dumps(same_numbers, sort_keys=True).encode()).hexdigest()


def marked(notebook: Notebook) -> Notebook:
    """Every state worked out anew from content and outputs. What runs goes on running."""
    done = Notebook(notebook.title)
    for cell in notebook:
        state = cell.state if cell.state == "running" else freshness(done, cell)
        done = replace(done, cells=(*done.cells, replace(cell, state=state)))
    return done


def settled(notebook: Notebook, runs: Mapping[str, Sequence[Run]], planned: Collection[str] = ()) -> Notebook:
    """The content with what became of it. Of a cell's runs (oldest first) the newest that answers to its content is
    shown, so that taking back an edit brings back its pictures; without one, the newest that ended well."""
    done = Notebook(notebook.title)
    for cell in notebook.content:
        done = replace(done, cells=(*done.cells, settle(done, cell, runs.get(cell.id, ()), cell.id in planned)))
    return done


def settle(earlier: Notebook, cell: Cell, runs: Sequence[Run], planned: bool) -> Cell:
    draft = resolved(earlier, cell)
    wanted = recipe(draft, cell.series) if draft else ""
    ended = [run for run in reversed(runs) if run.state == "done"]
    shown = next((run for run in ended if wanted in run.recipes), ended[0] if ended else None)
    if shown:
        cell = replace(cell, outputs=shown.outputs, made=shown.recipes)
    last = runs[-1] if runs else None
    state = freshness(earlier, cell)
    if planned or (last and last.state == "running"):
        state = "running"
    elif last and last.state == "failed" and wanted in last.recipes:
        state = "failed"
    return replace(cell, state=state)


def freshness(earlier: Notebook, cell: Cell) -> State:
    """Fresh when its pictures answer to what it says now, and all that it is made from is fresh too."""
    if cell.draft is None:
        return "fresh"
    draft = resolved(earlier, cell)
    if draft is None or recipe(draft, cell.series) not in cell.made:
        return "stale"
    return "fresh" if all(earlier.cell(r.cell).state == "fresh" for r in cell.inputs.values()) else "stale"


# Files and rows


def checked(notebook: Notebook) -> Notebook:
    """The notebook, or BadNotebook that names the cell and the rule it breaks."""
    if not isinstance(notebook.title, str) or len(notebook.title) > LONGEST_TITLE:
        raise BadNotebook(f"title: expected a text of at most {LONGEST_TITLE} characters")
    if len(notebook.cells) > MOST_CELLS:
        raise BadNotebook(f"cells: {len(notebook.cells)} are too many. Expected at most {MOST_CELLS}.")
    known: set[str] = set()
    for index, cell in enumerate(notebook):
        where = f"cells[{index}]"
        if not cell.id or cell.id in known:
            raise BadNotebook(f"{where}.id: {cell.id!r} is not allowed. Expected an id of its own.")
        if len(cell.text) > LONGEST_NOTE:
            raise BadNotebook(f"{where}.text: expected a note of at most {LONGEST_NOTE} characters")
        for name, reference in cell.inputs.items():
            check_input(cell, name, reference, known, f"{where}.inputs.{name}")
        known.add(cell.id)
    return notebook


def check_input(cell: Cell, name: str, reference: Reference, known: Collection[str], where: str) -> None:
    if cell.draft is None:
        raise BadNotebook(f"{where}: a note has no inputs")
    if reference.cell not in known:
        raise BadNotebook(f"{where}: {reference.cell!r} is not allowed. Expected the id of an earlier cell.")
    if reference.output < 0:
        raise BadNotebook(f"{where}.output: {reference.output} is not allowed. Expected 0 or more.")
    try:
        filled(cell.draft, name, "")
    except BadNotebook as error:
        raise BadNotebook(f"{where}: {str(error).partition(': ')[2]}") from None


def cell_to_dict(cell: Cell) -> dict[str, Any]:
    """`id` and what differs from an empty cell; `kind` says what it is to whoever reads the file."""
    values: dict[str, Any] = {"id": cell.id, "kind": cell.kind}
    values |= {"text": cell.text} if cell.draft is None else {"draft": cell.draft.to_dict()}
    if cell.series:
        values["series"] = series_to_dict(cell.series)
    if cell.inputs:
        values["inputs"] = {name: {"cell": r.cell, "output": r.output} for name, r in cell.inputs.items()}
    if cell.folded:
        values["folded"] = True
    if cell.outputs:
        values["outputs"] = [{"image": output.image, "seed": output.seed} for output in cell.outputs]
        values["made"] = list(cell.made)
    return values


def cell_from_dict(values: object, where: str) -> Cell:
    if not isinstance(values, Mapping):
        raise BadNotebook(f"{where}: expected an object")
    only(values, {"id", "kind", "text", "draft", "series", "inputs", "folded", "outputs", "made"}, where)
    texts = (values.get("id", ""), values.get("text", ""))
    if not all(isinstance(value, str) for value in texts):
        raise BadNotebook(f"{where}: expected texts for id and text")
    cell = Cell(
        id=texts[0],
        text=texts[1],
        draft=draft_from(values, where),
        series=series_from(values.get("series"), f"{where}.series"),
        inputs=inputs_from(values.get("inputs", {}), f"{where}.inputs"),
        folded=bool(values.get("folded", False)),
        outputs=outputs_from(values.get("outputs", []), f"{where}.outputs"),
        made=tuple(str(digest) for digest in values.get("made", ())),
    )
    if values.get("kind", cell.kind) != cell.kind:
        raise BadNotebook(f"{where}.kind: {values['kind']!r} is not allowed. Expected {cell.kind!r} for what it holds.")
    if cell.draft is None and cell.series is not None:
        raise BadNotebook(f"{where}.series: a note is not drawn")
    return cell


def series_to_dict(series: Series) -> dict[str, Any]:
    axes = {"x": series.x, "y": series.y}
    shown = {side: {"field": field, "values": values} for side, (field, values) in axes.items() if field}
    return {"kind": series.kind, **shown}


def series_from(values: object, where: str) -> Series | None:
    if values is None:
        return None
    if not isinstance(values, Mapping) or values.get("kind") not in SPREADS:
        raise BadNotebook(f"{where}.kind: expected {' or '.join(SPREADS)}")
    only(values, {"kind", "x", "y"}, where)
    return Series(values["kind"], *(axis_from(values.get(side), f"{where}.{side}") for side in ("x", "y")))


def axis_from(values: object, where: str) -> tuple[str, str]:
    if values is None:
        return ("", "")
    found = (values.get("field"), values.get("values")) if isinstance(values, Mapping) else (None, None)
    if not isinstance(found[0], str) or not isinstance(found[1], str) or len(found[1]) > LONGEST_AXIS:
        raise BadNotebook(f"{where}: expected a field and its values as a text of at most {LONGEST_AXIS} characters")
    return found[0], found[1]


def draft_from(values: Mapping[str, Any], where: str) -> Draft | None:
    if "draft" not in values:
        return None
    try:
        return Draft.from_dict(values["draft"])
    except (ValueError, TypeError) as error:
        raise BadNotebook(f"{where}.draft: {error}") from None


def inputs_from(values: object, where: str) -> dict[str, Reference]:
    if not isinstance(values, Mapping):
        raise BadNotebook(f"{where}: expected an object")
    return {name: reference_from(value, f"{where}.{name}") for name, value in values.items()}


def reference_from(value: object, where: str) -> Reference:
    if not isinstance(value, Mapping) or not isinstance(value.get("cell"), str):
        raise BadNotebook(f"{where}: expected an object with a cell and an output")
    output = value.get("output", 0)
    if not isinstance(output, int) or isinstance(output, bool):
        raise BadNotebook(f"{where}.output: {output!r} is not allowed. Expected a whole number.")
    return Reference(value["cell"], output)


def outputs_from(values: object, where: str) -> tuple[Output, ...]:
    if not isinstance(values, list) or not all(isinstance(value, Mapping) for value in values):
        raise BadNotebook(f"{where}: expected a list of objects")
    return tuple(Output(str(value.get("image", "")), int(value.get("seed", 0))) for value in values)


def only(values: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        raise BadNotebook(f"{where}: unknown fields {', '.join(unknown)}")

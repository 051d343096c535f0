"""What a visitor's notebooks hold from before a moment. A cell is as old as its last change and its last run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peewee import Database

from policies.notebook import Cell, Notebook, cell_from_dict
from policies.notebook_edits import outlived
from store.inputs import Inputs
from store.models import ContentTables
from store.moments import micros
from store.notebooks import NotebookStore
from store.vault import Vault


@dataclass(frozen=True, slots=True)
class Outlived:
    """Old cells of a notebook that nothing younger is made from; `whole` when the notebook goes with them."""

    notebook_id: str
    cells: tuple[str, ...]
    whole: bool


class NotebookAges:
    def __init__(
        self, database: Database, tables: ContentTables, vault: Vault, inputs: Inputs, notebooks: NotebookStore
    ) -> None:
        self._db = database
        self._rows = tables.Notebook
        self._cells = tables.NotebookCell
        self._changes = tables.NotebookChange
        self._runs = tables.CellRun
        self._planned = tables.PlannedCell
        self._jobs = tables.Job
        self._vault = vault
        self._inputs = inputs
        self._notebooks = notebooks

    def outlived(self, subject_id: str, before: datetime) -> tuple[Outlived, ...]:
        """Also of notebooks that were deleted and could still be taken back."""
        young = self._young(subject_id, before)
        mine = self._rows.select(self._rows.id, self._rows.changed_at).where(self._rows.subject_id == subject_id)
        found = []
        for notebook_id, changed_at in mine.tuples():
            cells = self._cells_of(notebook_id)
            gone = outlived(cells, young) if any(cell.id not in young for cell in cells) else ()
            whole = len(gone) == len(cells.cells) and changed_at < micros(before)
            if gone or whole:
                found.append(Outlived(notebook_id, gone, whole))
        return tuple(found)

    def drop(self, subject_id: str, old: Iterable[Outlived]) -> None:
        """What could be undone in a notebook that loses cells goes too: it names them. A page that shows it is told
        of a newer version, as after a change elsewhere."""
        with self._db.atomic("IMMEDIATE"):
            for one in old:
                if one.whole:
                    self._notebooks.forget([one.notebook_id])
                    continue
                for cell_id in one.cells:
                    self._inputs.release(cell_id)
                here = self._cells.notebook_id == one.notebook_id
                self._cells.delete().where(here, self._cells.id << one.cells).execute()
                self._planned.delete().where(self._planned.cell_id << one.cells).execute()
                self._runs.delete().where(self._runs.cell_id << one.cells).execute()
                self._changes.delete().where(self._changes.notebook_id == one.notebook_id).execute()
                newer = self._rows.update(version=self._rows.version + 1)
                newer.where(self._rows.id == one.notebook_id, self._rows.subject_id == subject_id).execute()

    def steps(self, subject_id: str, before: datetime) -> tuple[tuple[str, int], ...]:
        """Old steps that can be undone, and with them all that could be done again."""
        table = self._changes
        mine = table.subject_id == subject_id
        old = table.select(table.notebook_id).where(mine, table.changed_at < micros(before))
        gone = (table.changed_at < micros(before)) | ((table.undone == 1) & table.notebook_id.in_(old))
        return tuple(table.select(table.notebook_id, table.number).where(mine, gone).tuples())

    def drop_steps(self, steps: Iterable[tuple[str, int]]) -> None:
        table = self._changes
        with self._db.atomic("IMMEDIATE"):
            for notebook_id, number in steps:
                table.delete().where(table.notebook_id == notebook_id, table.number == number).execute()

    def runs(self, subject_id: str, before: datetime) -> tuple[str, ...]:
        """Jobs of old runs that are gone themselves: nothing is left to be shown of them."""
        table = self._runs
        mine = (table.subject_id == subject_id) & (table.created_at < micros(before))
        gone = table.job_id.not_in(self._jobs.select(self._jobs.id).where(self._jobs.subject_id == subject_id))
        return tuple(row.job_id for row in table.select(table.job_id).where(mine, gone))

    def drop_runs(self, job_ids: Iterable[str]) -> None:
        self._runs.delete().where(self._runs.job_id << list(job_ids)).execute()

    def _young(self, subject_id: str, before: datetime) -> set[str]:
        """Cells that were changed, run or planned since, and those whose job is still to end."""
        cells, runs, planned, jobs = self._cells, self._runs, self._planned, self._jobs
        since = micros(before)
        alive = jobs.select(jobs.id).where(jobs.subject_id == subject_id, jobs.state << ("queued", "running"))
        queries = (
            cells.select(cells.id).where(cells.subject_id == subject_id, cells.changed_at >= since),
            planned.select(planned.cell_id).where(planned.subject_id == subject_id, planned.created_at >= since),
            runs.select(runs.cell_id).where(
                runs.subject_id == subject_id, (runs.created_at >= since) | runs.job_id.in_(alive)
            ),
        )
        return {cell_id for query in queries for (cell_id,) in query.tuples()}

    def _cells_of(self, notebook_id: str) -> Notebook:
        table = self._cells
        rows = table.select().where(table.notebook_id == notebook_id).order_by(table.place)
        return Notebook(cells=tuple(self._cell(row) for row in rows))

    def _cell(self, row: object) -> Cell:
        text = self._vault.open_text(row.subject_id, row.id, "content", bytes(row.content))  # type: ignore[attr-defined]
        return cell_from_dict(json.loads(text), row.id)  # type: ignore[attr-defined]

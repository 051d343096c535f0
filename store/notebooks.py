"""Notebooks as rows: sealed cells, a version that no stale write passes, what can be undone, and runs of cells.

What became of a cell is never written here: its pictures are those of its jobs, so that they appear in the very
transaction that ends a job, and vanish with the one that deletes them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from peewee import Database, fn

from policies.draft import Draft
from policies.notebook import Cell, Notebook, Run, cell_from_dict, cell_to_dict, settled
from policies.notebook_edits import Change, applied, difference, joined
from policies.verdict import Verdict
from store.inputs import Inputs
from store.jobs import Job
from store.models import ContentTables, upsert
from store.moments import micros, moment
from store.notebook_runs import recipes_of, run_of, together
from store.notebook_views import Entry, Kept, Link, StaleWrite
from store.vault import Missing, Vault
from store.withdrawing import withdraw_of_notebooks

UNDOABLE = 200  # changes that are remembered for each notebook
TAKE_BACK = timedelta(hours=24)  # a deleted notebook can be taken back for that long


class NotebookStore:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault, inputs: Inputs) -> None:
        self._db = database
        self._tables = tables
        self._rows = tables.Notebook
        self._cells = tables.NotebookCell
        self._changes = tables.NotebookChange
        self._runs = tables.CellRun
        self._planned = tables.PlannedCell
        self._jobs = tables.Job
        self._images = tables.Image
        self._vault = vault
        self._inputs = inputs

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside is written at once, or not at all."""
        with self._db.atomic("IMMEDIATE"):
            yield

    # Notebooks

    def listed(self, subject_id: str) -> tuple[Entry, ...]:
        """Newest change first."""
        cells = self._cells
        counts = cells.select(cells.notebook_id, fn.COUNT(cells.id)).where(cells.subject_id == subject_id)
        count = dict(counts.group_by(cells.notebook_id).tuples())
        rows = self._mine(subject_id).order_by(self._rows.changed_at.desc())
        return tuple(
            Entry(row.id, self._title(row), count.get(row.id, 0), moment(row.created_at), moment(row.changed_at))
            for row in rows
        )

    def create(self, subject_id: str, document: Notebook, now: datetime) -> Kept:
        """The document's cells must have ids of their own. It becomes the current one."""
        notebook_id = uuid.uuid4().hex
        with self._db.atomic("IMMEDIATE"):
            self._rows.insert(
                id=notebook_id,
                subject_id=subject_id,
                created_at=micros(now),
                changed_at=micros(now),
                opened_at=self._next_opening(subject_id, now),
                version=1,
                title=self._vault.seal_text(subject_id, notebook_id, "title", document.title),
            ).execute()
            self._write_cells(subject_id, notebook_id, difference(Notebook(document.title), document), now)
        return self.get(subject_id, notebook_id)

    def get(self, subject_id: str, notebook_id: str) -> Kept:
        """Raises Missing, also when it is another's."""
        row = self._row(subject_id, notebook_id)
        planned = self.planned(notebook_id)
        runs, jobs, series = self._runs_of(row)
        return Kept(
            id=row.id,
            subject_id=row.subject_id,
            version=row.version,
            created_at=moment(row.created_at),
            changed_at=moment(row.changed_at),
            document=settled(self._content(row), runs, planned),
            planned=planned,
            jobs=jobs,
            series=series,
            refusals=self._refusals(row),
            can_undo=self._change(notebook_id, undone=False) is not None,
            can_redo=self._change(notebook_id, undone=True) is not None,
        )

    def current(self, subject_id: str) -> str | None:
        """The one that was opened last."""
        row = self._mine(subject_id).order_by(self._rows.opened_at.desc()).first()
        return row.id if row else None

    def open(self, subject_id: str, notebook_id: str, now: datetime) -> None:
        row = self._row(subject_id, notebook_id)
        if self.current(subject_id) != row.id:
            opened = self._next_opening(subject_id, now)
            self._rows.update(opened_at=opened).where(self._rows.id == row.id).execute()

    def delete(self, subject_id: str, notebook_id: str, now: datetime) -> None:
        """The pictures stay. It can be taken back until it is purged."""
        row = self._row(subject_id, notebook_id)
        with self._db.atomic("IMMEDIATE"):
            self._planned.delete().where(self._planned.notebook_id == row.id).execute()
            self._rows.update(deleted_at=micros(now)).where(self._rows.id == row.id).execute()
        self.purge(now - TAKE_BACK)

    def restore(self, subject_id: str, notebook_id: str) -> Kept:
        mine = (self._rows.id == notebook_id) & (self._rows.subject_id == subject_id)
        self._rows.update(deleted_at=None).where(mine).execute()
        return self.get(subject_id, notebook_id)

    def purge(self, before: datetime, *, dry_run: bool = False) -> int:
        """Removes those deleted before that moment for good. Answers how many."""
        gone = self._rows.select(self._rows.id).where(self._rows.deleted_at < micros(before))
        ids = [row.id for row in gone]
        return len(ids) if dry_run else self.forget(ids)

    def forget(self, ids: Sequence[str]) -> int:
        """These notebooks for good, and the links that show them. Answers how many."""
        with self._db.atomic("IMMEDIATE"):
            for cell in self._cells.select(self._cells.id).where(self._cells.notebook_id << ids):
                self._inputs.release(cell.id)
            for table in (self._cells, self._changes, self._runs, self._planned):
                table.delete().where(table.notebook_id << ids).execute()
            withdraw_of_notebooks(self._tables, ids)
            self._rows.delete().where(self._rows.id << ids).execute()
        return len(ids)

    # Changes

    def save(
        self, subject_id: str, notebook_id: str, version: int, document: Notebook, now: datetime, gesture: str = ""
    ) -> Kept:
        """Writes what differs, if nobody wrote since `version`; else StaleWrite. Changes in a row with one gesture,
        such as the letters of one sentence, are undone as one."""
        with self._db.atomic("IMMEDIATE"):
            row = self._at(subject_id, notebook_id, version)
            change = difference(self._content(row), document)
            if not change.nothing:
                self._write(row, change, now)
                self._remember(row, change, gesture, now)
        return self.get(subject_id, notebook_id)

    def undo(self, subject_id: str, notebook_id: str, version: int, now: datetime) -> Kept:
        """Takes the last change back. Without one, nothing happens."""
        return self._step(subject_id, notebook_id, version, now, undo=True)

    def redo(self, subject_id: str, notebook_id: str, version: int, now: datetime) -> Kept:
        return self._step(subject_id, notebook_id, version, now, undo=False)

    # Runs

    def run(
        self, subject_id: str, notebook_id: str, cell_id: str, asked: Draft, enqueue: Callable[[], Job]
    ) -> Job:
        """Queues a job for the cell; the job and whose it is are written at once. The cell is no longer planned."""
        with self._db.atomic("IMMEDIATE"):
            self._row(subject_id, notebook_id)
            job = enqueue()
            link = Link(job.id, subject_id, notebook_id, cell_id)
            self._ran(link, job, {"recipes": recipes_of(asked, job.draft.seed)})
            self.unplan(notebook_id, [cell_id])
        return job

    def run_series(self, kept: Kept, cell: Cell, asked: Draft, series_id: str, jobs: Sequence[Job]) -> None:
        """Writes that these jobs, of one series, were queued for the cell. The cell is no longer planned."""
        recipes = recipes_of(asked, jobs[0].draft.seed, cell.series)
        with self._db.atomic("IMMEDIATE"):
            for place, job in enumerate(jobs):
                link = Link(job.id, kept.subject_id, kept.id, cell.id)
                self._ran(link, job, {"recipes": recipes, "series": series_id, "place": place})
            self.unplan(kept.id, [cell.id])

    def _ran(self, link: Link, job: Job, content: Mapping[str, Any]) -> None:
        kept = json.dumps({**content, "seed": job.draft.seed or 0})
        self._runs.insert(
            job_id=job.id,
            subject_id=link.subject_id,
            notebook_id=link.notebook_id,
            cell_id=link.cell_id,
            created_at=micros(job.created_at),
            count=job.draft.count,
            content=self._vault.seal_text(link.subject_id, job.id, "run", kept),
        ).execute()

    def link(self, job_id: str) -> Link | None:
        """The cell that a job was run for."""
        row = self._runs.get_or_none(self._runs.job_id == job_id)
        return Link(job_id, row.subject_id, row.notebook_id, row.cell_id) if row else None

    def plan(self, subject_id: str, notebook_id: str, cell_ids: Sequence[str], now: datetime) -> None:
        """These run one after the other, each once what it is made from is there. Survives a restart. Why one of them
        could not run before is forgotten: it is tried again."""
        self._row(subject_id, notebook_id)
        rows = [
            {"cell_id": cell_id, "subject_id": subject_id, "notebook_id": notebook_id, "created_at": micros(now)}
            for cell_id in cell_ids
        ]
        if rows:
            with self._db.atomic("IMMEDIATE"):
                self._refuse(subject_id, notebook_id, cell_ids, None)
                self._planned.insert_many(rows).on_conflict_ignore().execute()

    def unplan(self, notebook_id: str, cell_ids: Collection[str]) -> None:
        here = (self._planned.notebook_id == notebook_id) & (self._planned.cell_id << list(cell_ids))
        self._planned.delete().where(here).execute()

    def refuse(self, subject_id: str, notebook_id: str, cell_id: str, why: Verdict) -> None:
        """Keeps why a planned cell could not run when its turn came, until it is changed or planned again."""
        told = json.dumps({"code": why.code, "reason": why.reason, "field": why.field})
        self._refuse(subject_id, notebook_id, [cell_id], self._vault.seal_text(subject_id, cell_id, "refused", told))

    def planned(self, notebook_id: str) -> tuple[str, ...]:
        """Cells that still have to be queued, in order."""
        table, cells = self._planned, self._cells
        query = table.select(table.cell_id).join(cells, on=(cells.id == table.cell_id))
        query = query.where(table.notebook_id == notebook_id, cells.notebook_id == notebook_id)
        return tuple(row.cell_id for row in query.order_by(cells.place))

    def waiting(self) -> tuple[tuple[str, str], ...]:
        """Subject and notebook of every plan that is not over."""
        return tuple(self._planned.select(self._planned.subject_id, self._planned.notebook_id).distinct().tuples())

    def active_jobs(self, subject_id: str, notebook_id: str, cell_id: str | None = None) -> tuple[str, ...]:
        """Jobs of the notebook, or of one cell, that wait or run."""
        runs, jobs = self._runs, self._jobs
        here = (runs.notebook_id == notebook_id) & (runs.subject_id == subject_id)
        if cell_id is not None:
            here &= runs.cell_id == cell_id
        query = runs.select(runs.job_id).join(jobs, on=(jobs.id == runs.job_id))
        query = query.where(here, jobs.state << ("queued", "running"))
        return tuple(row.job_id for row in query.order_by(runs.created_at))

    # Inside

    def _mine(self, subject_id: str) -> Any:
        return self._rows.select().where(self._rows.subject_id == subject_id, self._rows.deleted_at.is_null())

    def _row(self, subject_id: str, notebook_id: str) -> Any:
        row = self._mine(subject_id).where(self._rows.id == notebook_id).first()
        if row is None:
            raise Missing(f"id: there is no notebook {notebook_id!r} of yours")
        return row

    def _at(self, subject_id: str, notebook_id: str, version: int) -> Any:
        row = self._row(subject_id, notebook_id)
        if row.version != version:
            raise StaleWrite(self.get(subject_id, notebook_id))
        return row

    def _next_opening(self, subject_id: str, now: datetime) -> int:
        """Two never share a moment, so that the last one is certain."""
        last = self._rows.select(fn.MAX(self._rows.opened_at)).where(self._rows.subject_id == subject_id).scalar()
        return max(micros(now), (last or 0) + 1)

    def _title(self, row: Any) -> str:
        return self._vault.open_text(row.subject_id, row.id, "title", bytes(row.title))

    def _content(self, row: Any) -> Notebook:
        table = self._cells
        cells = table.select().where(table.notebook_id == row.id).order_by(table.place)
        return Notebook(self._title(row), tuple(self._cell(cell) for cell in cells))

    def _cell(self, row: Any) -> Cell:
        opened = self._vault.open_text(row.subject_id, row.id, "content", bytes(row.content))
        return cell_from_dict(json.loads(opened), row.id)

    def _refuse(self, subject_id: str, notebook_id: str, cell_ids: Sequence[str], sealed: bytes | None) -> None:
        table = self._cells
        here = (table.subject_id == subject_id) & (table.notebook_id == notebook_id) & (table.id << list(cell_ids))
        table.update(refused=sealed).where(here).execute()

    def _refusals(self, notebook: Any) -> dict[str, Verdict]:
        table = self._cells
        rows = table.select().where(table.notebook_id == notebook.id, table.refused.is_null(False))
        opened = ((row, self._vault.open_text(row.subject_id, row.id, "refused", bytes(row.refused))) for row in rows)
        return {row.id: Verdict(False, **json.loads(text)) for row, text in opened}

    def _write(self, row: Any, change: Change, now: datetime) -> None:
        values: dict[str, Any] = {"version": row.version + 1, "changed_at": micros(now)}
        if change.after.title is not None:
            values["title"] = self._vault.seal_text(row.subject_id, row.id, "title", change.after.title)
        self._rows.update(**values).where(self._rows.id == row.id).execute()
        self._write_cells(row.subject_id, row.id, change, now)

    def _write_cells(self, subject_id: str, notebook_id: str, change: Change, now: datetime) -> None:
        table = self._cells
        here = table.notebook_id == notebook_id
        gone = [cell_id for cell_id, cell in change.after.cells.items() if cell is None]
        table.delete().where(here, table.id << gone).execute()
        self.unplan(notebook_id, gone)
        for cell_id in gone:
            self._inputs.release(cell_id)
        for cell_id, cell in change.after.cells.items():
            if cell is None:
                continue
            self._inputs.hold(subject_id, "cell", cell_id, cell.draft.refers_to if cell.draft else ())
            sealed = self._vault.seal_text(subject_id, cell_id, "content", json.dumps(cell_to_dict(cell)))
            was = change.before.cells.get(cell_id)
            values: dict[str, Any] = {"content": sealed, "changed_at": micros(now)}
            if was is None or replace(was, folded=cell.folded) != cell:  # folding changes nothing that is drawn
                values["refused"] = None
            if not table.update(**values).where(here, table.id == cell_id).execute():
                this = {"id": cell_id, "subject_id": subject_id, "notebook_id": notebook_id, "place": 0}
                table.insert(this | {"content": sealed, "changed_at": micros(now)}).execute()
        for place, cell_id in enumerate(change.after.order or ()):
            table.update(place=place).where(here, table.id == cell_id, table.place != place).execute()

    def _remember(self, row: Any, change: Change, gesture: str, now: datetime) -> None:
        """What was undone before can no longer be done again."""
        table = self._changes
        here = table.notebook_id == row.id
        table.delete().where(here, table.undone == 1).execute()
        last = table.select().where(here).order_by(table.number.desc()).first()
        number = last.number + 1 if last else 1
        if last and gesture and last.gesture == gesture:
            number, change = last.number, joined(self._opened(last), change)
        upsert(
            self._changes,
            notebook_id=row.id,
            number=number,
            subject_id=row.subject_id,
            undone=0,
            gesture=gesture,
            content=self._vault.seal_text(row.subject_id, row.id, f"change{number}", json.dumps(change.to_dict())),
            changed_at=micros(now),
        )
        table.delete().where(here, table.number <= number - UNDOABLE).execute()

    def _step(self, subject_id: str, notebook_id: str, version: int, now: datetime, *, undo: bool) -> Kept:
        with self._db.atomic("IMMEDIATE"):
            row = self._at(subject_id, notebook_id, version)
            last = self._change(notebook_id, undone=not undo)
            if last is not None:
                change = self._opened(last).back if undo else self._opened(last)
                self._write(row, difference(before := self._content(row), applied(before, change)), now)
                this = (self._changes.notebook_id == notebook_id) & (self._changes.number == last.number)
                # What is undone is a gesture of its own: typing on does not join it.
                self._changes.update(undone=int(undo), gesture="").where(this).execute()
        return self.get(subject_id, notebook_id)

    def _change(self, notebook_id: str, *, undone: bool) -> Any:
        """The next one to undo, or to do again."""
        table = self._changes
        order = table.number if undone else table.number.desc()
        query = table.select().where(table.notebook_id == notebook_id, table.undone == int(undone))
        return query.order_by(order).first()

    def _opened(self, row: Any) -> Change:
        opened = self._vault.open_text(row.subject_id, row.notebook_id, f"change{row.number}", bytes(row.content))
        return Change.from_dict(json.loads(opened))

    def _runs_of(self, notebook: Any) -> tuple[dict[str, list[Run]], dict[str, str], dict[str, str]]:
        """The runs of every cell, oldest first, each cell's last job, and its last series."""
        table = self._runs
        rows = [(row, self._content_of(row)) for row in table.select().where(table.notebook_id == notebook.id)]
        rows.sort(key=lambda one: (one[0].created_at, one[1].get("place", 0)))
        ids = table.select(table.job_id).where(table.notebook_id == notebook.id)
        states = dict(self._jobs.select(self._jobs.id, self._jobs.state).where(self._jobs.id << ids).tuples())
        images = self._images.select(self._images.job_id, self._images.number, self._images.id)
        pictures: dict[str, dict[int, str]] = {}
        for job_id, number, image_id in images.where(self._images.job_id << ids).tuples():
            pictures.setdefault(job_id, {})[number] = image_id
        runs: dict[str, dict[str, Run]] = {}
        jobs: dict[str, str] = {}
        series: dict[str, str] = {}
        for row, content in rows:
            # A job's row goes with the last of its pictures.
            state = states.get(row.job_id, "done")
            series_id = content.get("series", "")
            run = run_of(row, content, state, pictures.get(row.job_id, {}))
            of_cell = runs.setdefault(row.cell_id, {})
            key = series_id or row.job_id
            of_cell[key] = together(of_cell[key], run) if key in of_cell else run
            jobs[row.cell_id] = row.job_id
            series[row.cell_id] = series_id
        return {cell_id: list(found.values()) for cell_id, found in runs.items()}, jobs, series

    def _content_of(self, row: Any) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(
            self._vault.open_text(row.subject_id, row.job_id, "run", bytes(row.content))
        )
        return content

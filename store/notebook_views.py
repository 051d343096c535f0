"""What notebooks are read as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from policies.notebook import Notebook
from policies.verdict import Verdict


class StaleWrite(Exception):
    """The notebook was changed since it was read; `newest` is how it is now."""

    def __init__(self, newest: Kept) -> None:
        super().__init__(f"version: {newest.version} is the newest")
        self.newest = newest


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list of notebooks."""

    id: str
    title: str
    cells: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A notebook with what became of it. `jobs` maps a cell to its last job, `series` to the last series that it was
    run as; `planned` is in order; `refusals` maps a cell that could not run when its turn came to the reason."""

    id: str
    subject_id: str
    version: int
    created_at: datetime
    changed_at: datetime
    document: Notebook
    planned: tuple[str, ...]
    jobs: Mapping[str, str]
    series: Mapping[str, str]
    refusals: Mapping[str, Verdict]
    can_undo: bool
    can_redo: bool


@dataclass(frozen=True, slots=True)
class Link:
    """Where a job belongs."""

    job_id: str
    subject_id: str
    notebook_id: str
    cell_id: str

"""The queue of record. A job is a row with a lease; whatever happens to a process, it ends exactly once."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import Database, chunked, fn

from policies.draft import Draft
from policies.fairness import Share, Turns, Waiting, choose, may_cut_in, may_run, served_before, settle
from store.gallery import Gallery, NewImage
from store.inputs import Inputs
from store.models import ContentTables
from store.moments import micros, moment, moment_or_none
from store.search import ROWS_AT_ONCE
from store.vault import Missing, Vault

State = Literal["queued", "running", "done", "failed", "cancelled"]

ANY_NUMBER = 2**31
MAX_ATTEMPTS = 2  # a job that took its process down twice is not tried again
GAVE_UP = "This job stopped the studio twice while it was drawn, so it was set aside."


@dataclass(frozen=True, slots=True)
class Job:
    """`cost` is the estimate in device seconds, `seconds` what it took."""

    id: str
    subject_id: str
    state: State
    draft: Draft
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    cost: float
    seconds: float | None
    error_code: str
    error_reason: str


class JobStore:
    def __init__(
        self, database: Database, tables: ContentTables, vault: Vault, gallery: Gallery, inputs: Inputs
    ) -> None:
        self._db = database
        self._rows = tables.Job
        self._images = tables.Image
        self._vault = vault
        self._gallery = gallery
        self._inputs = inputs
        self._turns = Turns()
        self._lock = threading.Lock()

    def enqueue(self, subject_id: str, draft: Draft, cost: float, now: datetime, weight: float = 1.0) -> Job:
        """Durable when it returns. Jobs of one subject never share a moment, so that their order is certain.

        `weight` is the share of the subject's plan in the device's time.
        """
        job_id = uuid.uuid4().hex
        sealed = self._vault.seal_text(subject_id, job_id, "draft", json.dumps(draft.to_dict()))
        with self._db.atomic("IMMEDIATE"):
            last = self._rows.select(fn.MAX(self._rows.created_at)).where(self._rows.subject_id == subject_id).scalar()
            self._rows.insert(
                id=job_id,
                subject_id=subject_id,
                state="queued",
                created_at=max(micros(now), (last or 0) + 1),
                cost=cost,
                weight=weight,
                draft=sealed,
            ).execute()
            self._inputs.hold(subject_id, "job", job_id, draft.refers_to)
        return self.get(subject_id, job_id)

    def claim(
        self, owner: str, now: datetime, lease: timedelta, *, most: int = ANY_NUMBER, cutting_in: bool = False
    ) -> Job | None:
        """Takes the job whose turn it is by fair share between subjects, or None when nothing waits that may run.

        Nobody has more than `most` jobs at work. `cutting_in` takes a small job of a subject that has none.
        """
        ready = may_cut_in if cutting_in else may_run
        with self._lock, self._db.atomic("IMMEDIATE"):
            chosen, turns = choose(self._heads(), self._turns, lambda one: ready(one, most))
            if chosen is None:
                return None
            self._rows.update(
                state="running",
                started_at=micros(now),
                attempts=self._rows.attempts + 1,
                lease_owner=owner,
                lease_until=micros(now + lease),
            ).where(self._rows.id == chosen.job_id, self._rows.state == "queued").execute()
            self._turns = turns
            return self._job(self._rows.get_by_id(chosen.job_id))

    def renew(self, owner: str, now: datetime, lease: timedelta) -> tuple[str, ...]:
        """Extends the owner's leases after a third of their time; answers its jobs whose cancellation was asked for."""
        mine = (self._rows.lease_owner == owner) & (self._rows.state == "running")
        due = self._rows.lease_until < micros(now + lease * 2 / 3)
        self._rows.update(lease_until=micros(now + lease)).where(mine, due).execute()
        return tuple(row.id for row in self._rows.select(self._rows.id).where(mine, self._rows.cancel_requested == 1))

    def finish(self, job_id: str, owner: str, images: Sequence[NewImage], seconds: float, now: datetime) -> bool:
        """Files first, then one transaction for rows and state. False when the job is no longer this owner's to end."""
        row = self._mine(job_id, owner)
        if row is None:
            return False
        job = self._job(row)
        kept: dict[str, NewImage] = {}
        ended = False
        try:
            for image in images:
                kept[self._gallery.put_files(job.subject_id, image)] = image
            ended = self._keep(job, owner, kept, seconds, now)
        finally:
            if not ended:
                self._gallery.drop_files(kept)
        with self._lock:
            self._turns = settle(self._turns, job.subject_id, job.cost, seconds)
        return ended

    def fail(self, job_id: str, owner: str, code: str, reason: str, now: datetime) -> bool:
        row = self._mine(job_id, owner)
        if row is None:
            return False
        sealed = self._vault.seal_text(row.subject_id, job_id, "reason", reason)
        return self._end(job_id, owner, now, state="failed", error_code=code, reason=sealed)

    def cancelled(self, job_id: str, owner: str, now: datetime) -> bool:
        return self._end(job_id, owner, now, state="cancelled")

    def cancel(self, subject_id: str, job_id: str, now: datetime) -> Job:
        """A waiting job ends here; a running one is marked for whoever runs it. Raises Missing when it is another's."""
        with self._db.atomic("IMMEDIATE"):
            job = self.get(subject_id, job_id)
            this = self._rows.id == job_id
            if job.state == "queued":
                self._rows.update(state="cancelled", finished_at=micros(now)).where(this).execute()
            elif job.state == "running":
                self._rows.update(cancel_requested=1).where(this).execute()
        return self.get(subject_id, job_id)

    def requeue_orphans(self, owner: str, now: datetime, *, all_others: bool = False) -> int:
        """Running jobs whose lease ran out wait again, or are set aside after their last attempt.

        With `all_others` every other owner counts as dead: right for whoever holds the lock of the data folder.
        """
        lost = (self._rows.state == "running") & (self._rows.lease_owner != owner)
        if not all_others:
            lost &= self._rows.lease_until < micros(now)
        with self._db.atomic("IMMEDIATE"):
            rows = list(self._rows.select().where(lost))
            for row in rows:
                self._requeue(row, now)
        return len(rows)

    def prune(self, before: datetime) -> int:
        """Removes jobs that ended before and have no pictures. What waits, what runs and what has one is left alone."""
        table, image = self._rows, self._images
        pictured = image.select(image.job_id)
        ended = (table.state << ("done", "failed", "cancelled")) & (table.finished_at < micros(before))
        with self._db.atomic("IMMEDIATE"):
            gone = [row.id for row in table.select(table.id).where(ended, table.id.not_in(pictured))]
            for some in chunked(gone, ROWS_AT_ONCE):
                table.delete().where(table.id << some).execute()
                self._gallery.end_series(set(some))
        return len(gone)

    def counts(self) -> dict[str, int]:
        """How many jobs there are in each state, of everybody."""
        table = self._rows
        counted = table.select(table.state, fn.COUNT(table.id).alias("n")).group_by(table.state)
        return {row.state: row.n for row in counted}

    def get(self, subject_id: str, job_id: str) -> Job:
        """Raises Missing, also when the job is another's."""
        row = self._rows.get_or_none(self._rows.id == job_id, self._rows.subject_id == subject_id)
        if row is None:
            raise Missing(f"id: there is no job {job_id!r} of yours")
        return self._job(row)

    def recent(self, subject_id: str, since: datetime, limit: int) -> tuple[Job, ...]:
        """Jobs that still run or wait, and those made since; newest first."""
        table = self._rows
        alive = table.state << ("queued", "running")
        query = table.select().where(table.subject_id == subject_id, alive | (table.created_at >= micros(since)))
        return tuple(self._job(row) for row in query.order_by(table.created_at.desc()).limit(limit))

    def next_of(self, subject_id: str, limit: int) -> tuple[str, ...]:
        """Ids of the subject's waiting jobs, the next one first."""
        mine = (self._rows.subject_id == subject_id) & (self._rows.state == "queued")
        query = self._rows.select(self._rows.id).where(mine).order_by(self._rows.created_at).limit(limit)
        return tuple(row.id for row in query)

    def alive_of(self, subject_id: str) -> tuple[str, ...]:
        """Jobs of the subject that wait or run."""
        rows = self._rows.select(self._rows.id).where(
            self._rows.subject_id == subject_id, self._rows.state << ("queued", "running")
        )
        return tuple(row.id for row in rows)

    def count_queued(self, subject_id: str | None = None) -> int:
        query = self._rows.select().where(self._rows.state == "queued")
        return int(query.where(self._rows.subject_id == subject_id).count() if subject_id else query.count())

    def seconds_queued(self) -> float:
        """Device seconds that everything which waits is thought to take."""
        return float(self._rows.select(fn.SUM(self._rows.cost)).where(self._rows.state == "queued").scalar() or 0.0)

    def ahead(self, job: Job) -> tuple[int, float]:
        """Jobs that will be drawn before this one and the device seconds they cost, by the round-robin's order."""
        table = self._rows
        alive = list(
            table.select(table.id, table.subject_id, table.state, table.cost, table.weight)
            .where(
                table.state << ("queued", "running"),
                (table.subject_id != job.subject_id) | (table.created_at <= micros(job.created_at)),
            )
            .order_by(table.created_at)
        )
        running = [row.cost for row in alive if row.state == "running"]
        waiting: dict[str, list[Any]] = {}
        for row in alive:
            if row.state == "queued":
                waiting.setdefault(row.subject_id, []).append(row)
        own = [row for row in waiting.pop(job.subject_id, []) if row.id != job.id]
        this = next((row for row in alive if row.id == job.id), None)
        if this is None:
            return len(running), sum(running)
        others = {who: Share(rows[0].weight, [row.cost for row in rows]) for who, rows in waiting.items()}
        before = running + served_before([row.cost for row in (*own, this)], this.weight, others)
        return len(before), sum(before)

    def _heads(self) -> list[Waiting]:
        """The oldest waiting job of each subject."""
        table = self._rows
        oldest = (
            table.select(table.subject_id, fn.MIN(table.created_at).alias("first"))
            .where(table.state == "queued")
            .group_by(table.subject_id)
        )
        heads = (
            table.select(table.id, table.subject_id, table.cost, table.weight)
            .join(oldest, on=(table.subject_id == oldest.c.subject_id) & (table.created_at == oldest.c.first))
            .where(table.state == "queued")
        )
        running = self._running()
        first = {row.subject_id: row for row in heads}.values()
        return [
            Waiting(row.id, row.subject_id, row.cost, row.weight, running.get(row.subject_id, 0)) for row in first
        ]

    def _running(self) -> dict[str, int]:
        """Jobs at work, by subject."""
        table = self._rows
        counted = table.select(table.subject_id, fn.COUNT(table.id).alias("n")).where(table.state == "running")
        return {row.subject_id: row.n for row in counted.group_by(table.subject_id)}

    def _mine(self, job_id: str, owner: str) -> Any:
        """The row, while it is this owner's to end."""
        table = self._rows
        return table.get_or_none(table.id == job_id, table.state == "running", table.lease_owner == owner)

    def _keep(self, job: Job, owner: str, kept: Mapping[str, NewImage], seconds: float, now: datetime) -> bool:
        with self._db.atomic("IMMEDIATE"):
            if not self._end(job.id, owner, now, state="done", seconds=seconds):
                return False
            for image_id, image in kept.items():
                self._gallery.add_row(image_id, job, replace(job.draft, seed=image.seed, count=1), image, now)
        return True

    def _end(self, job_id: str, owner: str, now: datetime, **values: Any) -> bool:
        mine = (self._rows.id == job_id) & (self._rows.state == "running") & (self._rows.lease_owner == owner)
        return bool(self._rows.update(finished_at=micros(now), **values).where(mine).execute())

    def _requeue(self, row: Any, now: datetime) -> None:
        this = self._rows.id == row.id
        if row.cancel_requested:
            self._rows.update(state="cancelled", finished_at=micros(now)).where(this).execute()
        elif row.attempts >= MAX_ATTEMPTS:
            sealed = self._vault.seal_text(row.subject_id, row.id, "reason", GAVE_UP)
            values = {"state": "failed", "finished_at": micros(now), "error_code": "gave_up", "reason": sealed}
            self._rows.update(values).where(this).execute()
        else:
            self._rows.update(state="queued", lease_owner=None, lease_until=None).where(this).execute()

    def _job(self, row: Any) -> Job:
        draft = Draft.from_dict(
            json.loads(self._vault.open_text(row.subject_id, row.id, "draft", bytes(row.draft)))
        )
        reason = self._vault.open_text(row.subject_id, row.id, "reason", bytes(row.reason)) if row.reason else ""
        return Job(
            id=row.id,
            subject_id=row.subject_id,
            state=row.state,
            draft=draft,
            created_at=moment(row.created_at),
            started_at=moment_or_none(row.started_at),
            finished_at=moment_or_none(row.finished_at),
            attempts=row.attempts,
            cost=row.cost,
            seconds=row.seconds,
            error_code=row.error_code,
            error_reason=reason,
        )

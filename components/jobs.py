"""The dispatcher: takes jobs from the queue of record, hands them to the engine, and sees each to exactly one end."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from components.actions import finish, notebooks
from components.actions.notices import tell_finished
from components.actions.requests import request_of
from components.previews import Previews
from components.studio import Studio
from pipelines.images import BadImage
from pipelines.types import Cancelled, Done, Event, Failed, Progress
from policies.fairness import CUT_IN
from store.jobs import Job
from store.vault import Missing

LEASE = timedelta(seconds=60)
SOURCE_GONE = "The picture or the mask that it starts from was deleted before its turn came."
CLEAR_UP_EVERY = timedelta(hours=1)
SOON = 10  # waiting jobs of a person whose place in the queue is kept up to date on their page
NOT_KEPT = "The picture was drawn but could not be kept. Is the disk full?"
EMPTY_EVERY = 5.0  # seconds between looks into the bin
IDLE = 0.5  # seconds between looks at the queue when nobody woke us: another process may have added a job

logger = logging.getLogger(__name__)


class Dispatcher:
    """One per process that draws. The engine's thread only drops events here; encoding and writing happen elsewhere."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._running: dict[str, Job] = {}
        self._unwritten: list[Job] = []
        self._cleared: datetime | None = None
        self._lock = threading.Lock()
        self._emptied = 0.0
        self._stop = threading.Event()
        self._previews = Previews(studio, self._tell_of)
        self._finishers = ThreadPoolExecutor(max_workers=2, thread_name_prefix="finish")
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    def start(self) -> None:
        """What a dead process left behind comes first: its jobs wait again, its half-kept files go."""
        stores = self.studio.stores
        stores.gallery.sweep_doomed()
        requeued = stores.jobs.requeue_orphans(self.owner, self.studio.clock(), all_others=True)
        if requeued:
            logger.info("%d unfinished jobs go back to the queue", requeued)
            # Only a job that never ended leaves files that no row names; looking for them costs a walk over all.
            stores.gallery.sweep_orphans(stores.inputs.names() | stores.shares.names())
        stores.inputs.sweep(self.studio.clock())
        notebooks.resume(self.studio)
        self._previews.start()
        self._thread.start()

    def stop(self) -> None:
        """What is running stays in the queue of record and is drawn again at the next start."""
        self._stop.set()
        self.studio.live.wake.set()
        self._thread.join(timeout=10)
        self._finishers.shutdown(wait=True)
        self._previews.stop()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._renew()
                self._write_failures()
                self._clear_up()
                self._empty_bin()
                while self.studio.engine.room() > 0 and self._take():
                    pass
                while self.studio.engine.room() > -CUT_IN and self._take(cutting_in=True):
                    pass
            except Exception:
                # The queue must outlive a database that is busy or a disk that is full for a moment.
                logger.exception("the dispatcher stumbled and goes on")
            self.studio.live.wake.wait(IDLE)
            self.studio.live.wake.clear()

    def _clear_up(self) -> None:
        """Once an hour: ended jobs without pictures go after their days."""
        now = self.studio.clock()
        if self._cleared is not None and now - self._cleared < CLEAR_UP_EVERY:
            return
        self._cleared = now
        self.studio.stores.jobs.prune(now - timedelta(days=self.studio.settings.job_days))

    def _take(self, *, cutting_in: bool = False) -> bool:
        most = self.studio.settings.max_running
        job = self.studio.stores.jobs.claim(
            self.owner, self.studio.clock(), LEASE, most=most, cutting_in=cutting_in
        )
        if job is None:
            return False
        with self._lock:
            self._running[job.id] = job
        self.studio.metrics.started(job)
        self._tell(job)
        try:
            request = request_of(self.studio, job.subject_id, job.id, job.draft)
        except Missing:
            self._end(job, Failed(job.id, "source_missing", SOURCE_GONE))
        except BadImage as error:
            self._end(job, Failed(job.id, "bad_image", str(error)))
        except Exception as error:
            self._end(job, Failed(job.id, "model_missing", str(error)))
        else:
            self.studio.engine.submit(request, self._listen)
        self._tell_waiting()  # last: a database that is busy just now must not keep the job from the engine
        return True

    def _renew(self) -> None:
        """Keeps the leases, and passes on cancellations that another process wrote."""
        with self._lock:
            ids = list(self._running)
        if not ids:
            return
        for job_id in self.studio.stores.jobs.renew(self.owner, self.studio.clock(), LEASE):
            self.studio.engine.cancel(job_id)

    def _listen(self, event: Event) -> None:
        """Called on the engine's thread: must return at once."""
        job = self._running.get(event.job_id)
        if job is None or self._stop.is_set():
            return
        if isinstance(event, Progress):
            self._previews.advance(event)
            self._tell(job)
        elif isinstance(event, Done | Failed | Cancelled):
            self._finishers.submit(self._end, job, event)
            self.studio.live.wake.set()

    def _end(self, job: Job, event: Event) -> None:
        try:
            finish.conclude(self.studio, self.owner, job, event)
        except Exception:
            logger.exception("a finished job could not be kept")
            with self._lock:
                self._unwritten.append(job)
            event = Failed(job.id, "not_kept", NOT_KEPT)
        self._record(job, event)
        with self._lock:
            self._running.pop(job.id, None)
        self.studio.live.forget(job.id)
        self._tell(job)
        self._go_on(job)
        self._tell_waiting()
        self.studio.live.wake.set()
        try:
            tell_finished(self.studio, job)
        except Exception:
            logger.exception("a letter about a finished job could not be written")

    def _go_on(self, job: Job) -> None:
        """The cell that the job was run for has its pictures, and those that wait for them follow."""
        try:
            notebooks.ended(self.studio, job.subject_id, job.id)
        except Exception:
            logger.exception("a notebook could not go on")

    def _record(self, job: Job, event: Event) -> None:
        """For the log and the metrics: what a job was and took, never what it asked for."""
        self.studio.metrics.ended(job, event)
        told = {"job": job.id, "model": job.draft.model, "pictures": job.draft.count, "steps": job.draft.steps}
        if isinstance(event, Done):
            logger.info("job done", extra=told | {"device_seconds": round(event.seconds, 3)})
        elif isinstance(event, Failed):
            logger.warning("job failed", extra=told | {"code": event.code})
        else:
            logger.info("job cancelled", extra=told)

    def _write_failures(self) -> None:
        """Jobs whose pictures could not be kept fail by name, as soon as at least that can be written."""
        while self._unwritten:
            job = self._unwritten[0]
            self.studio.stores.jobs.fail(job.id, self.owner, "not_kept", NOT_KEPT, self.studio.clock())
            with self._lock:
                self._unwritten.pop(0)
            self._tell(job)

    def _empty_bin(self) -> None:
        """What was deleted goes for good when its grace is over."""
        if time.monotonic() >= self._emptied + EMPTY_EVERY:
            self._emptied = time.monotonic()
            self.studio.stores.bin.empty(self.studio.clock())

    def _tell(self, job: Job) -> None:
        self.studio.live.tell(job.subject_id, "job", job.id)

    def _tell_of(self, job_id: str) -> None:
        if (job := self._running.get(job_id)) is not None:
            self._tell(job)

    def _tell_waiting(self) -> None:
        """Places in the queue moved: whoever is watching learns those that come up soon."""
        for subject_id in self.studio.live.watched():
            for job_id in self.studio.stores.jobs.next_of(subject_id, SOON):
                self.studio.live.tell(subject_id, "job", job_id)

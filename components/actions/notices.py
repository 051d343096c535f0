"""Letters that a person switched on: pictures that are ready, and news of the studio."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from components.actions import mail
from components.studio import Studio
from store.blobs import Missing
from store.jobs import Job
from store.keys import KeyGone

LONG = timedelta(minutes=1)


def tell_finished(studio: Studio, job: Job) -> bool:
    """A letter for a job that took long and that nobody was watching. False when it is not one, or not wanted."""
    if studio.clock() - job.created_at < LONG or job.subject_id in studio.live.watched():
        return False
    account = studio.stores.accounts.alive_of(job.subject_id)
    if account is None or account.verified_at is None:
        return False
    try:
        done = studio.stores.jobs.get(job.subject_id, job.id).state == "done"
    except (Missing, KeyGone):  # deleted this very moment
        return False
    if not done:
        return False
    return mail.post(studio, account, "finished", f"finished {job.id}")


def announce(studio: Studio, subject: str, text: str) -> int:
    """News for everybody who asked for them. Sending the same twice mails nobody twice. Answers how many letters."""
    digest = hashlib.sha256(f"{subject}\0{text}".encode()).hexdigest()[:16]
    written = 0
    for account_id in studio.stores.accounts.all_ids():
        account = studio.stores.accounts.alive(account_id)
        if account is not None and account.verified_at is not None:
            written += mail.post_text(studio, account, "news", f"news {digest} {account_id}", subject, text)
    return written

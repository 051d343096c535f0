"""A server that is killed with work in hand finishes it in its next life, once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from components.studio import now
from policies.draft import Draft
from store.db import Stores, open_stores
from store.settings import Settings
from tests.e2e.conftest import ROOT, free_port

JOBS = [replace(Draft(prompt="a red apple", steps=40, guidance=3.0), seed=seed) for seed in (1, 2, 3)]


def start(data: Path) -> subprocess.Popen[str]:
    settings = {"PIXCOSMOS_DATA": str(data), "PIXCOSMOS_PORT": str(free_port()), "PIXCOSMOS_OPEN_BROWSER": "false"}
    server = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=os.environ | settings, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    assert server.stdout.readline().startswith("PixCosmos is ready")
    return server


def wait(done: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "too slow"
        time.sleep(0.1)


def states(stores: Stores, owner: str, ids: list[str]) -> list[str]:
    return [stores.jobs.get(owner, job_id).state for job_id in ids]


def test_three_queued_jobs_survive_a_kill_and_none_is_drawn_twice(tmp_path: Path) -> None:
    data = tmp_path / "studio"
    stores = open_stores(Settings(data=data))
    owner = stores.subjects.owner(now())
    first_life = start(data)
    ids = [stores.jobs.enqueue(owner, draft, 1.0, now()).id for draft in JOBS]
    wait(lambda: "running" in states(stores, owner, ids))
    first_life.send_signal(signal.SIGKILL)
    first_life.wait()
    assert states(stores, owner, ids) != ["done"] * 3

    second_life = start(data)
    wait(lambda: states(stores, owner, ids) == ["done"] * 3)
    pictures = [image for job_id in ids for image in stores.gallery.of_job(owner, job_id)]
    assert [picture.seed for picture in pictures] == [1, 2, 3]
    assert len(stores.gallery.page(owner)[0]) == 3
    second_life.send_signal(signal.SIGTERM)
    assert second_life.wait(timeout=30) is not None
    stores.close()

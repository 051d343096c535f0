"""What the tests share: one loaded starter model, a studio in a folder of its own, and one cast of people."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from components.jobs import Dispatcher
from components.studio import Studio
from pipelines.catalogue import Catalogue
from pipelines.engine import LocalEngine
from policies.actor import Actor
from policies.draft import Draft
from store.checks import NewCheck
from store.db import open_stores
from store.jobs import Job
from store.settings import DSNS, Settings
from tests.postgres import Server, server

os.environ["HF_HUB_OFFLINE"] = "1"

hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("untimed")

ON_BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
# For tests that look into the files themselves: what they see is no matter of a server.
ON_FILES = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
SEEN = NewCheck(brightness=100.0, spread=50.0, sharpness=10.0)  # of a picture that nobody has to look at any more
NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def engine() -> Iterator[LocalEngine]:
    """The real engine with the real starter model, loaded once."""
    engine = LocalEngine(Catalogue(Path("nowhere")), device="cpu")
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with server() as running:
        yield running


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """What keeps the databases, unless a test says it: `sqlite`, or `postgresql` for a whole run on a server."""
    return str(getattr(request, "param", os.environ.get("PIXCOSMOS_TESTS_ON", "sqlite")))


@pytest.fixture
def settings(tmp_path: Path, backend: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    if backend == "sqlite":
        yield Settings(data=tmp_path / "data", open_browser=False)
        return
    with request.getfixturevalue("postgres").databases() as dsns:
        yield Settings(data=tmp_path / "data", open_browser=False, **dsns)


def environment(settings: Settings) -> dict[str, str]:
    """The same settings for a process of its own."""
    dsns = {f"PIXCOSMOS_{name.upper()}": getattr(settings, name) for name in DSNS}
    return {name: dsn.get_secret_value() for name, dsn in dsns.items() if dsn} | {"PIXCOSMOS_DATA": str(settings.data)}


@pytest.fixture
def studio(settings: Settings, engine: LocalEngine) -> Iterator[Studio]:
    stores = open_stores(settings)
    yield Studio(settings, Catalogue(settings.models_dir), engine, stores)
    stores.close()


@pytest.fixture
def dispatcher(studio: Studio) -> Iterator[Dispatcher]:
    running = Dispatcher(studio)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def alice(studio: Studio) -> Actor:
    return Actor(studio.stores.subjects.new_guest(studio.clock())[1], "guest")


@pytest.fixture
def bob(studio: Studio) -> Actor:
    return Actor(studio.stores.subjects.new_guest(studio.clock())[1], "guest")


@pytest.fixture
def apple() -> Draft:
    """A quick real picture: few steps of the starter model."""
    return Draft(prompt="a red apple", seed=1, steps=3, guidance=3.0, scheduler="ddim")


def ended(studio: Studio, job: Job, seconds: float = 180.0) -> Job:
    """Waits for the job's end, as a page would: by being told."""
    changed = threading.Event()
    with studio.live.watch(job.subject_id, changed.set):
        deadline = threading.Event()
        timer = threading.Timer(seconds, deadline.set)
        timer.start()
        try:
            while (now := studio.stores.jobs.get(job.subject_id, job.id)).state in ("queued", "running"):
                assert not deadline.is_set(), f"still {now.state} after {seconds} s"
                changed.wait(0.2)
                changed.clear()
        finally:
            timer.cancel()
    return now


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--evidence", action="store_true", help="write which tests proved which promise into the release")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--evidence"):
        from tests.evidence import Recorder

        config.pluginmanager.register(Recorder(), "evidence")


QUICK_FIRST = ("test_architecture.py", "policies", "store", "components", "pipelines", "e2e")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Rules before stores, stores before pictures, pictures before browsers: a mistake shows as early as it can."""
    root = Path(__file__).parent

    def place(item: pytest.Item) -> int:
        first = item.path.relative_to(root).parts[0]
        return QUICK_FIRST.index(first) if first in QUICK_FIRST else len(QUICK_FIRST)

    items.sort(key=place)

"""What goes wrong for one picture is no matter of those that share its steps; a job that left is not worked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipelines import loader
from pipelines.batcher import Row, guesses_of
from pipelines.catalogue import Catalogue
from pipelines.device import Device
from pipelines.engine import LocalEngine
from pipelines.loader import load
from pipelines.text_to_image import Loaded
from pipelines.types import Cancelled, Done, Event, Failed, Progress, RenderJob
from tests.pipelines import tiny
from tests.pipelines.test_engine import Ear, ask

ASKED = RenderJob(id="one", model="sd", prompt="a fox", width=64, height=64, steps=4, seed=1, guidance=3.0)
WIDE = Device(torch.device("cpu"), torch.float32, (1, 2, 4, 8), "CPU, float32")


class Gate:
    """Opening a model waits here until it is let through."""

    def __init__(self) -> None:
        self.reached, self.free = threading.Event(), threading.Event()
        self.opened: list[str] = []

    def __call__(self, model: Any, *rest: Any) -> Any:
        self.opened.append(model.id)
        self.reached.set()
        assert self.free.wait(60)
        return load(model, *rest)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate()
    monkeypatch.setattr("pipelines.memory.load", gate)
    return gate


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalEngine]:
    """Rows share steps, as on a GPU, however this processor multiplies."""
    tiny.sd(tmp_path / "sd")
    tiny.sd(tmp_path / "other")
    monkeypatch.setattr("pipelines.engine.choose", lambda wanted: WIDE)
    monkeypatch.setattr(Loaded, "buckets", property(lambda loaded: loaded.device.buckets))
    engine = LocalEngine(Catalogue(tmp_path), device="cpu")
    yield engine
    engine.close()


def together(engine: LocalEngine, gate: Gate, *jobs: RenderJob, listening: type[Ear] = Ear) -> list[Event]:
    """The ends of jobs that are all there before the first step."""
    ears = []
    for job in jobs:
        ear = listening() if job.id == "bad" else Ear()
        engine.submit(job, ear)
        ears.append(ear)
    gate.free.set()
    return [ear.end() for ear in ears]


def only_the_bad_one_failed(engine: LocalEngine, gate: Gate) -> None:
    good, bad, also_good = together(
        engine, gate, *(replace(ASKED, id=name, seed=seed) for seed, name in enumerate(["good", "bad", "also good"]))
    )
    assert isinstance(bad, Failed)
    assert "spoilt" in bad.reason
    for end, seed in ((good, 0), (also_good, 2)):
        assert isinstance(end, Done)
        assert end.renders[0].facts["bucket"] > 1
        alone = ask(engine, replace(ASKED, id="alone", seed=seed, exact=True)).end()
        assert isinstance(alone, Done)
        difference = end.renders[0].pixels.astype(int) - alone.renders[0].pixels
        assert np.abs(difference).max() <= 1, "float32: the size of a batch changes the last bits"


@pytest.mark.parametrize("part", ["input", "advance"])
def test_a_scheduler_that_fails_fails_its_own_picture(
    local: LocalEngine, gate: Gate, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    whole = getattr(Row, part)

    def spoil(row: Row, *rest: Any) -> Any:
        if row.job.id == "bad" and row.step == 2:
            raise RuntimeError("spoilt")
        return whole(row, *rest)

    monkeypatch.setattr(Row, part, spoil)
    only_the_bad_one_failed(local, gate)


def test_a_call_that_one_row_spoils_is_made_for_each_alone(
    local: LocalEngine, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(asked: Any, **options: Any) -> Any:
        if any(row.job.id == "bad" and row.step == 2 for row, *_ in asked):
            raise ValueError("spoilt")
        return guesses_of(asked, **options)

    monkeypatch.setattr("pipelines.batcher.guesses_of", spoil)
    only_the_bad_one_failed(local, gate)


def test_memory_that_runs_out_for_one_scheduler_does_not_move_the_others_twice(
    local: LocalEngine, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance = Row.advance

    def spoil(row: Row, guess: torch.Tensor) -> None:
        if row.job.id == "bad" and row.step == 2:
            raise MemoryError
        advance(row, guess)

    monkeypatch.setattr(Row, "advance", spoil)
    ear = Ear()
    local.submit(replace(ASKED, id="good"), ear)
    (bad,) = together(local, gate, replace(ASKED, id="bad"))
    assert isinstance(bad, Failed)
    assert isinstance(ear.end(), Done)
    assert [event.step for event in ear.events if isinstance(event, Progress) and event.phase == "drawing"] == [
        1,
        2,
        3,
        4,
    ]


@pytest.mark.parametrize("part", ["look", "sketch"])
def test_a_preview_that_cannot_be_drawn_costs_nobody_a_picture(
    local: LocalEngine, gate: Gate, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    def spoil(loaded: Loaded, latents: torch.Tensor) -> Any:
        raise RuntimeError("spoilt")

    gate.free.set()
    assert isinstance(ask(local, ASKED).end(), Done)
    monkeypatch.setattr(Loaded, part, spoil)
    monkeypatch.setattr("pipelines.previews.Budget.choose", lambda *_: part)
    ends = together(local, gate, *(replace(ASKED, id=str(seed), seed=seed) for seed in range(3)))
    assert all(isinstance(end, Done) for end in ends)


def test_a_listener_that_fails_harms_nobody(local: LocalEngine, gate: Gate) -> None:
    class Deaf(Ear):
        def __call__(self, event: Event) -> None:
            super().__call__(event)
            raise RuntimeError("spoilt")

    jobs = [replace(ASKED, id=name) for name in ("good", "bad", "also good")]
    assert all(isinstance(end, Done) for end in together(local, gate, *jobs, listening=Deaf))
    assert isinstance(ask(local, ASKED).end(), Done)


def test_a_job_that_was_cancelled_while_another_model_was_opened_has_none_opened(
    local: LocalEngine, gate: Gate
) -> None:
    first = ask(local, ASKED)
    assert gate.reached.wait(60)
    gone, next_one = (ask(local, replace(ASKED, id=name, model="other")) for name in ("gone", "next"))
    for name in ("gone", "next"):
        local.cancel(name)
    gate.free.set()
    assert isinstance(gone.end(), Cancelled)
    assert isinstance(next_one.end(), Cancelled)
    assert isinstance(first.end(), Done)
    assert gate.opened == ["sd"]


class Slow:
    """Opening a network waits here until it is let through."""

    def __init__(self) -> None:
        self.reached, self.free = threading.Event(), threading.Event()
        self.opened: list[str] = []
        self._whole = loader.open_part

    def __call__(self, kind: Any, path: Path, name: str, device: Device) -> Any:
        self.opened.append(path.name)
        self.reached.set()
        assert self.free.wait(60)
        return self._whole(kind, path, name, device)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    slow = Slow()
    monkeypatch.setattr(loader, "open_part", slow)
    return slow


def test_a_job_that_is_cancelled_while_its_model_is_opened_gives_the_place_to_the_next(
    local: LocalEngine, slow: Slow
) -> None:
    gone = ask(local, ASKED)
    assert slow.reached.wait(60)
    local.cancel("one")
    following = ask(local, replace(ASKED, id="next", model="other"))
    slow.free.set()
    assert isinstance(gone.end(), Cancelled)
    assert isinstance(following.end(), Done)
    assert slow.opened.count("sd") == 1, "of three networks"
    assert local.status().models == ("other",)


def test_a_model_that_another_job_waits_for_is_opened_to_the_end(local: LocalEngine, slow: Slow) -> None:
    gone = ask(local, ASKED)
    assert slow.reached.wait(60)
    following = ask(local, replace(ASKED, id="next"))
    local.cancel("one")
    slow.free.set()
    assert isinstance(gone.end(), Cancelled)
    assert isinstance(following.end(), Done)
    assert slow.opened.count("sd") == 3


def test_closing_does_not_wait_for_a_model_and_cancels_nothing(local: LocalEngine, slow: Slow) -> None:
    ear = ask(local, ASKED)
    assert slow.reached.wait(60)
    threading.Timer(0.1, slow.free.set).start()
    local.close()
    assert slow.opened.count("sd") == 1
    assert not ear.ended.is_set(), "its queue runs it again"

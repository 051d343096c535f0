"""The engine as its callers see it: events, cancelling, company, failures that hurt nobody else."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipelines.catalogue import Catalogue, starter
from pipelines.device import choose
from pipelines.engine import LocalEngine
from pipelines.loader import load
from pipelines.text_to_image import Loaded
from pipelines.types import Cancelled, Done, Event, Failed, Progress, RenderJob

APPLE = RenderJob(
    id="apple", model="starter", prompt="a red apple", width=128, height=128, steps=4, seed=1, enlarge=4, guidance=3.0
)
LAST = (Done, Failed, Cancelled)


class Ear:
    """Listens to one job."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.ended = threading.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, LAST):
            self.ended.set()

    def end(self) -> Event:
        assert self.ended.wait(90)
        return self.events[-1]

    def until_step(self, step: int) -> None:
        while not any(isinstance(event, Progress) and event.step >= step for event in self.events):
            assert not self.ended.wait(0.005)


def ask(engine: LocalEngine, job: RenderJob) -> Ear:
    ear = Ear()
    engine.submit(job, ear)
    return ear


def test_a_job_tells_its_steps_and_ends_once(engine: LocalEngine) -> None:
    ear = ask(engine, replace(APPLE, count=2))
    done = ear.end()
    assert isinstance(done, Done)
    assert sum(isinstance(event, LAST) for event in ear.events) == 1
    drawn = [event for event in ear.events if isinstance(event, Progress) and event.phase == "drawing"]
    for index in (0, 1):
        assert [event.step for event in drawn if event.index == index] == [1, 2, 3, 4]
    assert [(one.index, one.seed) for one in done.renders] == [(0, 1), (1, 2)]
    assert done.renders[0].pixels.shape == (512, 512, 3)
    assert done.renders[0].native is not None
    assert done.renders[0].native.shape == (128, 128, 3)
    assert done.seconds > 0


def test_the_same_seed_gives_the_same_pixels_alone_or_in_company(engine: LocalEngine) -> None:
    alone = ask(engine, replace(APPLE, seed=2)).end()
    ears = [ask(engine, replace(APPLE, id=f"job {seed}", seed=seed)) for seed in range(4)]
    together = ears[2].end()
    assert isinstance(alone, Done)
    assert isinstance(together, Done)
    assert np.array_equal(alone.renders[0].pixels, together.renders[0].pixels)
    for ear in ears:
        assert isinstance(ear.end(), Done)


def test_a_later_job_joins_while_another_is_being_drawn(engine: LocalEngine) -> None:
    opened = load(starter(), choose("cpu"))
    assert isinstance(opened, Loaded)
    if opened.buckets == (1,):
        pytest.skip("this processor draws one at a time: without bfloat16, or minding the size of a batch")
    first = ask(engine, replace(APPLE, id="first", steps=60))
    first.until_step(3)
    second = ask(engine, replace(APPLE, id="second", steps=4))
    done = second.end()
    assert not first.ended.is_set()
    assert isinstance(done, Done)
    assert done.renders[0].facts["bucket"] == 2
    assert isinstance(first.end(), Done)


def test_a_cancelled_job_stops_within_a_step(engine: LocalEngine) -> None:
    ear = ask(engine, replace(APPLE, steps=150))
    ear.until_step(3)
    told = max(event.step for event in ear.events if isinstance(event, Progress))
    engine.cancel("apple")
    assert isinstance(ear.end(), Cancelled)
    last = max(event.step for event in ear.events if isinstance(event, Progress))
    assert last - told <= 2
    engine.cancel("never was")
    assert isinstance(ask(engine, APPLE).end(), Done)


@pytest.mark.parametrize(
    ("change", "code"),
    [({"model": "of somebody else"}, "model_missing"), ({"scheduler": "magic"}, "engine_error")],
)
def test_a_job_that_cannot_be_drawn_fails_alone(engine: LocalEngine, change: dict[str, str], code: str) -> None:
    good = ask(engine, replace(APPLE, id="good"))
    bad = ask(engine, replace(APPLE, id="bad", **change)).end()  # type: ignore[arg-type]
    assert isinstance(bad, Failed)
    assert bad.code == code
    assert "Expected" in bad.reason
    assert isinstance(good.end(), Done)


def test_previews_come_while_a_picture_forms(engine: LocalEngine) -> None:
    ear = ask(engine, replace(APPLE, steps=80))
    assert isinstance(ear.end(), Done)
    previews = [event.preview for event in ear.events if isinstance(event, Progress) and event.preview]
    assert len(previews) >= 2
    assert all(preview.startswith(b"\xff\xd8") for preview in previews)


def test_weights_in_the_prompt_change_the_picture_and_one_changes_nothing(engine: LocalEngine) -> None:
    plain, same, more = (
        ask(engine, replace(APPLE, id=prompt, prompt=prompt)).end()
        for prompt in ("a red apple", "a (red:1.0) apple", "a (red:1.6) apple")
    )
    assert isinstance(plain, Done)
    assert isinstance(same, Done)
    assert isinstance(more, Done)
    assert np.array_equal(plain.renders[0].pixels, same.renders[0].pixels)
    assert not np.array_equal(plain.renders[0].pixels, more.renders[0].pixels)


def test_it_learns_how_long_a_step_takes(engine: LocalEngine) -> None:
    assert isinstance(ask(engine, APPLE).end(), Done)
    four, eight = engine.estimate(APPLE), engine.estimate(replace(APPLE, steps=8))
    assert four is not None
    assert eight is not None
    assert 0 < four < eight
    assert engine.estimate(replace(APPLE, model="of somebody else")) is None


def test_a_closed_engine_says_nothing_more(tmp_path: Path) -> None:
    engine = LocalEngine(Catalogue(tmp_path), device="cpu")
    assert engine.status().state == "starting"
    engine.close()
    assert engine.status().state == "closed"
    with pytest.raises(RuntimeError, match="closed"):
        engine.submit(APPLE, lambda event: None)

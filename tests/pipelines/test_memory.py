"""Memory: models make room for each other and leave nothing behind; what does not fit is retried smaller, then said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch

from pipelines.catalogue import STARTER, Catalogue, UnknownModel, starter
from pipelines.device import Device
from pipelines.engine import LocalEngine
from pipelines.failures import TooLarge, code_of, reason_of
from pipelines.loader import load
from pipelines.memory import Memory
from pipelines.types import Done, Failed
from tests.pipelines.test_engine import APPLE, ask

ROOM_FOR_ONE = starter().size_bytes * 2


class Narrow(Device):
    """A CPU on which models may fill little, so that two copies of the starter do not fit together."""

    def memory(self) -> tuple[int, int]:
        return super().memory()[0], ROOM_FOR_ONE


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    (tmp_path / "second").symlink_to(STARTER)
    return Catalogue(tmp_path)


@pytest.fixture
def narrow() -> Device:
    return Narrow(torch.device("cpu"), torch.float32, (1,), "CPU, float32")


def test_the_model_used_longest_ago_makes_room(catalogue: Catalogue, narrow: Device) -> None:
    memory = Memory(catalogue, narrow)
    memory.model("starter")
    memory.model("second")
    assert memory.names == ("second",)
    memory.model("starter", busy={"second"})
    assert memory.names == ("second", "starter")


def test_a_model_that_does_not_fit_beside_those_at_work_waits_for_them(catalogue: Catalogue, narrow: Device) -> None:
    memory = Memory(catalogue, narrow)
    memory.model("starter")
    assert not memory.fits_beside("second", {"starter"})
    assert memory.fits_beside("second", set())
    assert memory.fits_beside("starter", {"starter"})
    with pytest.raises(UnknownModel):
        memory.fits_beside("of somebody else", {"starter"})


def test_an_opening_that_runs_out_of_memory_is_tried_once_more_without_the_others(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory(catalogue, Device(torch.device("cpu"), torch.float32, (1,), "CPU, float32"))
    memory.model("starter")

    def tight(*arguments: Any) -> Any:
        if memory.names:
            raise torch.OutOfMemoryError("the bound allowed it, the device did not")
        return load(*arguments)

    monkeypatch.setattr("pipelines.memory.load", tight)
    memory.model("second")
    assert memory.names == ("second",)
    assert (memory.loads, memory.evictions) == (2, 1)
    with pytest.raises(torch.OutOfMemoryError):
        memory.model("starter", busy={"second"})
    assert memory.names == ("second",)


def test_twenty_swaps_leave_memory_as_it_was(catalogue: Catalogue, narrow: Device) -> None:
    memory = Memory(catalogue, narrow)
    names = ["starter", "second"]

    def swap(times: int) -> int:
        for number in range(times):
            memory.model(names[number % 2])
        return psutil.Process().memory_info().rss

    before, after = swap(4), swap(20)
    assert after < before * 1.05


def test_a_model_that_this_machine_cannot_hold_is_refused_before_it_is_read(tmp_path: Path, narrow: Device) -> None:
    class Huge(Catalogue):
        def get(self, model_id: str) -> Any:
            return replace(super().get(model_id), size_bytes=10**15)

    with pytest.raises(TooLarge, match="Starter needs 1000000 GB of memory. This machine has") as caught:
        Memory(Huge(tmp_path), narrow).model("starter")
    assert code_of(caught.value) == "out_of_memory"
    assert reason_of(caught.value) == str(caught.value)


@pytest.fixture
def limited(engine: LocalEngine) -> Iterator[list[int]]:
    """The real starter, whose UNet runs out of memory above as many rows as the list's one number says."""
    assert isinstance(ask(engine, APPLE).end(), Done)
    most = [10**6]

    def refuse(network: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if len(inputs[0]) > most[0]:
            raise torch.OutOfMemoryError("not enough for so many rows")

    assert engine._memory is not None
    hook = engine._memory.model("starter").parts.unet.register_forward_pre_hook(refuse)
    yield most
    hook.remove()


def test_a_batch_that_does_not_fit_is_drawn_in_halves_with_the_same_pixels(
    engine: LocalEngine, limited: list[int]
) -> None:
    free = ask(engine, replace(APPLE, count=4)).end()
    limited[0] = 4  # two guided rows
    tight = ask(engine, replace(APPLE, count=4)).end()
    assert isinstance(free, Done)
    assert isinstance(tight, Done)
    for first, second in zip(free.renders, tight.renders, strict=True):
        assert np.array_equal(first.pixels, second.pixels)


def test_what_does_not_fit_at_all_fails_in_plain_words_and_the_next_job_is_unharmed(
    engine: LocalEngine, limited: list[int]
) -> None:
    limited[0] = 0
    failed = ask(engine, APPLE).end()
    assert isinstance(failed, Failed)
    assert failed.code == "out_of_memory"
    assert "Try a smaller size" in failed.reason
    limited[0] = 10**6
    assert isinstance(ask(engine, APPLE).end(), Done)

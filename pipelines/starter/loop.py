"""What every training run keeps, and the loop around its steps: progress, checkpoints, the end. Knows no model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any, Generic, TypeVar

import torch
from torch import nn

from pipelines.starter.weights import Master

REPORTED = 50  # steps between two lines of progress
KEPT = 300.0  # seconds between two checkpoints
UNTOLD = 10**9  # samples of a run whose speed is not known yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`samples` is the whole run; `rate` falls to nothing over the last `cooldown` of them. `average` is the share that
    the averaged weights keep at each step."""

    samples: int
    cooldown: int
    batch: int
    rate: float
    warmup: int
    average: float

    def rate_at(self, seen: int) -> float:
        rising = min(1.0, (seen + self.batch) / self.warmup)
        falling = min(1.0, max(0.0, (self.samples - seen) / self.cooldown))
        return self.rate * rising * falling


P = TypeVar("P", bound=Plan)


class Run(Generic[P]):
    """`seen` samples so far. Resumable from `state()`: the same steps follow, given the same batches."""

    def __init__(self, plan: P, weights: Iterable[nn.Parameter], seed: int) -> None:
        self.plan = plan
        self.weights = Master(weights, plan.rate)
        self.device = self.weights.master[0].device
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.seen = 0

    def learn(self, loss: torch.Tensor, count: int) -> torch.Tensor:
        """One step from the loss of `count` samples. Answers it, without waiting for a GPU to know it."""
        loss.backward()
        self.weights.apply(self.plan.rate_at(self.seen), self.plan.average)
        self.seen += count
        return loss.detach()

    def state(self) -> dict[str, Any]:
        own = {"plan": asdict(self.plan), "seen": self.seen, "generator": self.generator.get_state()}
        return own | self.weights.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on where `state()` stood; the plan is this run's own, so that a run can be made longer."""
        self.seen = state["seen"]
        if len(state["generator"]) == len(self.generator.get_state()):  # those of a GPU are others: so is its noise
            self.generator.set_state(state["generator"])
        self.weights.restore(state)

    def fit(self, samples: int) -> None:
        """Makes the run this long, its parts in the same proportions."""
        cooldown = max(1, round(self.plan.cooldown * samples / self.plan.samples))
        self.plan = replace(self.plan, samples=samples, cooldown=cooldown)


def train(
    run: Run[P],
    step: Callable[[], torch.Tensor],
    keep: Callable[[], None],
    report: Callable[[str], None],
    minutes: float = 0.0,
) -> None:
    """Steps to the end of the plan. `keep` is called now and then and at the end.

    With `minutes` the plan is made as long as this machine gets in that time.
    """
    kept = began = time.monotonic()
    first, losses, warm = run.seen, [], False
    if minutes:
        run.fit(first + UNTOLD)
    while run.seen < run.plan.samples:
        losses.append(step())
        if not warm:  # the first step compiles on a GPU, which says nothing of the others
            began, first, warm = time.monotonic(), run.seen, True
        elapsed = time.monotonic() - began
        if len(losses) == REPORTED:
            loss = fmean(map(float, losses))  # waits for a GPU, which runs behind
            elapsed = time.monotonic() - began
            speed = (run.seen - first) / elapsed
            if minutes:
                run.fit(max(run.seen, first + round(speed * minutes * 60)))
            report(f"{run.seen} of {run.plan.samples} samples, loss {loss:.4f}, {speed:.1f}/s")
            losses.clear()
        if minutes and elapsed > minutes * 60:
            break
        if time.monotonic() - kept > KEPT:
            keep()
            kept = time.monotonic()
    keep()


def save(run: Run[P], path: Path) -> None:
    """Whole or not at all: a kill leaves the checkpoint before."""
    temporary = path.with_suffix(".part")
    torch.save(run.state(), temporary)
    temporary.replace(path)


def resume(run: Run[P], path: Path) -> None:
    """Goes on from the checkpoint where there is one."""
    if path.exists():
        run.restore(torch.load(path, map_location="cpu", weights_only=True))

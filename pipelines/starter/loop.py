"""The loop around training steps: progress, checkpoints, the end. Knows no model."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

import torch

REPORTED = 50  # steps between two lines of progress
KEPT = 300.0  # seconds between two checkpoints


class Plan(Protocol):
    @property
    def samples(self) -> int: ...


class Run(Protocol):
    """What can be trained on: `seen` of `plan.samples` samples so far."""

    seen: int

    @property
    def plan(self) -> Plan: ...

    def state(self) -> dict[str, Any]: ...

    def restore(self, state: dict[str, Any]) -> None: ...


def train(run: Run, step: Callable[[], float], keep: Callable[[], None], report: Callable[[str], None]) -> None:
    """Steps to the end of the plan. `keep` is called now and then and at the end."""
    kept = began = time.monotonic()
    first, losses = run.seen, []
    while run.seen < run.plan.samples:
        losses.append(step())
        if len(losses) == REPORTED:
            speed = (run.seen - first) / (time.monotonic() - began)
            report(f"{run.seen} samples, loss {fmean(losses):.4f}, {speed:.1f}/s")
            losses.clear()
        if time.monotonic() - kept > KEPT:
            keep()
            kept = time.monotonic()
    keep()


def save(run: Run, path: Path) -> None:
    """Whole or not at all: a kill leaves the checkpoint before."""
    temporary = path.with_suffix(".part")
    torch.save(run.state(), temporary)
    temporary.replace(path)


def resume(run: Run, path: Path) -> None:
    """Goes on from the checkpoint where there is one."""
    if path.exists():
        run.restore(torch.load(path, weights_only=True))

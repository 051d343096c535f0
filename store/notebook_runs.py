"""Rows of jobs as runs of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from policies.draft import Draft
from policies.notebook import Output, Run, Series, recipe


def run_of(row: Any, content: Mapping[str, Any], state: str, pictures: Mapping[int, str]) -> Run:
    return Run(
        job=row.job_id,
        state="running" if state in ("queued", "running") else state,  # type: ignore[arg-type]
        recipes=tuple(content["recipes"]),
        outputs=tuple(Output(pictures.get(number, ""), content["seed"] + number) for number in range(row.count)),
    )


def recipes_of(asked: Draft, seed: int | None, series: Series | None = None) -> list[str]:
    """To keep the seed that was drawn changes nothing."""
    return list(dict.fromkeys((recipe(asked, series), recipe(replace(asked, seed=seed), series))))


LASTING = ("running", "done", "failed", "cancelled")


def together(first: Run, second: Run) -> Run:
    """Jobs of one series as one run: under way while one of them is, done if one of them gave a picture."""
    state = min((first.state, second.state), key=LASTING.index)
    return replace(first, state=state, outputs=(*first.outputs, *second.outputs))

"""Many pictures from one draft: the prompts of a template, and grids over two parameters. Each is a job of its own.

The jobs of a series are queued together or not at all; the engine draws them in shared steps.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, replace
from typing import Any

from components.actions import generate, history, sources
from components.actions.models import bounds
from components.studio import Studio
from pipelines.wildcards import Wildcards
from policies import dynamic, grids, limits
from policies.actor import Actor
from policies.draft import Draft
from policies.dynamic import BadTemplate, Template
from policies.grids import Axis, Plan
from policies.notebook import Series as Wanted
from policies.verdict import Refused, Verdict, refuse, require
from store.jobs import Job
from store.series import Kind, Series
from store.vault import Missing

MOST_PICTURES = 64  # of one series
SHOWN = 5  # prompts of a preview


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a dynamic prompt would become: the first of `count` prompts, or of `more` than that."""

    first: tuple[str, ...]
    count: int
    more: bool


def wildcards(studio: Studio) -> Wildcards:
    return Wildcards(studio.settings.models_dir)


def read(studio: Studio, prompt: str) -> Template:
    """Raises Refused with the place of the mistake."""
    try:
        return dynamic.read(prompt, wildcards(studio))
    except BadTemplate as bad:
        where = f"character {bad.place}"
        raise Refused(Verdict(False, "bad_template", f"{where}: {bad.reason}", "prompt", prompt, bad.reason)) from bad


def expand(studio: Studio, prompt: str) -> Expansion | None:
    """None when the prompt is no template. Raises Refused."""
    template = read(studio, prompt)
    if not template.dynamic:
        return None
    prompts, more = template.every(MOST_PICTURES)
    return Expansion(prompts[:SHOWN], len(prompts), more)


@dataclass(frozen=True, slots=True)
class Many:
    """The drafts of a series, of one picture each, and what is kept of it."""

    kind: Kind
    value: dict[str, Any]
    drafts: tuple[Draft, ...]


def many(studio: Studio, draft: Draft, wanted: Wanted) -> Many:
    """What a draft whose seed is known becomes. Raises Refused."""
    if wanted.kind == "grid":
        planned = plan(studio, draft, wanted.x, wanted.y if wanted.y[0] else None)
        axes = {"x": asdict(planned.x), "y": asdict(planned.y) if planned.y else None}
        return Many("grid", {**axes, "prompt": planned.cells[0].prompt}, planned.cells)
    template = read(studio, draft.prompt)
    drafts = each_prompt(draft, template) if wanted.kind == "every" else by_seeds(draft, template)
    return Many("prompts", {"template": draft.prompt}, drafts)


def each_prompt(draft: Draft, template: Template) -> tuple[Draft, ...]:
    """Each prompt of the template once, all with one seed, so that the words alone make the difference."""
    prompts, more = template.every(MOST_PICTURES)
    if more:
        count = f"more than {MOST_PICTURES}"
        require(refuse("too_many_prompts", field="prompt", value=count, expected=f"at most {MOST_PICTURES} prompts"))
    return tuple(chosen(draft, prompt, draft.seed or 0, 1) for prompt in prompts)


def by_seeds(draft: Draft, template: Template) -> tuple[Draft, ...]:
    """Each of several pictures with a prompt of its own, by the picture's seed."""
    # A range that is too long is refused by the rules, not made first.
    count = draft.count if isinstance(draft.count, int) and 1 <= draft.count <= MOST_PICTURES else 1
    first = draft.seed or 0
    drafts = [chosen(draft, template.by_seed(seed), seed % limits.SEEDS, 1) for seed in range(first, first + count)]
    return tuple(drafts) if count == draft.count else (replace(drafts[0], count=draft.count),)


def plan(studio: Studio, draft: Draft, x: tuple[str, str], y: tuple[str, str] | None) -> Plan:
    """The grid that two parameters and what was typed as their values make. Raises Refused for the first bad cell."""
    planned = grids.plan(with_seed(draft), grids.axis(*x, "x"), grids.axis(*y, "y") if y else None)
    for cell in planned.cells:
        require(limits.check(cell, bounds(studio, cell)))
    return planned


def plan_cost(studio: Studio, planned: Plan) -> float:
    """Device seconds, by what was measured so far."""
    return sum(generate.cost(studio, cell) for cell in planned.cells)


def start(studio: Studio, actor: Actor, wanted: Many) -> tuple[Series, tuple[Job, ...]]:
    """All of them are checked before one is queued."""
    drafts = wanted.drafts
    for draft in drafts:
        settled = sources.settled(studio, actor, draft)
        require(limits.check(settled, bounds(studio, settled)))
    waiting = studio.stores.jobs.count_queued(actor.subject_id) + len(drafts) - 1
    require(limits.queue(waiting, studio.settings.max_queued))
    series, jobs = studio.stores.series.start(
        actor.subject_id,
        wanted.kind,
        wanted.value | {"size": len(drafts)},
        lambda: [generate.start(studio, actor, draft, quiet=True) for draft in drafts],
        studio.clock(),
    )
    for text in dict.fromkeys(draft.template or draft.prompt for draft in drafts):
        history.remember(studio, actor, replace(drafts[0], prompt=text, template=""))
    studio.live.wake.set()
    for job in jobs:  # told once more: now it is known where they belong
        studio.live.tell(actor.subject_id, "job", job.id)
    return series, tuple(jobs)


def cancel(studio: Studio, actor: Actor, series_id: str) -> Series:
    """Every job of it that waits or runs."""
    series = studio.stores.series.get(actor.subject_id, series_id)
    for job_id in filter(None, series.job_ids):
        generate.cancel(studio, actor, job_id)
    return series


def axes(series: Series) -> tuple[Axis, Axis | None]:
    """Those of a grid that was kept."""
    x, y = series.value["x"], series.value["y"]
    return Axis(x["field"], tuple(x["values"])), Axis(y["field"], tuple(y["values"])) if y else None


def with_seed(draft: Draft) -> Draft:
    return replace(draft, seed=secrets.randbelow(limits.SEEDS)) if draft.seed is None else draft


def chosen(draft: Draft, prompt: str, seed: int, count: int) -> Draft:
    return replace(draft, prompt=prompt, template=draft.prompt, seed=seed, count=count)


def no_grid(series_id: str) -> Missing:
    return Missing(f"id: {series_id!r} is no grid")

"""What a person does with notebooks: make, change, run, stop. Every run of a bench is a cell of the current one."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import replace

from components import words
from components.actions import generate, series, templates
from components.actions.models import STARTER, defaults
from components.actions.notebook_changes import Change, changed, linked
from components.studio import Studio
from pipelines.wildcards import Wildcards
from policies import dynamic, limits
from policies import notebook_edits as edits
from policies.actor import Actor
from policies.draft import Draft
from policies.notebook import (
    MOST_CELLS,
    Cell,
    Notebook,
    Series,
    resolved,
)
from policies.notebook_order import descendants, in_order, missing, run_order, stale_order
from policies.verdict import Refused, Verdict, refuse, require
from store.jobs import Job
from store.notebook_views import Entry, Kept, StaleWrite
from store.vault import Missing

TITLE_LENGTH = 48  # characters of the first prompt, which name a notebook that a run made


def listed(studio: Studio, actor: Actor) -> tuple[Entry, ...]:
    return studio.stores.notebooks.listed(actor.subject_id)


def get(studio: Studio, actor: Actor, notebook_id: str) -> Kept:
    """Raises Missing for another's notebook exactly as for one that never was."""
    return studio.stores.notebooks.get(actor.subject_id, notebook_id)


def current(studio: Studio, actor: Actor) -> Kept | None:
    """The one that runs of the benches go to, or None before there is one."""
    found = studio.stores.notebooks.current(actor.subject_id)
    return get(studio, actor, found) if found else None


def create(studio: Studio, actor: Actor, template: str = "empty", language: str = "en") -> Kept:
    """From a template; it becomes the current one."""
    require(limits.one_of("language", language, tuple(words.LANGUAGES)))
    if template not in templates.TEMPLATES:
        expected = " or ".join(templates.TEMPLATES)
        require(refuse("unknown", field="template", value=template, expected=expected))
    document = templates.notebook(template, defaults(studio, STARTER), language)
    return adopt(studio, actor, document)


def adopt(studio: Studio, actor: Actor, document: Notebook) -> Kept:
    """Keeps a document from elsewhere, such as a template or a file, as a notebook with ids of its own."""
    fresh = edits.renewed(document, {cell.id: uuid.uuid4().hex for cell in document})
    kept = studio.stores.notebooks.create(actor.subject_id, fresh, studio.clock())
    tell(studio, kept)
    return kept


def open_notebook(studio: Studio, actor: Actor, notebook_id: str) -> Kept:
    """From now on runs of the benches go there."""
    studio.stores.notebooks.open(actor.subject_id, notebook_id, studio.clock())
    return get(studio, actor, notebook_id)


def delete(studio: Studio, actor: Actor, notebook_id: str) -> None:
    """The pictures stay in the gallery. Nothing of it goes on running."""
    stop(studio, actor, notebook_id)
    studio.stores.notebooks.delete(actor.subject_id, notebook_id, studio.clock())
    studio.live.tell(actor.subject_id, "notebook", notebook_id)


def restore(studio: Studio, actor: Actor, notebook_id: str) -> Kept:
    kept = studio.stores.notebooks.restore(actor.subject_id, notebook_id)
    tell(studio, kept)
    return kept


# Changes

def change(
    studio: Studio, actor: Actor, notebook_id: str, version: int, what: Change, gesture: str = ""
) -> Kept:
    """One operation on the version that the person saw. Raises StaleWrite with the newer one when there is one."""
    kept = get(studio, actor, notebook_id)
    if kept.version != version:
        raise StaleWrite(kept)
    store, subject, now = studio.stores.notebooks, actor.subject_id, studio.clock()
    operation = str(what.get("op"))
    if operation in ("undo", "redo"):
        step = store.undo if operation == "undo" else store.redo
        kept = step(subject, notebook_id, version, now)
    else:
        kept = store.save(subject, notebook_id, version, changed(studio, kept.document, what), now, gesture)
    tell(studio, kept)
    return kept


# Runs


def bench(studio: Studio, actor: Actor, draft: Draft, many: Series | None = None) -> Job:
    """A run of a bench: a cell at the end of the current notebook, and its job, or the first of its series. All of it,
    or Refused and nothing."""
    store, subject = studio.stores.notebooks, actor.subject_id
    with store.together():
        kept = roomy(studio, actor, draft)
        cell = linked(kept.document, Cell(id=uuid.uuid4().hex, draft=draft, series=many))
        document = edits.add(kept.document, cell)
        kept = store.save(subject, kept.id, kept.version, document, studio.clock())
        jobs = enqueue(studio, actor, kept, cell.id)
    tell(studio, kept)
    for job in jobs:
        studio.live.tell(subject, "job", job.id)
    return jobs[0]


def start_bench(studio: Studio, actor: Actor, draft: Draft) -> Job:
    """What Generate asks for. A template gives each of several pictures a prompt of its own, by the picture's seed."""
    many = series.read(studio, draft.prompt).dynamic and draft.count != 1
    return bench(studio, actor, draft, Series("prompts") if many else None)


def reproduce(studio: Studio, actor: Actor, image_id: str) -> Job:
    """The same settings and seed once more, as a cell: the same pixels on the same machine."""
    image = studio.stores.gallery.get(actor.subject_id, image_id)
    return bench(studio, actor, replace(image.draft, seed=image.seed, count=1))


def branch_from(studio: Studio, actor: Actor, image_id: str) -> Kept:
    """Another way from a picture: its settings and seed as a cell at the end of the current notebook, not run yet."""
    image = studio.stores.gallery.get(actor.subject_id, image_id)
    store, draft = studio.stores.notebooks, replace(image.draft, seed=image.seed, count=1)
    with store.together():
        kept = roomy(studio, actor, draft)
        cell = linked(kept.document, Cell(id=uuid.uuid4().hex, draft=draft))
        kept = store.save(
            actor.subject_id, kept.id, kept.version, edits.add(kept.document, cell), studio.clock()
        )
    tell(studio, kept)
    return kept


def roomy(studio: Studio, actor: Actor, draft: Draft) -> Kept:
    """The current notebook, or a new one when there is none or it is full."""
    kept = current(studio, actor)
    if kept is None or len(kept.document.cells) >= MOST_CELLS:
        kept = studio.stores.notebooks.create(actor.subject_id, Notebook(title_of(draft)), studio.clock())
    return kept


def run(studio: Studio, actor: Actor, notebook_id: str, cell_id: str) -> Kept:
    """One cell, and before it what it needs and was never drawn."""
    document = get(studio, actor, notebook_id).document
    return start(studio, actor, notebook_id, in_order(document, {cell_id, *missing(document, cell_id)}))


def run_from(studio: Studio, actor: Actor, notebook_id: str, cell_id: str) -> Kept:
    """The cell and all that follow from it, each once what it is made from is there."""
    return start(studio, actor, notebook_id, run_order(get(studio, actor, notebook_id).document, cell_id))


def run_stale(studio: Studio, actor: Actor, notebook_id: str) -> Kept:
    """Everything that is not up to date."""
    return start(studio, actor, notebook_id, stale_order(get(studio, actor, notebook_id).document))


def start(studio: Studio, actor: Actor, notebook_id: str, cell_ids: tuple[str, ...]) -> Kept:
    """Plans them, then queues those whose inputs are there. Raises Refused for the first that cannot run at all."""
    document = get(studio, actor, notebook_id).document
    for cell_id in cell_ids:
        check(document, document.cell(cell_id))
    studio.stores.notebooks.plan(actor.subject_id, notebook_id, cell_ids, studio.clock())
    refused = advance(studio, actor, notebook_id)
    if refused:
        raise refused[0]
    return get(studio, actor, notebook_id)


def stop(studio: Studio, actor: Actor, notebook_id: str, cell_id: str | None = None) -> Kept:
    """Everything of the notebook that waits or runs, or of one cell."""
    kept = get(studio, actor, notebook_id)
    store = studio.stores.notebooks
    store.unplan(notebook_id, [cell_id] if cell_id else kept.planned)
    for job_id in store.active_jobs(actor.subject_id, notebook_id, cell_id):
        cancel(studio, actor, job_id)
    kept = get(studio, actor, notebook_id)
    tell(studio, kept)
    return kept


def cancel(studio: Studio, actor: Actor, job_id: str) -> Job:
    """Ends a job, and takes what waited for it out of the plan."""
    job = generate.cancel(studio, actor, job_id)
    if job.state == "cancelled":  # one that runs says so itself when it ends
        ended(studio, actor.subject_id, job_id)
    return job


def advance(studio: Studio, actor: Actor, notebook_id: str) -> list[Refused | Missing]:
    """Queues every planned cell whose inputs are there. One that cannot run takes what follows out of the plan."""
    store = studio.stores.notebooks
    kept = get(studio, actor, notebook_id)
    refused: list[Refused | Missing] = []
    for cell_id in kept.planned:
        cell = kept.document.cell(cell_id)
        if any(kept.document.cell(reference.cell).state == "running" for reference in cell.inputs.values()):
            continue
        try:
            with store.together():
                if cell_id in store.planned(notebook_id):  # two may look at once
                    enqueue(studio, actor, kept, cell_id)
        except (Refused, Missing) as error:
            refused.append(numbered(error, kept.document.number(cell_id)))
            with store.together():
                store.refuse(actor.subject_id, notebook_id, cell_id, verdict_of(error))
                drop(studio, kept, cell_id)
    tell(studio, kept, "cells")
    return refused


def ended(studio: Studio, subject_id: str, job_id: str) -> None:
    """A job is over: its cell has its pictures, and what waited for them goes on, or not if there are none."""
    link = studio.stores.notebooks.link(job_id)
    if link is None or link.subject_id != subject_id:
        return
    actor = Actor(subject_id)
    try:
        kept = get(studio, actor, link.notebook_id)
        if link.cell_id in kept.document and studio.stores.jobs.get(subject_id, job_id).state != "done":
            drop(studio, kept, link.cell_id)
        advance(studio, actor, link.notebook_id)
    except Missing:  # the notebook, or all that the job made, was deleted meanwhile
        return


def resume(studio: Studio) -> None:
    """After a restart: plans go on where they were."""
    for subject_id, notebook_id in studio.stores.notebooks.waiting():
        try:
            advance(studio, Actor(subject_id), notebook_id)
        except Missing:
            continue


def enqueue(studio: Studio, actor: Actor, kept: Kept, cell_id: str) -> tuple[Job, ...]:
    """Its job, or those of its series. Raises Refused, also when an input is not there."""
    cell = kept.document.cell(cell_id)
    draft = resolved(kept.document, cell)
    if draft is None:
        raise Refused(refuse("notebook_input", field="inputs", value="nothing", expected="a picture to start from"))
    if cell.series is not None:
        return enqueue_series(studio, actor, kept, cell, draft)
    said = spoken(studio, draft)
    job = studio.stores.notebooks.run(
        actor.subject_id, kept.id, cell_id, draft, lambda: generate.start(studio, actor, said)
    )
    studio.live.tell(actor.subject_id, "job", job.id)
    return (job,)


def enqueue_series(studio: Studio, actor: Actor, kept: Kept, cell: Cell, draft: Draft) -> tuple[Job, ...]:
    assert cell.series is not None
    many = series.many(studio, series.with_seed(draft), cell.series)
    with studio.stores.notebooks.together():
        started, jobs = series.start(studio, actor, many)
        studio.stores.notebooks.run_series(kept, cell, draft, started.id, jobs)
    return jobs


def spoken(studio: Studio, draft: Draft) -> Draft:
    """A prompt with choices in it becomes one of its prompts, by the seed."""
    try:
        template = dynamic.read(draft.prompt, Wildcards(studio.settings.models_dir))
    except dynamic.BadTemplate as bad:
        where = f"character {bad.place}: {bad.reason}"
        raise Refused(Verdict(False, "bad_template", where, "prompt", draft.prompt, bad.reason)) from bad
    if not template.dynamic:
        return draft
    seed = secrets.randbelow(limits.SEEDS) if draft.seed is None else draft.seed
    return replace(draft, prompt=template.by_seed(seed), template=draft.prompt, seed=seed)


def drop(studio: Studio, kept: Kept, cell_id: str) -> None:
    """It and what follows from it no longer run."""
    studio.stores.notebooks.unplan(kept.id, [cell_id, *descendants(kept.document, cell_id)])


def check(document: Notebook, cell: Cell) -> None:
    """What is known to be wrong before its turn: refused with the cell's number."""
    if cell.draft is None or cell.draft.kind in ("inpaint", "upscale"):
        return
    verdict = limits.text("prompt", cell.draft.prompt, at_least=1)
    if not verdict.allowed:
        raise numbered(Refused(verdict), document.number(cell.id))


def numbered(error: Refused | Missing, number: int) -> Refused | Missing:
    """The refusal with the number of the cell that it is about."""
    if isinstance(error, Missing):
        return error
    return Refused(replace(error.verdict, reason=f"Cell {number}: {error.verdict.reason}"))


def refusal(kept: Kept, cell_id: str) -> Verdict | None:
    """Why it could not run when its turn came, with the number that it has now."""
    why = kept.refusals.get(cell_id)
    return replace(why, reason=f"Cell {kept.document.number(cell_id)}: {why.reason}") if why else None


def verdict_of(error: Refused | Missing) -> Verdict:
    if isinstance(error, Missing):
        return Verdict(False, "source_missing", str(error))
    return error.verdict


def title_of(draft: Draft) -> str:
    """The prompt, or its beginning up to the end of a word and an ellipsis."""
    prompt = " ".join(draft.prompt.split())
    if len(prompt) <= TITLE_LENGTH:
        return prompt.rstrip(",.;:")
    whole_words = prompt[: TITLE_LENGTH + 1].rpartition(" ")[0]
    return (whole_words or prompt[:TITLE_LENGTH]).rstrip(",.;: ") + "…"


def tell(studio: Studio, kept: Kept, kind: str = "notebook") -> None:
    studio.live.tell(kept.subject_id, kind, kept.id)

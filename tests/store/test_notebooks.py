"""Notebooks as rows: nothing is overwritten silently, everything can be undone, and pictures belong to cells."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from policies import data_map
from policies import notebook_edits as edits
from policies.draft import Draft
from policies.notebook import Cell, Notebook, Reference
from policies.verdict import Verdict
from store.db import Stores
from store.gallery import NewImage
from store.jobs import Job
from store.notebook_views import Kept, StaleWrite
from store.settings import Settings
from store.vault import Missing
from tests.conftest import NOON, ON_FILES

FOX = Draft(prompt="a fox named qzxjkv", seed=3)
LEASE = timedelta(minutes=1)
WHY = Verdict(False, "bad_template", "character 3: 'qzxjkv' is never closed", "prompt")


@pytest.fixture
def kept(stores: Stores) -> Kept:
    """Alice's: a fox, and what is made from it."""
    fox = Cell(id="f" * 32, draft=FOX)
    hat = Cell(id="a" * 32, draft=Draft(kind="image_to_image", prompt="a hat"), inputs={"image": Reference(fox.id)})
    return stores.notebooks.create("alice", Notebook("Foxes", (fox, hat)), NOON)


def saved(stores: Stores, kept: Kept, document: Notebook, gesture: str = "") -> Kept:
    return stores.notebooks.save("alice", kept.id, kept.version, document, NOON, gesture)


def run(stores: Stores, kept: Kept, cell: Cell) -> Job:
    assert cell.draft is not None
    draft = cell.draft
    return stores.notebooks.run(
        "alice", kept.id, cell.id, draft, lambda: stores.jobs.enqueue("alice", replace(draft, seed=3), 1.0, NOON)
    )


def finish(stores: Stores, job: Job, speck: NewImage) -> None:
    stores.jobs.claim("worker", NOON, LEASE)
    assert stores.jobs.finish(job.id, "worker", [speck], 1.0, NOON)


def test_it_reads_back_as_it_was_written(stores: Stores, kept: Kept) -> None:
    again = stores.notebooks.get("alice", kept.id)
    assert again == kept
    assert again.document.title == "Foxes" and len(again.document.cells) == 2
    assert [entry.cells for entry in stores.notebooks.listed("alice")] == [2]


@pytest.mark.promise("P3")
@ON_FILES
def test_titles_notes_and_prompts_are_on_no_disk_in_plain_text(
    stores: Stores, kept: Kept, settings: Settings
) -> None:
    secret = edits.add(edits.rename(kept.document, "secret qzxjkv"), Cell(id="e" * 32, text="note qzxjkv"))
    saved(stores, kept, secret)
    stores.notebooks.refuse("alice", kept.id, "f" * 32, WHY)
    assert stores.notebooks.get("alice", kept.id).document.title == "secret qzxjkv"
    for path in settings.data.rglob("*"):
        assert not path.is_file() or b"qzxjkv" not in path.read_bytes()


@pytest.mark.promise("P25")
def test_another_persons_notebook_is_not_there(stores: Stores, kept: Kept) -> None:
    for attempt in (
        lambda: stores.notebooks.get("bob", kept.id),
        lambda: stores.notebooks.save("bob", kept.id, kept.version, kept.document, NOON),
        lambda: stores.notebooks.undo("bob", kept.id, kept.version, NOON),
        lambda: stores.notebooks.delete("bob", kept.id, NOON),
        lambda: stores.notebooks.open("bob", kept.id, NOON),
        lambda: stores.notebooks.plan("bob", kept.id, ["f" * 32], NOON),
    ):
        with pytest.raises(Missing):
            attempt()
    assert stores.notebooks.listed("bob") == ()


def test_a_write_over_a_newer_version_is_refused_with_the_newer_document(stores: Stores, kept: Kept) -> None:
    newer = saved(stores, kept, edits.rename(kept.document, "First tab"))
    with pytest.raises(StaleWrite) as refused:
        saved(stores, kept, edits.rename(kept.document, "Second tab"))
    assert refused.value.newest.version == newer.version
    assert stores.notebooks.get("alice", kept.id).document.title == "First tab"


def test_changes_are_undone_and_done_again_one_by_one(stores: Stores, kept: Kept) -> None:
    one = saved(stores, kept, edits.rename(kept.document, "One"))
    two = saved(stores, one, edits.delete(one.document, ["f" * 32]))
    assert two.can_undo and not two.can_redo
    back = stores.notebooks.undo("alice", kept.id, two.version, NOON)
    assert back.document.content == one.document.content and back.can_redo
    first = stores.notebooks.undo("alice", kept.id, back.version, NOON)
    assert first.document.content == kept.document.content and not first.can_undo
    again = stores.notebooks.redo("alice", kept.id, first.version, NOON)
    assert again.document.title == "One"
    other = saved(stores, again, edits.rename(again.document, "Other"))
    assert not other.can_redo, "a new change ends what could be done again"


def test_letters_of_one_sentence_are_undone_together(stores: Stores, kept: Kept) -> None:
    now = kept
    for prompt in ("a", "a fo", "a fox at sea"):
        now = saved(stores, now, edits.edit(now.document, "f" * 32, draft=replace(FOX, prompt=prompt)), "typing-1")
    back = stores.notebooks.undo("alice", kept.id, now.version, NOON)
    assert back.document.content == kept.document.content


def test_a_job_that_ends_fills_its_cell(stores: Stores, kept: Kept, speck: NewImage) -> None:
    fox, hat = kept.document
    job = run(stores, kept, fox)
    running = stores.notebooks.get("alice", kept.id)
    assert running.document.cell(fox.id).state == "running" and running.jobs[fox.id] == job.id
    finish(stores, job, speck)
    done = stores.notebooks.get("alice", kept.id).document
    image = stores.gallery.of_job("alice", job.id)[0]
    assert done.cell(fox.id).state == "fresh"
    assert done.cell(fox.id).outputs[0].image == image.id
    assert done.cell(hat.id).state == "stale"
    link = stores.notebooks.link(job.id)
    assert link is not None and (link.notebook_id, link.cell_id) == (kept.id, fox.id)


def test_an_edit_while_it_is_drawn_leaves_the_cell_stale(stores: Stores, kept: Kept, speck: NewImage) -> None:
    fox = kept.document.cells[0]
    job = run(stores, kept, fox)
    saved(stores, kept, edits.edit(kept.document, fox.id, draft=replace(FOX, prompt="another")))
    finish(stores, job, speck)
    cell = stores.notebooks.get("alice", kept.id).document.cell(fox.id)
    assert cell.state == "stale" and len(cell.outputs) == 1


@pytest.mark.promise("P26")
def test_a_deleted_picture_leaves_an_empty_place(stores: Stores, kept: Kept, speck: NewImage) -> None:
    fox = kept.document.cells[0]
    job = run(stores, kept, fox)
    finish(stores, job, speck)
    stores.gallery.delete("alice", [stores.gallery.of_job("alice", job.id)[0].id])
    (output,) = stores.notebooks.get("alice", kept.id).document.cell(fox.id).outputs
    assert output.gone and output.seed == 3


def test_taking_back_a_deleted_cell_brings_its_pictures(stores: Stores, kept: Kept, speck: NewImage) -> None:
    fox = kept.document.cells[0]
    finish(stores, run(stores, kept, fox), speck)
    now = stores.notebooks.get("alice", kept.id)
    gone = saved(stores, now, edits.delete(now.document, [fox.id]))
    back = stores.notebooks.undo("alice", kept.id, gone.version, NOON)
    assert back.document == now.document


def test_a_plan_is_rows_in_the_order_of_the_cells(stores: Stores, kept: Kept) -> None:
    fox, hat = kept.document
    stores.notebooks.plan("alice", kept.id, [hat.id, fox.id], NOON)
    assert stores.notebooks.get("alice", kept.id).planned == (fox.id, hat.id)
    assert stores.notebooks.waiting() == (("alice", kept.id),)
    run(stores, kept, fox)
    assert stores.notebooks.get("alice", kept.id).planned == (hat.id,)
    stores.notebooks.unplan(kept.id, [hat.id])
    assert stores.notebooks.waiting() == ()


def refused(stores: Stores, kept: Kept) -> Kept:
    """Both cells could not run when their turn came."""
    for cell in kept.document:
        stores.notebooks.refuse("alice", kept.id, cell.id, WHY)
    return stores.notebooks.get("alice", kept.id)


def test_why_a_cell_could_not_run_is_kept_until_it_is_changed(stores: Stores, kept: Kept) -> None:
    fox, hat = kept.document
    assert kept.refusals == {}
    now = refused(stores, kept)
    assert now.refusals == {fox.id: WHY, hat.id: WHY} and now.version == kept.version
    now = saved(stores, now, edits.fold(now.document, hat.id, True))
    assert now.refusals == {fox.id: WHY, hat.id: WHY}, "folding and unfolding changes nothing that is drawn"
    now = saved(stores, now, edits.edit(now.document, fox.id, draft=replace(FOX, prompt="another")))
    assert now.refusals == {hat.id: WHY}
    assert stores.notebooks.undo("alice", kept.id, now.version, NOON).refusals == {hat.id: WHY}


def test_why_a_cell_could_not_run_is_forgotten_when_it_is_planned_again_or_deleted(stores: Stores, kept: Kept) -> None:
    fox, hat = kept.document
    refused(stores, kept)
    stores.notebooks.plan("alice", kept.id, [fox.id], NOON)
    now = stores.notebooks.get("alice", kept.id)
    assert now.refusals == {hat.id: WHY} and now.planned == (fox.id,)
    gone = saved(stores, now, edits.delete(now.document, [hat.id]))
    assert gone.refusals == {}
    assert stores.notebooks.undo("alice", kept.id, gone.version, NOON).refusals == {}


@pytest.mark.promise("P25")
def test_nobody_writes_a_reason_to_anothers_cell(stores: Stores, kept: Kept) -> None:
    stores.notebooks.refuse("bob", kept.id, kept.document.cells[0].id, WHY)
    assert stores.notebooks.get("alice", kept.id).refusals == {}


@pytest.mark.promise("P45")
@pytest.mark.promise("P46")
def test_why_a_cell_could_not_run_is_in_the_download_and_goes_with_its_person(stores: Stores, kept: Kept) -> None:
    refused(stores, kept)
    cells = data_map.of("content", "notebook_cell")
    told = [row["refused"] for row in stores.person.rows(cells, "alice")]
    assert told == [{"code": WHY.code, "reason": WHY.reason, "field": WHY.field}] * 2
    assert stores.person.erase("alice")["content.notebook_cell"] == 2
    assert list(stores.person.rows(cells, "alice")) == []


def test_the_last_one_opened_is_the_current_one(stores: Stores, kept: Kept) -> None:
    other = stores.notebooks.create("alice", Notebook("Other"), NOON)
    assert stores.notebooks.current("alice") == other.id
    stores.notebooks.open("alice", kept.id, NOON)
    assert stores.notebooks.current("alice") == kept.id
    assert stores.notebooks.current("bob") is None


def test_a_deleted_notebook_keeps_its_pictures_and_can_be_taken_back_for_a_day(
    stores: Stores, kept: Kept, speck: NewImage
) -> None:
    job = run(stores, kept, kept.document.cells[0])
    finish(stores, job, speck)
    stores.notebooks.delete("alice", kept.id, NOON)
    assert stores.notebooks.listed("alice") == () and stores.notebooks.current("alice") is None
    assert len(stores.gallery.of_job("alice", job.id)) == 1
    assert stores.notebooks.restore("alice", kept.id).document.cells[0].state == "fresh"
    stores.notebooks.delete("alice", kept.id, NOON)
    assert stores.notebooks.purge(NOON + timedelta(hours=1)) == 1
    with pytest.raises(Missing):
        stores.notebooks.restore("alice", kept.id)
    assert len(stores.gallery.of_job("alice", job.id)) == 1

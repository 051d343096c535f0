"""A guest's day: what is over a day old goes, of every kind, and all of a guest whose visits are over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from components.actions import accounts, backing_up, guests, housekeeping, leaving, notebooks
from components.studio import Studio
from policies import data_map
from policies.actor import Actor
from policies.draft import Draft
from policies.notebook import Cell, Notebook, Reference
from store.db import open_stores
from store.keys import KeyGone
from store.vault import Missing
from tests.components.actions.conftest import Home
from tests.components.actions.people import CANARY, PIXELS, clocked, draw, live_a_little
from tests.components.actions.test_leaving import ALLOWED, census, found_on_disk
from tests.conftest import NOON, ON_BOTH, ON_FILES

DAY = timedelta(days=1)
LATER = DAY + timedelta(minutes=1)
OVER = timedelta(days=30, hours=2)  # a guest's session lasts 30 days

# What is known of a visitor while the session lasts, beside what they make.
STANDING = {"subject", "guest_session", "preference", "activity", "choice", "consent", "share", "report", "usage_event"}
STANDING |= {"ticket", "notice", "erasure", "audit_entry", "discarded", "started", "export"}


def guest(studio: Studio) -> Actor:
    """Comes at the studio's moment."""
    return Actor(studio.stores.subjects.new_guest(studio.clock())[1], "guest")


def notebook(studio: Studio, actor: Actor, *cells: Cell) -> str:
    return studio.stores.notebooks.create(actor.subject_id, Notebook(f"About {CANARY}", cells), studio.clock()).id


def cell(number: int, **given: Any) -> Cell:
    return Cell(id=uuid.uuid4().hex, draft=Draft(prompt=f"{CANARY} {number}", seed=number), **given)


def work(studio: Studio, actor: Actor) -> None:
    """Something of every kind that is a person's to make."""
    live_a_little(studio, actor)
    stores, now, me = studio.stores, studio.clock(), actor.subject_id
    fox = cell(1)
    hat = replace(cell(2, inputs={"image": Reference(fox.id)}), draft=Draft(kind="image_to_image", prompt=CANARY))
    kept = stores.notebooks.get(me, notebook(studio, actor, fox, hat))
    document = replace(kept.document, title=f"{CANARY} again")
    stores.notebooks.save(me, kept.id, kept.version, document, now)
    asked = Draft(prompt=CANARY, seed=1)
    stores.series.start(
        me,
        "prompts",
        {"size": 1, "template": CANARY},
        lambda: [stores.notebooks.run(me, kept.id, fox.id, asked, lambda: stores.jobs.enqueue(me, asked, 1.0, now))],
        now,
    )
    stores.notebooks.plan(me, kept.id, [hat.id], now)
    stores.takeouts.ask(me, now)
    stores.allowances.note(me, uuid.uuid4().hex, now)


def end_jobs(studio: Studio, actor: Actor) -> None:
    for job_id in studio.stores.jobs.alive_of(actor.subject_id):
        studio.stores.jobs.cancel(actor.subject_id, job_id, studio.clock())


def content(studio: Studio, actor: Actor) -> dict[str, int]:
    """Rows of every table whose rows of a guest stay for a day."""
    count = studio.stores.person.count_in
    found = {one.name: count(one, actor.subject_id) for one in data_map.TABLES if one.guest == data_map.A_DAY}
    return {name: number for name, number in found.items() if number}


def said(studio: Studio, actor: Actor) -> dict[str, str]:
    """Everything of what a guest makes, opened."""
    tables = studio.stores.person.tables(actor.subject_id)
    return {table.name: str(rows) for table, rows in tables if rows and table.name not in STANDING}


def sealed(studio: Studio, actor: Actor) -> Iterator[bytes]:
    """What stands on disk for what a guest wrote: every sealed field of theirs."""
    for table in data_map.TABLES:
        names = [column.name for column in table.columns if column.sealed]
        if table.database != "content" or table.owner != "subject_id" or table.name in STANDING or not names:
            continue
        query = f'SELECT {", ".join(names)} FROM "{table.name}" WHERE subject_id = ?'
        for row in studio.stores.databases[0].execute_sql(query, (actor.subject_id,)):
            yield from (bytes(value)[-24:] for value in row if value)


def swept(studio: Studio, dry_run: bool = False) -> housekeeping.Swept:
    return housekeeping.guests(studio, dry_run)


def test_every_kind_of_content_is_part_of_these_tests(studio: Studio) -> None:
    at_noon = clocked(studio, NOON)
    alice = guest(at_noon)
    work(at_noon, alice)
    every = {one.name for one in data_map.TABLES if one.guest == data_map.A_DAY}
    elsewhere = {"image_parent", "input_use", "cell_run", "series", "series_job"}  # test_drawn_from_an_upload below
    assert every - set(content(at_noon, alice)) <= elsewhere
    mine = {one.name for one in data_map.TABLES if one.owner and one.database == "content"}
    assert mine == every | STANDING | {"share_picture"}


@ON_FILES
@pytest.mark.promise("P21")
def test_after_a_day_nothing_of_a_guests_work_is_left_while_they_may_still_come_back(studio: Studio) -> None:
    """Not in a table, opened, and not in a file, sealed: the write-ahead log included."""
    at_noon, bob_comes = clocked(studio, NOON), clocked(studio, NOON + DAY)
    alice = guest(at_noon)
    work(at_noon, alice)
    end_jobs(at_noon, alice)
    studio.stores.bin.empty(NOON + timedelta(hours=2))
    bob = guest(bob_comes)
    hers = set(studio.stores.vault.blobs.names())
    draw(bob_comes, bob, "a tortoise that stays")
    bobs = set(studio.stores.vault.blobs.names()) - hers
    marks = list(sealed(studio, alice))
    assert len(marks) >= 15 and all(found_on_disk(studio.settings.data, one) for one in marks)
    swept(clocked(studio, NOON + DAY - timedelta(minutes=1)))
    assert CANARY in str(said(studio, alice)), "not before"
    told = swept(clocked(studio, NOON + LATER + timedelta(hours=1)))
    assert content(studio, alice) == {} and CANARY not in str(said(studio, alice))
    assert [one for one in marks if found_on_disk(studio.settings.data, one)] == []
    assert found_on_disk(studio.settings.data, CANARY.encode()) == []
    assert set(studio.stores.vault.blobs.names()) == bobs
    assert "pictures" in told.lines[0] and "notebooks" in told.lines[0]
    # What it leaves alone.
    assert studio.stores.subjects.kind(alice.subject_id) == "guest"
    assert len(studio.stores.gallery.some_of(bob.subject_id, 10)) == 1
    assert studio.stores.jobs.counts() == {"done": 1}


@ON_BOTH
@pytest.mark.promise("P46")
@pytest.mark.promise("P29")
def test_a_guest_whose_visits_are_over_goes_whole(studio: Studio) -> None:
    at_noon = clocked(studio, NOON)
    alice, bob = guest(at_noon), guest(clocked(studio, NOON + OVER - DAY))
    work(at_noon, alice)  # with a job that waits and a cell that is planned: both end with the rest
    pseudonym = studio.stores.usage.pseudonym(alice.subject_id)
    swept(clocked(studio, NOON + OVER))
    assert set(census(studio, alice.subject_id)) <= ALLOWED
    assert studio.stores.erasures.of(alice.subject_id) is not None
    for needle in (CANARY.encode(), PIXELS[:64], str(pseudonym).encode()):
        assert found_on_disk(studio.settings.data, needle) == []
    assert studio.stores.vault.blobs.names() == []
    with pytest.raises(KeyGone):
        studio.stores.keys.of(alice.subject_id)
    assert studio.stores.subjects.kind(bob.subject_id) == "guest"
    assert studio.stores.audit.broken() is None
    told = [one.action for one in studio.stores.audit.about(alice.subject_id)]
    assert "erasure.verified" not in told, "one entry tells of all guests, so that the log does not grow with each"


def test_who_comes_back_daily_keeps_what_is_younger(studio: Studio) -> None:
    first, second = clocked(studio, NOON), clocked(studio, NOON + timedelta(hours=20))
    alice, stores = guest(first), studio.stores
    me = alice.subject_id
    base, lonely, young = cell(1), cell(2), cell(3)
    book = notebook(first, alice, base, lonely)
    draw(first, alice)
    kept = stores.notebooks.get(me, book)
    made = replace(young, inputs={"image": Reference(base.id)}, draft=Draft(kind="image_to_image", prompt="hat"))
    document = replace(kept.document, cells=(*kept.document.cells, made))
    kept = stores.notebooks.save(me, book, kept.version, document, second.clock())
    picture = draw(second, alice, "a tortoise that stays")[0]
    stores.past_prompts.add(me, CANARY, "starter", first.clock())
    stores.past_prompts.add(me, "again and again", "starter", first.clock())
    stores.past_prompts.add(me, "again and again", "starter", second.clock())
    board = stores.boards.add(me, "Tortoises", first.clock())
    stores.boards.move(me, [picture], board.id)
    swept(clocked(studio, NOON + LATER))
    assert stores.gallery.some_of(me, 10) == (picture,)
    assert [past.text for _, past in stores.past_prompts.all(me)] == ["again and again"]
    assert [one.id for one in stores.boards.all(me)] == [board.id]
    left = stores.notebooks.get(me, book)
    assert [one.id for one in left.document.cells] == [base.id, young.id], "a hat is made from the first"
    assert left.version == kept.version + 1 and not left.can_undo
    again = replace(left.document, title="Still there")
    assert stores.notebooks.save(me, book, left.version, again, NOON + LATER).can_undo
    swept(clocked(studio, NOON + timedelta(hours=45)))
    assert stores.notebooks.get(me, book).document.cells == (), "it was renamed since: the title is younger"
    swept(clocked(studio, NOON + LATER + LATER + timedelta(hours=1)))
    with pytest.raises(Missing):
        stores.notebooks.get(me, book)


def test_what_is_still_to_be_drawn_is_let_end(studio: Studio) -> None:
    at_noon, stores = clocked(studio, NOON), studio.stores
    alice = guest(at_noon)
    upload = stores.inputs.add(alice.subject_id, "upload", (8, 8), {"full": PIXELS}, NOON)
    job = stores.jobs.enqueue(alice.subject_id, Draft(kind="upscale", image=upload.id), 1.0, NOON)
    for hours in (25, 26):
        swept(clocked(studio, NOON + timedelta(hours=hours)))
    assert stores.jobs.get(alice.subject_id, job.id).state == "queued"
    assert stores.inputs.has(alice.subject_id, upload.id)
    stores.jobs.cancel(alice.subject_id, job.id, NOON + timedelta(hours=27))
    swept(clocked(studio, NOON + timedelta(hours=28)))
    swept(clocked(studio, NOON + timedelta(hours=29)))
    assert content(studio, alice) == {}


def test_a_guest_goes_when_the_picture_in_the_making_has_ended(studio: Studio) -> None:
    at_noon, stores = clocked(studio, NOON), studio.stores
    alice, bob = guest(at_noon), guest(at_noon)
    job = stores.jobs.enqueue(alice.subject_id, Draft(prompt=CANARY), 1.0, NOON)
    assert stores.jobs.claim("one", NOON, DAY) is not None
    swept(clocked(studio, NOON + OVER))
    assert stores.erasures.of(alice.subject_id) is None and stores.subjects.kind(bob.subject_id) is None
    assert stores.jobs.renew("one", NOON + OVER, DAY) == (job.id,), "it is asked to end"
    assert stores.jobs.cancelled(job.id, "one", NOON + OVER)
    swept(clocked(studio, NOON + OVER + timedelta(hours=1)))
    assert set(census(studio, alice.subject_id)) <= ALLOWED


@pytest.mark.promise("P29")
def test_who_signed_up_meanwhile_keeps_everything(home: Home) -> None:
    studio, stores = home.studio, home.studio.stores
    visitor, waiting = home.guest(), home.guest()
    pictures = draw(studio, visitor, "a tortoise that stays")
    home.sign_up("alice", visitor)
    accounts.verify(studio, visitor, home.link())
    stores.subjects.set_kind(visitor.subject_id, "guest")  # as a crash in the middle of a sign-up leaves it
    book = notebooks.create(studio, Actor(visitor.subject_id, "user")).id
    home.clock.forward(days=60)
    swept(studio)
    assert stores.subjects.kind(visitor.subject_id) == "user" and stores.subjects.kind(waiting.subject_id) is None
    assert stores.gallery.some_of(visitor.subject_id, 10) == pictures
    assert stores.notebooks.get(visitor.subject_id, book)
    assert stores.erasures.of(visitor.subject_id) is None


@pytest.mark.promise("P76")
def test_a_privacy_request_is_answered_before_its_writer_is_forgotten(studio: Studio) -> None:
    at_noon, stores = clocked(studio, NOON), studio.stores
    alice, bob = guest(at_noon), guest(at_noon)
    ticket = stores.tickets.add(alice.subject_id, "privacy", "My data", "What do you hold?", NOON)
    stores.tickets.add(bob.subject_id, "question", "Hello", "Who are you?", NOON)
    draw(at_noon, alice)
    swept(clocked(studio, NOON + OVER))
    assert stores.subjects.kind(alice.subject_id) == "guest" and stores.subjects.kind(bob.subject_id) is None
    assert content(studio, alice) == {}
    stores.tickets.answer(alice.subject_id, ticket.id, "Nothing but this.", NOON + OVER)
    swept(clocked(studio, NOON + OVER + timedelta(hours=1)))
    assert stores.subjects.kind(alice.subject_id) is None


def test_a_dry_run_tells_it_and_changes_nothing(studio: Studio) -> None:
    at_noon = clocked(studio, NOON)
    alice, bob = guest(at_noon), guest(clocked(studio, NOON + 10 * DAY))
    for who, since in ((alice, at_noon), (bob, clocked(studio, NOON + 10 * DAY))):
        work(since, who)
    later = clocked(studio, NOON + OVER)
    before = {who: census(studio, who.subject_id) for who in (alice, bob)}
    told = swept(later, dry_run=True)
    assert told.lines[0] == f"erase guest {alice.subject_id[:8]}…"
    assert f"delete of guest {bob.subject_id[:8]}…: 1 pictures" in told.lines[1]
    assert told.deleted > 5
    assert {who: census(studio, who.subject_id) for who in (alice, bob)} == before


@pytest.mark.promise("P28")
@pytest.mark.parametrize("broken", list(leaving.STEPS))
def test_what_was_interrupted_goes_on_and_one_guest_keeps_no_other(
    studio: Studio, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_noon, later = clocked(studio, NOON), clocked(studio, NOON + OVER)
    people = [guest(at_noon) for _ in range(3)]
    for one in people:
        draw(at_noon, one)
    whole = leaving.STEPS[broken]

    def crash(studio: Studio, subject_id: str) -> dict[str, int]:
        if subject_id == people[1].subject_id:
            raise OSError("the disk is gone for a moment")
        return whole(studio, subject_id)

    name = "destroy_keys_quietly" if broken == "keys" else ""
    with monkeypatch.context() as patch:
        patch.setitem(leaving.STEPS, broken, crash)
        if name:
            patch.setattr(leaving, name, crash)
        if broken == "logs":
            patch.setattr(studio.stores.person.__class__, "flush", lambda *_: (_ for _ in ()).throw(OSError("full")))
        with pytest.raises(OSError):
            housekeeping.sweep(later)
    assert studio.stores.sweeps.ran_at("guests") is None
    housekeeping.sweep(clocked(studio, NOON + OVER + timedelta(minutes=1)))
    for one in people:
        assert set(census(studio, one.subject_id)) <= ALLOWED
        found = studio.stores.erasures.of(one.subject_id)
        assert found is not None and found.state == "done" and not found.asked


@ON_BOTH
@pytest.mark.promise("P28")
def test_a_restored_backup_brings_no_guest_back_and_tombstones_go_with_the_last_backup(
    studio: Studio, tmp_path: Path
) -> None:
    at_noon, over = clocked(studio, NOON), clocked(studio, NOON + OVER)
    alice, asking = guest(at_noon), guest(at_noon)
    draw(at_noon, alice)
    backing_up.backup(clocked(studio, NOON + OVER - DAY), tmp_path / "yesterday.pxb")
    receipt = leaving.erase_at_once(over, asking.subject_id).receipt
    swept(over)
    assert set(census(studio, alice.subject_id)) == ALLOWED - {"content.audit_entry"}
    week = clocked(studio, NOON + OVER + 7 * DAY)
    assert backing_up.restore(week, tmp_path / "yesterday.pxb")[1] == 2
    assert set(census(studio, alice.subject_id)) == ALLOWED - {"content.audit_entry"}
    with pytest.raises(Missing):
        leaving.receipt(studio, receipt)  # it was given after the backup
    swept(clocked(studio, week.clock() + 31 * DAY - timedelta(hours=1)))
    assert studio.stores.erasures.of(alice.subject_id) is not None
    rules = housekeeping.sweep(clocked(studio, week.clock() + 32 * DAY), force=True)
    assert next(one.deleted for one in rules if one.rule == "tombstones") == 2
    assert census(studio, alice.subject_id) == {}


@pytest.mark.promise("P46")
def test_who_asked_to_be_deleted_keeps_the_receipt(studio: Studio) -> None:
    at_noon = clocked(studio, NOON)
    alice = guest(at_noon)
    receipt = leaving.erase_at_once(at_noon, alice.subject_id).receipt
    housekeeping.sweep(clocked(studio, NOON + 400 * DAY))
    assert leaving.receipt(studio, receipt).state == "done"


def test_two_processes_erase_a_guest_once(studio: Studio) -> None:
    """The second finds the first at it, waits for nothing and breaks nothing."""
    at_noon, later = clocked(studio, NOON), clocked(studio, NOON + OVER)
    alice = guest(at_noon)
    draw(at_noon, alice)
    studio.stores.erasures.ask(alice.subject_id, later.clock(), later.clock(), asked=False)
    assert studio.stores.erasures.claim(alice.subject_id, later.clock())
    fresh = open_stores(studio.settings)
    try:
        other = replace(later, stores=fresh)
        guests.erase_gone(other, False)
        assert len(fresh.gallery.some_of(alice.subject_id, 10)) == 1, "it is the first one's to do"
        swept(replace(other, clock=lambda: later.clock() + timedelta(minutes=11)))
        assert set(census(studio, alice.subject_id)) <= ALLOWED
    finally:
        fresh.close()


def test_many_who_only_looked_in_go_in_batches(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guests, "BATCH", 3)
    at_noon = clocked(studio, NOON)
    people = [guest(at_noon) for _ in range(8)]
    told = swept(clocked(studio, NOON + OVER))
    assert told.deleted == 8
    assert all(studio.stores.subjects.kind(one.subject_id) is None for one in people)


def test_a_notebook_in_daily_use_forgets_its_old_steps_runs_and_grids(studio: Studio) -> None:
    alice, stores, noon = guest(clocked(studio, NOON)), studio.stores, NOON
    me, fox = alice.subject_id, cell(1)
    kept = stores.notebooks.get(me, notebook(clocked(studio, noon), alice, fox))
    asked = Draft(prompt=CANARY, seed=1)
    _, jobs = stores.series.start(
        me,
        "prompts",
        {"size": 1, "template": CANARY},
        lambda: [stores.notebooks.run(me, kept.id, fox.id, asked, lambda: stores.jobs.enqueue(me, asked, 1.0, noon))],
        noon,
    )
    stores.jobs._rows.delete().where(stores.jobs._rows.id == jobs[0].id).execute()  # as it went before series did
    for hours, title in ((1, "One"), (20, "Two"), (21, "Three")):
        document = replace(kept.document, title=title, cells=(replace(fox, text="", draft=replace(asked, seed=hours)),))
        kept = stores.notebooks.save(me, kept.id, kept.version, document, noon + timedelta(hours=hours))
    swept(clocked(studio, noon + timedelta(hours=26)))
    now = noon + timedelta(hours=26)
    two = stores.notebooks.undo(me, kept.id, kept.version, now)
    one = stores.notebooks.undo(me, kept.id, two.version, now)
    assert (one.document.title, one.can_undo, one.can_redo) == ("One", False, True)
    left = content(studio, alice)
    assert left == {"notebook": 1, "notebook_cell": 1, "notebook_change": 2}
    swept(clocked(studio, noon + timedelta(hours=44, minutes=30)))  # the first of what could be done again is too old
    assert "notebook_change" not in content(studio, alice)
    again = stores.notebooks.redo(me, kept.id, one.version, now)
    assert again.document.title == "One", "nothing is left to be done again, and nothing breaks"

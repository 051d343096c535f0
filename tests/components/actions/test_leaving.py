"""Deleting an account: nothing of it is left in any file, row, log or cache, and nothing of others goes with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from components.actions import leaving, taking_out
from components.studio import Studio
from policies import data_map
from policies.actor import Actor
from policies.verdict import Refused
from store.db import open_stores
from store.keys import KeyGone
from store.vault import Missing
from tests.components.actions.people import CANARY, PIXELS, clocked, draw, live_a_little
from tests.conftest import NOON, ON_BOTH

# What may still name an erased number, and how many rows of it: everything else is zero.
ALLOWED = {"content.erasure", "content.audit_entry", "keys.data_key"}


def census(studio: Studio, subject_id: str) -> dict[str, int]:
    """Rows that name this number, in every table that has a column for one. Read past the map of data."""
    found = {}
    for name, database in zip(("content", "keys", "identity"), studio.stores.databases, strict=True):
        for table in database.get_tables():
            for column in database.get_columns(table):
                query = f'SELECT COUNT(*) FROM "{table}" WHERE CAST("{column.name}" AS TEXT) = {database.param}'
                count = database.execute_sql(query, (subject_id,)).fetchone()[0]
                if count:
                    found[f"{name}.{table}"] = found.get(f"{name}.{table}", 0) + count
    return found


def found_on_disk(folder: Path, needle: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and needle in path.read_bytes()]


@ON_BOTH
@pytest.mark.promise("P46")
@pytest.mark.promise("P29")
@pytest.mark.promise("P21")
def test_after_a_deletion_nothing_is_left_anywhere(studio: Studio, alice: Actor, bob: Actor) -> None:
    live_a_little(studio, alice)
    kept = draw(studio, bob, "a tortoise that stays")
    taking_out.ask(studio, alice)
    while taking_out.pack_next(studio):
        pass
    pseudonym = studio.stores.usage.pseudonym(alice.subject_id)
    blobs = set(studio.stores.vault.blobs.names()) | set(studio.stores.takeouts.blobs.names())
    erasure = leaving.ask(studio, alice, 0)
    assert leaving.run_due(studio) == 1
    done = leaving.receipt(studio, erasure.receipt)
    assert done.state == "done" and done.verified_at is not None
    assert done.found["pictures"] == 2 and done.found["downloads"] == 1 and done.found["jobs_stopped"] == 1
    assert set(census(studio, alice.subject_id)) == ALLOWED
    for needle in (CANARY.encode(), PIXELS[:64], str(pseudonym).encode()):
        assert found_on_disk(studio.settings.data, needle) == []
    left = set(studio.stores.vault.blobs.names()) | set(studio.stores.takeouts.blobs.names())
    assert left < blobs and len(left) == 4, "bob's picture in its four sizes"
    with pytest.raises(KeyGone):
        studio.stores.keys.of(alice.subject_id)
    # What it leaves alone.
    assert studio.stores.gallery.bytes(bob.subject_id, kept[0], "full") == PIXELS
    assert studio.stores.audit.broken() is None


@pytest.mark.promise("P46")
def test_every_table_with_somebodys_rows_was_part_of_the_test(studio: Studio, alice: Actor) -> None:
    """The canary test means something only while it fills what an erasure must empty."""
    live_a_little(studio, alice)
    count = studio.stores.person.count_in
    filled = {table.id for table in data_map.TABLES if table.owner and count(table, alice.subject_id)}
    wanted = {"content.usage_event", "content.preference", "content.past_prompt", "content.activity"}
    wanted |= {"content.discarded", "content.image", "content.job", "content.input", "content.ticket"}
    wanted |= {"content.choice", "content.notice", "content.consent", "content.share"}
    wanted |= {"content.board", "content.tag", "content.image_tag", "content.style"}
    assert wanted <= filled


@pytest.mark.promise("P46")
@pytest.mark.parametrize("broken", list(leaving.STEPS))
def test_an_interrupted_deletion_goes_on_where_it_stopped(
    studio: Studio, alice: Actor, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_a_little(studio, alice)
    erasure = leaving.ask(studio, alice, 0)

    def crash(*_: object) -> dict[str, int]:
        raise OSError("the disk is gone for a moment")

    with monkeypatch.context() as patch:
        patch.setitem(leaving.STEPS, broken, crash)
        assert leaving.run_due(studio) == 0
        assert leaving.receipt(studio, erasure.receipt).verified_at is None
    assert leaving.run_due(studio) == 1
    assert leaving.receipt(studio, erasure.receipt).verified_at is not None
    assert set(census(studio, alice.subject_id)) == ALLOWED


@pytest.mark.promise("P46")
def test_it_is_verified_only_when_nothing_is_found_again(
    studio: Studio, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_a_little(studio, alice)
    erasure = leaving.ask(studio, alice, 0)
    monkeypatch.setitem(leaving.STEPS, "rows", lambda *_: {})
    assert leaving.run_due(studio) == 0
    assert leaving.receipt(studio, erasure.receipt).verified_at is None


@pytest.mark.promise("P46")
def test_there_are_up_to_seven_days_to_change_ones_mind(studio: Studio, alice: Actor) -> None:
    at_noon = clocked(studio, NOON)
    pictures = draw(at_noon, alice)
    for days in (-1, 8):
        with pytest.raises(Refused, match="from 0 to 7"):
            leaving.ask(at_noon, alice, days)
    leaving.ask(at_noon, alice, 7)
    assert leaving.run_due(clocked(studio, NOON + timedelta(days=6, hours=23))) == 0
    leaving.cancel(at_noon, alice)
    assert leaving.run_due(clocked(studio, NOON + timedelta(days=30))) == 0
    assert studio.stores.gallery.get(alice.subject_id, pictures[0])
    leaving.ask(at_noon, alice, 7)
    assert leaving.run_due(clocked(studio, NOON + timedelta(days=7))) == 1
    with pytest.raises(Missing):
        leaving.cancel(at_noon, alice)


@pytest.mark.promise("P46")
def test_two_processes_never_run_one_deletion(studio: Studio, alice: Actor) -> None:
    leaving.ask(studio, alice, 0)
    assert studio.stores.erasures.claim(alice.subject_id, studio.clock())
    assert not leaving.run(studio, alice.subject_id)


@pytest.mark.promise("P56")
def test_a_childs_account_goes_at_once(studio: Studio, alice: Actor) -> None:
    live_a_little(studio, alice)
    done = leaving.erase_at_once(studio, alice.subject_id)
    assert done.verified_at is not None and (done.verified_at - done.requested_at) < timedelta(seconds=60)
    assert set(census(studio, alice.subject_id)) == ALLOWED
    with pytest.raises(KeyGone):
        studio.stores.keys.of(alice.subject_id)


@pytest.mark.promise("P46")
def test_the_owner_of_a_personal_studio_can_leave_and_begin_anew(studio: Studio) -> None:
    owner = studio.owner
    live_a_little(studio, owner)
    leaving.ask(studio, owner, 0)
    assert leaving.run_due(studio) == 1
    assert studio.owner.subject_id != owner.subject_id
    assert draw(studio, studio.owner, "a fresh start")


@pytest.mark.promise("P28")
def test_nothing_a_dead_process_left_is_forgotten(studio: Studio, alice: Actor) -> None:
    """A process that died in the middle holds a lease; when it ends, another goes on."""
    live_a_little(studio, alice)
    leaving.ask(studio, alice, 0)
    studio.stores.erasures.claim(alice.subject_id, studio.clock())
    fresh = open_stores(studio.settings)
    try:
        later = clocked(replace(studio, stores=fresh), studio.clock() + timedelta(minutes=11))
        assert leaving.run_due(later) == 1
    finally:
        fresh.close()

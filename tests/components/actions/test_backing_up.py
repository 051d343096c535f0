"""Backups come back whole, open for 30 days, hold no key, and never bring back who left."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import app
from components.actions import backing_up, leaving, signing_in
from components.studio import Studio
from policies.actor import NOBODY, Actor
from policies.verdict import Refused
from store.backups import BadBackup
from store.vault import Missing
from tests.components.actions.conftest import LAPTOP, PASSWORD, Home
from tests.components.actions.people import CANARY, PIXELS, clocked, draw, live_a_little
from tests.components.actions.test_leaving import ALLOWED, census, found_on_disk
from tests.conftest import NOON, ON_BOTH


@ON_BOTH
@pytest.mark.promise("P28")
def test_a_restore_brings_everything_back_but_who_left(
    studio: Studio, alice: Actor, bob: Actor, tmp_path: Path
) -> None:
    live_a_little(studio, alice)
    kept = draw(studio, bob, "a tortoise that stays")
    file = tmp_path / "yesterday.pxb"
    backing_up.backup(studio, file)
    leaving.ask(studio, alice, 0)
    leaving.run_due(studio)
    draw(studio, bob, "made after the backup")
    made, gone = backing_up.restore(studio, file)
    assert gone == 1 and len(made.files) > 4
    assert studio.stores.gallery.bytes(bob.subject_id, kept[0], "full") == PIXELS
    assert len(studio.stores.gallery.some_of(bob.subject_id, 10)) == 1
    assert set(census(studio, alice.subject_id)) <= ALLOWED
    assert studio.stores.gallery.some_of(alice.subject_id, 10) == ()
    assert found_on_disk(studio.settings.data, CANARY.encode()) == []
    restored = {name.removeprefix("blobs/") for name in made.files}
    left = [name for name in studio.stores.vault.blobs.names() if name in restored]
    assert len(left) == 4, "alice's sealed files went again"


@ON_BOTH
@pytest.mark.promise("P28")
@pytest.mark.promise("P46")
def test_an_account_that_was_deleted_stays_gone_after_yesterdays_backup(home: Home, tmp_path: Path) -> None:
    """Nobody signs in, the name and the address are free, and no count of rows finds anything."""
    studio, alice = home.studio, home.join("alice")
    home.join("bob")
    live_a_little(studio, alice)
    backing_up.backup(studio, tmp_path / "yesterday.pxb")
    home.clock.forward(days=1)
    leaving.erase_at_once(studio, alice.subject_id)
    assert backing_up.restore(studio, tmp_path / "yesterday.pxb")[1] == 1
    assert studio.stores.accounts.named("alice") is None
    assert studio.stores.accounts.of_email("alice@example.org") is None
    with pytest.raises(Refused):
        signing_in.sign_in(studio, "alice", PASSWORD, LAPTOP)
    assert set(census(studio, alice.subject_id)) <= ALLOWED
    assert home.enter("bob"), "whoever stayed is there"
    assert home.join("alice").subject_id != alice.subject_id


def test_a_session_that_was_ended_does_not_come_back(home: Home, tmp_path: Path) -> None:
    home.join("alice")
    token, session = home.enter("alice")
    backing_up.backup(home.studio, tmp_path / "yesterday.pxb")
    signing_in.sign_out(home.studio, session)
    backing_up.restore(home.studio, tmp_path / "yesterday.pxb")
    assert signing_in.recognise(home.studio, token) == (NOBODY, None)
    assert home.enter("alice")


@pytest.mark.promise("P28")
def test_a_restore_that_was_cut_off_is_ended_before_anything_is_served(home: Home, tmp_path: Path) -> None:
    studio, alice = home.studio, home.join("alice")
    live_a_little(studio, alice)
    backing_up.backup(studio, tmp_path / "yesterday.pxb")
    leaving.erase_at_once(studio, alice.subject_id)
    assert leaving.replay_interrupted(studio) == 0
    studio.stores.backups.put_back(tmp_path / "yesterday.pxb", home.clock())  # and then the machine went off
    assert len(studio.stores.accounts.all_ids()) == 1
    with TestClient(app.build(studio)):
        assert studio.stores.accounts.all_ids() == ()
        assert set(census(studio, alice.subject_id)) <= ALLOWED


@pytest.mark.promise("P28")
def test_on_day_31_nothing_opens_it(studio: Studio, bob: Actor, tmp_path: Path) -> None:
    at_noon = clocked(studio, NOON)
    draw(at_noon, bob)
    file = tmp_path / "old.pxb"
    backing_up.backup(at_noon, file)
    assert backing_up.verify(clocked(studio, NOON + timedelta(days=29)), file)
    day_31 = clocked(studio, NOON + timedelta(days=31))
    with pytest.raises(BadBackup, match="expired"):
        backing_up.verify(day_31, file)
    assert studio.stores.backups.expire(day_31.clock()) == 1
    with pytest.raises(BadBackup, match="its key is not here"):
        backing_up.verify(at_noon, file)  # not even with a clock that lies


@pytest.mark.promise("P28")
@pytest.mark.promise("P21")
def test_no_key_and_nothing_readable_is_inside(studio: Studio, alice: Actor, tmp_path: Path) -> None:
    live_a_little(studio, alice)
    file = tmp_path / "backup.pxb"
    backing_up.backup(studio, file)
    assert CANARY.encode() not in file.read_bytes()
    inside = tmp_path / "inside"
    inside.mkdir()
    made = studio.stores.backups.unpack(file, inside, studio.clock())
    assert {name for name in made.files if not name.startswith("blobs/")} == {"content.db", "identity.db"}
    ring = (studio.settings.data / "keyring.json").read_bytes()
    wrapped = [bytes(row[0]) for row in studio.stores.databases[1].execute_sql("SELECT wrapped FROM data_key")]
    for path in inside.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert ring not in data and CANARY.encode() not in data
            assert not [key for key in wrapped if key and key in data]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 0.999), cut=st.booleans())
def test_a_changed_byte_or_a_missing_end_is_noticed_before_anything_is_touched(
    studio: Studio, tmp_path: Path, place: float, cut: bool
) -> None:
    owner = studio.owner
    if not studio.stores.gallery.some_of(owner.subject_id, 1):
        draw(studio, owner)
    file = tmp_path / "backup.pxb"
    backing_up.backup(studio, file)
    data = bytearray(file.read_bytes())
    at = int(place * len(data))
    if cut:
        data = data[:at]
    else:
        data[at] ^= 1
    file.write_bytes(bytes(data))
    before = studio.stores.gallery.some_of(owner.subject_id, 10)
    with pytest.raises(BadBackup):
        backing_up.restore(studio, file)
    assert studio.stores.gallery.some_of(owner.subject_id, 10) == before


def test_another_studios_backup_is_refused_by_name(studio: Studio, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a backup")
    with pytest.raises(BadBackup, match="notes.txt: this is no backup"):
        backing_up.verify(studio, file)
    with pytest.raises((FileNotFoundError, Missing)):
        backing_up.verify(studio, tmp_path / "nothing.pxb")

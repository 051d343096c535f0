"""The download: everything, in formats that people and programs read, with proof that nothing is missing."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from jsonschema import Draft202012Validator

from components.actions import taking_out
from components.studio import Studio
from policies import data_map
from policies.actor import Actor
from store import takeouts
from store.vault import Missing
from tests.components.actions.people import CANARY, PIXELS, clocked, draw, live_a_little
from tests.conftest import NOON


def packed(studio: Studio, actor: Actor) -> tuple[takeouts.Takeout, zipfile.ZipFile]:
    asked = taking_out.ask(studio, actor)
    while taking_out.pack_next(studio):
        pass
    export = taking_out.ready(studio, actor, asked.id)
    return export, zipfile.ZipFile(io.BytesIO(b"".join(studio.stores.takeouts.read(export))))


@pytest.mark.promise("P45")
def test_everything_is_inside_and_every_hash_matches(studio: Studio, alice: Actor) -> None:
    live_a_little(studio, alice)
    export, archive = packed(studio, alice)
    manifest = json.loads(archive.read("manifest.json"))
    inside = {name for name in archive.namelist() if name != "manifest.json"}
    assert set(manifest["files"]) == inside
    for name, facts in manifest["files"].items():
        data = archive.read(name)
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (facts["sha256"], facts["bytes"])
    originals = [name for name in inside if name.startswith("images/") and not name.endswith("as-drawn.png")]
    assert [archive.read(name) for name in originals] == [PIXELS]
    assert hashlib.sha256(b"".join(studio.stores.takeouts.read(export))).hexdigest() == export.digest


@pytest.mark.promise("P50")
@pytest.mark.promise("P78")
def test_the_data_is_what_its_schema_says(studio: Studio, alice: Actor) -> None:
    live_a_little(studio, alice)
    _, archive = packed(studio, alice)
    data, schema = json.loads(archive.read("data.json")), json.loads(archive.read("schema.json"))
    Draft202012Validator(schema).validate(data)
    assert data["content.image"][0]["draft"]["prompt"] == f"a {CANARY}"
    assert data["content.choice"][0]["purpose"] == "model_improvement"
    assert data["content.choice"][0]["locale"] == "en"


@pytest.mark.promise("P11")
def test_messages_to_us_are_in_it(studio: Studio, alice: Actor) -> None:
    live_a_little(studio, alice)
    _, archive = packed(studio, alice)
    ticket = json.loads(archive.read("data.json"))["content.ticket"][0]
    assert ticket["message"][0]["text"] == f"Where is my {CANARY}?"


@pytest.mark.promise("P50")
def test_the_tables_open_in_a_spreadsheet_and_run_nothing_there(studio: Studio, alice: Actor) -> None:
    draw(studio, alice)
    studio.stores.past_prompts.add(alice.subject_id, "plain", "starter", studio.clock())
    _, archive = packed(studio, alice)
    for table in data_map.TABLES:
        if table.owner and table.export:
            rows = list(csv.reader(io.StringIO(archive.read(f"csv/{table.id}.csv").decode())))
            assert rows[0] == [column.name for column in table.columns if column.shown]
    assert taking_out.harmless("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert taking_out.harmless("a fox") == "a fox"


@pytest.mark.promise("P45")
def test_an_interrupted_download_goes_on_where_it_stopped(
    studio: Studio, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeouts, "PIECE", 700)
    draw(studio, alice, count=3)
    asked = taking_out.ask(studio, alice)
    taking_out.pack_next(studio)
    export = taking_out.ready(studio, alice, asked.id)
    whole = b"".join(studio.stores.takeouts.read(export))
    assert export.pieces > 3 and len(whole) == export.size_bytes
    for start, end in ((0, 1), (699, 701), (700, 1400), (1, export.size_bytes), (export.size_bytes - 1, None)):
        assert b"".join(studio.stores.takeouts.read(export, start, end)) == whole[start:end]


@pytest.mark.promise("P45")
def test_what_a_dead_process_began_is_packed_anew(studio: Studio, alice: Actor) -> None:
    draw(studio, alice)
    asked = taking_out.ask(studio, alice)
    studio.stores.takeouts.claim(studio.clock())
    assert taking_out.pack_next(studio) is None, "another is at it"
    later = clocked(studio, studio.clock() + timedelta(hours=1))
    assert taking_out.pack_next(later) is not None
    assert taking_out.ready(later, alice, asked.id).state == "ready"


@pytest.mark.promise("P45")
def test_the_link_lasts_seven_days_and_is_nobody_elses(studio: Studio, alice: Actor, bob: Actor) -> None:
    at_noon = clocked(studio, NOON)
    draw(at_noon, alice)
    export, _ = packed(at_noon, alice)
    with pytest.raises(Missing):
        taking_out.ready(at_noon, bob, export.id)
    assert taking_out.ready(clocked(studio, NOON + timedelta(days=6, hours=23)), alice, export.id)
    after = clocked(studio, NOON + timedelta(days=7))
    with pytest.raises(Missing):
        taking_out.ready(after, alice, export.id)
    assert studio.stores.takeouts.drop_expired(after.clock()) == 1
    assert studio.stores.takeouts.blobs.names() == []


@pytest.mark.promise("P21")
def test_a_packed_download_is_sealed_on_disk(studio: Studio, alice: Actor) -> None:
    live_a_little(studio, alice)
    packed(studio, alice)
    for path in studio.settings.data.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert CANARY.encode() not in data and PIXELS[:64] not in data and b"PK\x03\x04" not in data[:4]


def test_a_long_packing_is_not_taken_over(studio: Studio, alice: Actor) -> None:
    """Hours in it, another process looks for work: its pieces would lie over these."""
    stores, hours = studio.stores, [0]
    asked = taking_out.ask(studio, alice)

    def clock() -> datetime:
        return NOON + timedelta(hours=hours[0])

    def slowly() -> Iterator[bytes]:
        for _ in range(3):
            hours[0] += 1
            yield bytes(takeouts.PIECE)
            assert stores.takeouts.claim(clock() + timedelta(minutes=1)) is None

    export = stores.takeouts.claim(NOON)
    assert export is not None and export.id == asked.id
    done = stores.takeouts.fill(export, slowly(), clock)
    assert done.expires_at == clock() + timedelta(days=7)

"""A PostgreSQL server in place of files: who may read what, what travels, what lies on its disk, and backups."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from pydantic import ValidationError

from policies.draft import Draft
from store.accounts import Profile
from store.db import Stores, open_stores, versions
from store.gallery import NewImage
from store.postgres import MOST_CONNECTIONS, Postgres
from store.sessions import Device
from store.settings import Settings, SettingsError
from tests.conftest import NOON
from tests.postgres import Server

CANARY = "kanarienvogel-7731"


@pytest.fixture
def backend() -> str:
    return "postgresql"


@pytest.mark.promise("P21")
def test_nothing_a_person_typed_is_readable_on_the_servers_disk(
    stores: Stores, speck: NewImage, postgres: Server
) -> None:
    """Its log of writes included. What is no secret is found: the search looks in the right place."""
    me = stores.subjects.owner(NOON)
    stores.preferences.write(me, {"note": CANARY})
    stores.notices.add(me, "mailed", {"what": "wellensittich"}, NOON)
    stores.jobs.enqueue(me, Draft(prompt=CANARY), 1.0, NOON)
    with psycopg.connect(postgres.dsn("postgres", "postgres"), autocommit=True) as admin:
        admin.execute("CHECKPOINT")
    written = [path.read_bytes() for path in postgres.folder.rglob("*") if path.is_file()]
    assert any(b"wellensittich" in text for text in written)
    assert not any(CANARY.encode() in text for text in written)


@pytest.mark.promise("P24")
def test_the_role_of_pictures_cannot_read_names_nor_the_other_way_round(stores: Stores, postgres: Server) -> None:
    content, _, identity = (psycopg.conninfo.conninfo_to_dict(one.database) for one in stores.databases)
    for place, role in ((identity, content), (content, identity)):
        table = "account" if place is identity else "image"
        with psycopg.connect(postgres.dsn(str(place["dbname"]), str(role["user"]))) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM {table}")


@pytest.mark.promise("P24")
def test_a_role_that_reads_both_is_refused_by_name(stores: Stores, settings: Settings, postgres: Server) -> None:
    content = stores.databases[0]
    stores.close()
    with psycopg.connect(content.database) as owner:
        owner.execute("GRANT SELECT ON image TO identity")
    try:
        with pytest.raises(SettingsError, match="PIXCOSMOS_IDENTITY_DSN: the role 'identity' can read 1 tables of the"):
            open_stores(settings)
    finally:
        with psycopg.connect(content.database) as owner:
            owner.execute("REVOKE SELECT ON image FROM identity")
    open_stores(settings).close()


@pytest.mark.promise("P20")
@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        ("postgresql://me:secret-7@db.example/pictures", "verify-full or verify-ca for a database on another machine"),
        ("postgresql://me:secret-7@db.example/pictures?sslmode=require", "verify-full or verify-ca"),
        ("postgresql://me:secret-7@localhost,db.example/pictures", "verify-full or verify-ca"),
        ("postgresql://me:secret-7@localhost/pictures?hostaddr=192.0.2.7", "verify-full or verify-ca"),
        ("postgresql://localhost", "with a role, a host and the name of a database"),
        ("mysql://me:secret-7@localhost/pictures", "postgresql:// with a role"),
    ],
)
def test_a_database_that_would_be_reached_in_plain_text_is_refused(tmp_path: Path, dsn: str, expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        Settings(data=tmp_path, content_dsn=dsn)


def test_a_remote_database_with_tls_is_taken(tmp_path: Path) -> None:
    Settings(data=tmp_path, content_dsn="postgresql://me@db.example/pictures?sslmode=verify-full")


def test_no_two_share_a_database_and_names_have_a_role_of_their_own(tmp_path: Path) -> None:
    one = "postgresql://me@localhost/pictures"
    with pytest.raises(ValidationError, match="PIXCOSMOS_KEYS_DSN: the database 'pictures' is also"):
        Settings(data=tmp_path, content_dsn=one, keys_dsn="postgresql://other@localhost/pictures")
    with pytest.raises(ValidationError, match="PIXCOSMOS_IDENTITY_DSN: the role 'me' is also that of"):
        Settings(data=tmp_path, content_dsn=one, identity_dsn="postgresql://me@localhost/people")


def test_more_threads_than_connections_wait_for_their_turn(stores: Stores) -> None:
    """And they write one after the other: each entry of the audit log goes on from the one that it read."""
    add = stores.audit.add
    threads = [threading.Thread(target=add, args=(NOON, "system", "backup.made")) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stores.audit.head()[0] == 60
    assert stores.audit.broken() is None
    content = stores.databases[0]
    assert isinstance(content, Postgres)
    assert len(content._connections) <= MOST_CONNECTIONS
    assert not content._in_use


def test_a_server_that_was_restarted_is_reached_again(stores: Stores, postgres: Server) -> None:
    me = stores.subjects.owner(NOON)
    threads = [threading.Thread(target=stores.preferences.write, args=(me, {"n": n})) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with psycopg.connect(postgres.dsn("postgres", "postgres"), autocommit=True) as admin:
        waiting = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE usename = 'content'"
        assert admin.execute(waiting).fetchone() >= (1,)  # type: ignore[operator]
    stores.preferences.write(me, {"n": 9})
    assert stores.preferences.read(me) == {"n": 9}


def test_a_backup_of_a_server_comes_back_on_a_server_and_in_files(
    stores: Stores, speck: NewImage, tmp_path: Path
) -> None:
    me = stores.subjects.owner(NOON)
    job = stores.jobs.enqueue(me, Draft(prompt="a fox"), 1.0, NOON)
    stores.jobs.claim("test", NOON, timedelta(minutes=1))
    stores.jobs.finish(job.id, "test", [speck], 1.0, NOON)
    stores.checks.log("a" * 64, "explicit", 0.9, "held", NOON)
    made = stores.backups.write(tmp_path / "monday.pxb", NOON)
    (image,) = stores.gallery.of_job(me, job.id)
    stores.gallery.delete(me, [image.id])
    stores.checks.log("b" * 64, "explicit", 0.9, "held", NOON)
    assert stores.backups.put_back(tmp_path / "monday.pxb", NOON).files == made.files
    assert stores.gallery.bytes(me, image.id, "full") == b"full"
    stores.checks.log("c" * 64, "explicit", 0.9, "held", NOON)  # its number is given out by the server
    assert [entry[0][0] for entry in stores.checks.logged()] == ["a", "c"]

    moved = tmp_path / "moved"
    moved.mkdir()
    stores.databases[1].copy_out(moved / "keys.db")
    (moved / "keyring.json").write_bytes((tmp_path / "data" / "keyring.json").read_bytes())
    files = open_stores(Settings(data=moved))
    files.backups.put_back(tmp_path / "monday.pxb", NOON)
    assert files.gallery.bytes(me, image.id, "full") == b"full"
    assert files.jobs.get(me, job.id).draft.prompt == "a fox"
    files.close()


def test_a_home_moves_from_files_to_a_server_by_its_backup(settings: Settings, tmp_path: Path) -> None:
    """Its keys stay a file. Truth values are numbers in one and not in the other."""
    files = open_stores(Settings(data=settings.data))
    me = files.subjects.owner(NOON)
    profile = Profile(name="Ada", email="ada@example.org", username="ada_l")
    account = files.accounts.add(me, profile, "no hash", "en", NOON)
    files.accounts.set_switch(account.id, "news", True)
    files.sessions.start(account.id, Device("Firefox"), NOON, second_factor=True)
    for _ in range(3):
        files.audit.add(NOON, "system", "backup.made")
    files.backups.write(tmp_path / "monday.pxb", NOON)
    files.close()
    moved = open_stores(settings.model_copy(update={"keys_dsn": None}))
    assert moved.accounts.all_ids() == ()
    moved.backups.put_back(tmp_path / "monday.pxb", NOON)
    assert moved.accounts.of_email("ADA@example.org") == account
    assert moved.accounts.switches(account.id) == {"news": True}
    [session] = moved.sessions.of_account(account.id, NOON)
    assert (session.second_factor, session.device.browser) == (True, "Firefox")
    assert (moved.audit.head()[0], moved.audit.broken()) == (3, None)
    moved.close()


def test_the_doctor_names_both(settings: Settings) -> None:
    fine, said = versions(settings)
    assert fine
    assert "SQLite 3." in said
    assert "PostgreSQL 1" in said

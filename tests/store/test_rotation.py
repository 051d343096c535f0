"""A new master key: everything opens as before, the old one opens nothing and lies nowhere, whenever it was killed."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from store.accounts import Profile
from store.db import Stores, open_stores
from store.keys import KeyGone, KeyRing
from store.lock import Locked
from store.models import key_tables
from store.outbox import Mail
from store.settings import Settings
from tests.conftest import NOON, ON_FILES, environment

ADA, GONE = "a" * 32, "b" * 32
MAIL = Mail("ada@example.org", "Hello", "A letter that waits.")


@dataclass(frozen=True)
class Before:
    """What must be the same after a rotation, and what must be gone."""

    settings: Settings
    account_id: str
    backup: Path
    ring: KeyRing
    wrapped: tuple[bytes, ...]


@pytest.fixture
def before(settings: Settings, tmp_path: Path) -> Iterator[Before]:
    stores = open_stores(settings)
    for name in (ADA, GONE):
        stores.vault.put(name, f"picture of {name}", "full", b"pixels")
    stores.keys.destroy(GONE)
    profile = Profile(name="Ada", email="Ada@example.org", username="ada_l")
    account = stores.accounts.add(ADA, profile, "no hash", "en", NOON)
    stores.outbox.add("hello", "news", MAIL, NOON, account.id)
    stores.attempts.fail("ada@example.org", NOON)
    stores.backups.write(tmp_path / "monday.pxb", NOON)
    table = key_tables(stores.databases[1]).DataKey
    wrapped = tuple(bytes(row.wrapped) for row in table.select().where(table.subject_id == ADA))
    ring = stores.keys.ring
    stores.close()
    yield Before(settings, account.id, tmp_path / "monday.pxb", ring, wrapped)


def everything_opens(stores: Stores, before: Before) -> None:
    assert stores.vault.get(ADA, f"picture of {ADA}", "full") == b"pixels"
    with pytest.raises(KeyGone):
        stores.vault.get(GONE, f"picture of {GONE}", "full")
    found = stores.accounts.of_email("ada@EXAMPLE.org")
    assert found is not None and found.id == before.account_id and found.name == "Ada"
    assert stores.backups.verify(before.backup, NOON).files
    with pytest.raises(Exception, match="username: is taken"):
        stores.accounts.add("c" * 32, Profile(name="", email="x@y.org", username="ADA_L"), "", "", NOON)


def test_everything_opens_under_the_new_key_and_nothing_under_the_old(before: Before) -> None:
    stores = open_stores(before.settings, alone=True)
    done = stores.rotation.run()
    assert (done.version, done.resumed, done.keys, done.accounts, done.letters) == (2, False, 6, 1, 1)
    assert list(stores.keys.ring.keys) == [2]
    assert stores.keys.ring.keys[2] != before.ring.keys[1]
    everything_opens(stores, before)
    letter = stores.outbox.claim(NOON)
    assert letter is not None and letter.mail == MAIL
    assert stores.attempts.locked_until("ada@example.org", NOON) is None
    stores.close()
    again = open_stores(before.settings)  # another process reads the same ring
    everything_opens(again, before)
    assert stores.keys.ring.link_keys()[1] == before.ring.link_keys()[0], "links in old mail still work"
    assert again.keys.ring.link_keys() == stores.keys.ring.link_keys()
    again.close()


CHILD = """
import os, sys
from store import files, keys
from store.db import open_stores
from store.settings import Settings
stores, point = open_stores(Settings.load(), alone=True), sys.argv[1]
def die(*_, **__): os.kill(os.getpid(), 9)
def dies_later(what, times):
    def count(*values, **named):
        nonlocal times
        times -= 1
        return what(*values, **named) if times else die()
    return count
keys.AT_ONCE = 1
if point == "writing the new ring": files.os.replace = die
if point == "with the new ring": keys.Keys.wrap_anew = die
if point == "among the keys": keys.Keys.wrap = dies_later(keys.Keys.wrap, 2)
if point == "before the accounts": type(stores.accounts).index_anew = die
if point == "before the letters": type(stores.outbox).seal_anew = die
if point == "writing the last ring": files.os.replace = dies_later(os.replace, 2)
stores.rotation.run()
die()
"""
POINTS = ("writing the new ring", "with the new ring", "among the keys", "before the accounts", "before the letters")


@pytest.mark.parametrize(
    ("backend", "point"),
    [*(("sqlite", point) for point in (*POINTS, "writing the last ring", "at the end")), ("postgresql", POINTS[2])],
    indirect=["backend"],
)
def test_a_kill_at_any_point_leaves_a_studio_that_works_and_a_rotation_that_goes_on(
    before: Before, point: str
) -> None:
    root = Path(__file__).parents[2]
    env = os.environ | environment(before.settings) | {"PYTHONPATH": str(root)}
    assert subprocess.run([sys.executable, "-c", CHILD, point], cwd=root, env=env).returncode == -signal.SIGKILL
    if point == "at the end":
        the_old_key_is_nowhere(before)

    between = open_stores(before.settings)
    everything_opens(between, before)
    between.vault.put(ADA, "made between", "full", b"more")
    between.close()

    stores = open_stores(before.settings, alone=True)
    begun = len(stores.keys.ring.keys) > 1
    assert begun == (point not in ("writing the new ring", "at the end"))
    if point != "at the end":
        assert stores.rotation.run().resumed == begun
    assert list(stores.keys.ring.keys) == [2]
    everything_opens(stores, before)
    assert stores.vault.get(ADA, "made between", "full") == b"more"
    letter = stores.outbox.claim(NOON)
    assert letter is not None and letter.mail == MAIL
    stores.close()
    the_old_key_is_nowhere(before)


def the_old_key_is_nowhere(before: Before) -> None:
    """Neither in a file that was cut off, nor in a log of a database."""
    secret = base64.b64encode(before.ring.keys[1])
    for path in (one for one in before.settings.data.rglob("*") if one.is_file()):
        held = path.read_bytes()
        assert secret not in held, path
        assert not any(wrapped in held for wrapped in before.wrapped), path


@ON_FILES
def test_a_key_that_does_not_open_stops_it_and_the_old_one_stays(before: Before) -> None:
    stores = open_stores(before.settings, alone=True)
    table = key_tables(stores.databases[1]).DataKey
    table.update(wrapped=b"x" * 40).where(table.subject_id == ADA, table.kind == "pii").execute()
    with pytest.raises(KeyGone):
        stores.rotation.run()
    assert 1 in KeyRing.open(before.settings.data / "keyring.json").keys
    assert stores.vault.get(ADA, f"picture of {ADA}", "full") == b"pixels"
    stores.close()


@ON_FILES
def test_it_waits_for_nobody_and_nobody_starts_meanwhile(before: Before) -> None:
    stores = open_stores(before.settings)
    with pytest.raises(Locked, match="is in use by another command"):
        open_stores(before.settings, alone=True)
    stores.close()
    alone = open_stores(before.settings, alone=True)
    with pytest.raises(Locked, match="is getting new keys"):
        open_stores(before.settings)
    alone.close()
    open_stores(before.settings).close()


@ON_FILES
def test_a_backup_from_before_comes_back_after_it(before: Before) -> None:
    """Its accounts are found under the new key, and its letters, which no key opens any more, are not sent."""
    stores = open_stores(before.settings, alone=True)
    stores.rotation.run()
    stores.backups.put_back(before.backup, NOON + timedelta(days=1))
    assert stores.accounts.of_email("ada@example.org") is None
    stores.rotation.catch_up()
    everything_opens(stores, before)
    assert stores.outbox.claim(NOON) is None
    assert stores.outbox.counts() == {"waiting": 0, "sent": 0, "dropped": 1}
    stores.close()

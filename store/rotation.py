"""A new master key: what the old one wrapped, sealed or indexed is done anew, then the old one is gone. Safe to repeat.

The ring holds both until nothing needs the old one, so that a kill at any point leaves a studio that works.
"""

from __future__ import annotations

from dataclasses import dataclass

from store.accounts import Accounts
from store.attempts import Attempts
from store.backups import Backups
from store.keys import Keys
from store.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Rotated:
    """`resumed` when it ended a rotation that an earlier run began. Counts are of this run."""

    version: int
    resumed: bool
    keys: int
    accounts: int
    letters: int


class Rotation:
    def __init__(
        self, keys: Keys, accounts: Accounts, outbox: Outbox, attempts: Attempts, backups: Backups
    ) -> None:
        self._keys = keys
        self._accounts = accounts
        self._outbox = outbox
        self._attempts = attempts
        self._backups = backups

    def run(self) -> Rotated:
        """Alone: whoever else has the data folder open would go on with the old key. Raises KeyGone."""
        resumed = len(self._keys.ring.keys) > 1
        if not resumed:
            self._keys.begin_rotation()
        keys = self._keys.wrap_anew() + self._backups.wrap_anew()
        accounts = self._accounts.index_anew()
        letters = self._outbox.seal_anew()
        self._attempts.forget_all()
        self._accounts.forget_deleted()
        self._keys.end_rotation()
        return Rotated(self._keys.ring.newest, resumed, keys, accounts, letters)

    def catch_up(self) -> None:
        """After a restore: rows from before a rotation are found again, and letters that no key opens are dropped."""
        self._accounts.index_anew()
        self._outbox.seal_anew()

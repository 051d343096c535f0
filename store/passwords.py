"""Hashes and checks passwords. A name that is not known costs the same work as one that is."""

from __future__ import annotations

from functools import cached_property

from passlib.context import CryptContext
from zxcvbn import zxcvbn

LOOKED_AT = 64  # characters of a password that its estimate reads: the work grows faster than the length


class Passwords:
    """argon2id at the library's current cost; a hash of an earlier cost is renewed at the next sign-in."""

    def __init__(self, **cost: int) -> None:
        """`cost` is the library's own unless given: `time_cost`, `memory_cost` in KiB, `parallelism`."""
        options = {f"argon2__{name}": value for name, value in cost.items()}
        self._context = CryptContext(schemes=["argon2"], argon2__type="ID", **options)

    @cached_property
    def _nobody(self) -> str:
        return self.hash("nobody has this password")

    def hash(self, password: str) -> str:
        return str(self._context.hash(password))

    def check(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        """Whether it is right, and a fresh hash when the old one is out of date. None, for nobody, is as slow."""
        right, renewed = self._context.verify_and_update(password, hashed or self._nobody)
        return right and hashed is not None, renewed if hashed is not None else None


def strength(password: str, *about: str) -> int:
    """0 (guessed at once) to 4 (never). `about` are the person's own names, which a guesser tries first."""
    if not password:
        return 0
    return int(zxcvbn(password[:LOOKED_AT], user_inputs=[word for word in about if word])["score"])

"""One server for one data folder, and one at a time where all may go: advisory locks that die with their process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self


class Locked(Exception):
    """Another process has the data folder open."""


class DataLock:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "lock"
        self._file: Any = None

    def acquire(self) -> None:
        """Raises Locked, which names the process that holds it."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = file.read().strip() or "unknown"
            file.close()
            raise Locked(
                f"PIXCOSMOS_DATA: {str(self.path.parent)!r} is in use by another studio (process {holder}). "
                "Expected a data folder of its own, or that one stopped."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class KeyUse:
    """Any number of processes work with the keys of a data folder, or one alone changes them."""

    def __init__(self, folder: Path, *, alone: bool = False) -> None:
        """Raises Locked."""
        self._file: Any = os.fdopen(os.open(folder / "keys.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+")
        try:
            fcntl.flock(self._file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError:
            self.release()
            busy = "is in use by another command" if alone else "is getting new keys"
            raise Locked(f"PIXCOSMOS_DATA: {str(folder)!r} {busy}. Expected that this has ended.") from None

    def release(self) -> None:
        self._file.close()


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Waits until no other process is inside."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

"""One studio for one data folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from store.lock import DataLock, Locked


def test_the_second_is_told_who_has_it(tmp_path: Path) -> None:
    with DataLock(tmp_path):
        with pytest.raises(Locked, match=f"process {os.getpid()}"):
            DataLock(tmp_path).acquire()
    with DataLock(tmp_path):
        pass

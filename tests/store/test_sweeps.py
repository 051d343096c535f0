"""Housekeeping runs once, whoever asks, and again when it failed."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from store.db import Stores
from tests.conftest import NOON

DAY = timedelta(days=1)


@pytest.mark.promise("P27")
def test_two_processes_never_do_it_twice(stores: Stores) -> None:
    with stores.sweeps.turn("job", "one", NOON, DAY) as first, stores.sweeps.turn("job", "two", NOON, DAY) as second:
        assert (first, second) == (True, False)
    with stores.sweeps.turn("job", "two", NOON + timedelta(hours=1), DAY) as again:
        assert not again, "it ran an hour ago"
    with stores.sweeps.turn("job", "two", NOON + DAY, DAY) as tomorrow:
        assert tomorrow


def test_what_failed_is_tried_again_and_a_dead_process_holds_nothing_for_ever(stores: Stores) -> None:
    with suppress(RuntimeError), stores.sweeps.turn("job", "one", NOON, DAY):
        raise RuntimeError
    with stores.sweeps.turn("job", "two", NOON, DAY) as mine:
        assert mine
    stores.sweeps._take("other", "dead", NOON, DAY)
    with stores.sweeps.turn("other", "two", NOON + timedelta(hours=1), DAY) as later:
        assert later

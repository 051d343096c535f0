"""Rules that describe the databases are held against real ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store.db import Stores, open_stores
from store.settings import Settings


@pytest.fixture
def stores(settings: Settings) -> Iterator[Stores]:
    stores = open_stores(settings)
    yield stores
    stores.close()

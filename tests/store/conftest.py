"""Stores in a folder of their own or on a server, a moment, and the smallest picture that can be kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store.db import Stores, open_stores
from store.gallery import NewImage
from store.settings import Settings


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """What holds in one kind of database holds in the other. Tests of files choose `ON_FILES`."""
    return str(request.param)


@pytest.fixture
def stores(settings: Settings) -> Iterator[Stores]:
    stores = open_stores(settings)
    yield stores
    stores.close()


@pytest.fixture
def speck() -> NewImage:
    return NewImage(index=0, seed=7, width=8, height=8, files={"full": b"full", "thumb256": b"thumb"})

"""What a database is kept in: a file of the data folder, or a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from store.sqlite import SQLite

if TYPE_CHECKING:
    from store.postgres import Postgres

Backend: TypeAlias = "SQLite | Postgres"

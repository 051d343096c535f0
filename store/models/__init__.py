"""The tables. Made for one open database, so that two stores never share a connection. No row leaves this folder."""

from __future__ import annotations

from store.models.content import ContentTables, content_tables
from store.models.identity import IdentityTables, identity_tables
from store.models.keys import KeyTables, key_tables
from store.models.shape import upsert

__all__ = [
    "ContentTables",
    "IdentityTables",
    "KeyTables",
    "content_tables",
    "identity_tables",
    "key_tables",
    "upsert",
]

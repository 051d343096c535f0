"""What the tables of all databases share."""

from __future__ import annotations

from typing import Any

ID = 32  # characters of a random id in hex


def upsert(table: Any, **row: Any) -> None:
    """Writes a row whole, over the one that has the same primary key."""
    key = table._meta.get_primary_keys()
    names = {field.name for field in key}
    rest = [field for field in table._meta.sorted_fields if field.name not in names]
    table.insert(row).on_conflict(conflict_target=key, preserve=rest).execute()


def made(names: dict[str, Any]) -> dict[str, Any]:
    """The tables among the local names of a function that makes them."""
    return {name: value for name, value in names.items() if name not in ("Base", "database")}

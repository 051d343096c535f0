"""English, an area of the page in each module: `WORDS`, and `ERRORS` where the area has refusals of its own."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping


def gathered(name: str) -> Mapping[str, object]:
    """One table from all areas. Two areas with one key are a mistake: KeyError."""
    table: dict[str, object] = {}
    for area in pkgutil.iter_modules(__path__):
        for key, value in getattr(importlib.import_module(f"{__name__}.{area.name}"), name, {}).items():
            if key in table:
                raise KeyError(f"words: {key!r} of {area.name} is already taken")
            table[key] = value
    return table

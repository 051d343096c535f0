"""What a browser tells about its device, as far as a picture needs to know it. Keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping


def saving(headers: Mapping[str, str]) -> bool:
    """A person who asked to save data. Names of headers are in lower case.

    How large and how fine the screen is, the browser itself knows: it chooses among the sizes that the page names.
    """
    return headers.get("save-data", "").strip().lower() == "on"

"""What a browser tells about its device, as far as a picture needs to know it. Keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping


def small(headers: Mapping[str, str]) -> bool:
    """A phone, or a person who asked to save data. Names of headers are in lower case.

    `Mobi` stands in the user agent of every phone's browser; the client hint says it where there is one.
    """
    if headers.get("save-data", "").strip().lower() == "on":
        return True
    hint = headers.get("sec-ch-ua-mobile")
    return hint == "?1" if hint in ("?0", "?1") else "Mobi" in headers.get("user-agent", "")

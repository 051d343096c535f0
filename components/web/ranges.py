"""Downloads that go on where they stopped: what a `Range` header asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

RANGE = re.compile(r"bytes=(\d+)-(\d*)")

Read = Callable[[int, int], Iterator[bytes]]
Stretch = tuple[int, int | None]  # the first and the last byte; None: to the end


def answer(stretch: Stretch, headers: Mapping[str, str], size: int, read: Read) -> Response:
    """These bytes of a ZIP, or 416 where there are none of them."""
    start, stop = stretch[0], size if stretch[1] is None else min(stretch[1] + 1, size)
    if start >= stop:
        return Response(status_code=416, headers={"content-range": f"bytes */{size}"})
    said = {"content-range": f"bytes {start}-{stop - 1}/{size}", "content-length": str(stop - start)}
    return StreamingResponse(read(start, stop), 206, media_type="application/zip", headers={**headers, **said})


def asked(request: Request, tag: str, *, blind: bool = True) -> Stretch | None:
    """What is wanted of the file with this strong tag, or None for the whole.

    `blind`: who does not say which version they have a part of is believed to have this one. Several stretches at once
    are answered with the whole file, as the standard allows.
    """
    found = RANGE.fullmatch(request.headers.get("range", ""))
    version = request.headers.get("if-range")
    if found is None or (version != tag if version is not None else not blind):
        return None
    return int(found[1]), int(found[2]) if found[2] else None

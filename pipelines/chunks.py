"""The chunks of a PNG file, added and left out without touching its compressed pixels. Knows no settings."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXELS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}  # all that a picture needs to look the same
XMP = "XML:com.adobe.xmp"


def bare(data: bytes) -> bytes:
    """The same picture with no text, no times, no profiles and no credentials. Raises ValueError."""
    return SIGNATURE + b"".join(data[start:stop] for kind, start, stop in walk(data) if kind in PIXELS)


def with_text(data: bytes, texts: dict[str, str]) -> bytes:
    """`data` with keywords and their texts after its header: tEXt for plain ASCII, iTXt (UTF-8) for the rest.

    Raises ValueError when `data` is no PNG.
    """
    _, _, end = next(walk(data))
    added = b"".join(text_chunk(key, text.replace("\0", "")) for key, text in texts.items())
    return data[:end] + added + data[end:]


def text_chunk(key: str, text: str) -> bytes:
    if text.isascii() and key != XMP:
        return chunk(b"tEXt", key.encode("ascii") + b"\0" + text.encode("ascii"))
    return chunk(b"iTXt", key.encode("ascii") + b"\0\0\0\0\0" + text.encode("utf-8", "replace"))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def walk(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(kind, start, stop) of each chunk, length and checksum included."""
    if not data.startswith(SIGNATURE):
        raise ValueError(f"file: {data[:8]!r} does not begin a PNG. Expected {SIGNATURE!r}.")
    position = len(SIGNATURE)
    while position + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        stop = position + 12 + length
        if stop > len(data):
            raise ValueError(f"file: a chunk of {length} bytes is cut short at byte {position}.")
        yield data[position + 4 : position + 8], position, stop
        position = stop

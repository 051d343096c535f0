"""Settings inside picture files, in the format that A1111 began and other tools read. Knows no users and no keys."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pipelines.catalogue import SCHEDULERS
from pipelines.images import ALLOWED, Format, encode

KEY = "parameters"
USER_COMMENT = 0x9286
EXIF_IFD = 0x8769
UNICODE = b"UNICODE\0"
LONGEST = 20_000  # characters read from a stranger's file

NUMBERS: dict[str, tuple[str, type]] = {
    "Steps": ("steps", int),
    "CFG scale": ("guidance", float),
    "Seed": ("seed", int),
}
PAIR = re.compile(r'\s*([\w ]+):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')


def parameters_text(settings: Mapping[str, Any]) -> str:
    """Prompt, negative prompt, then one line of `Key: value`. Values with commas, colons or line ends are quoted."""
    lines = [str(settings.get("prompt", ""))]
    if settings.get("negative_prompt"):
        lines.append(f"Negative prompt: {settings['negative_prompt']}")
    pairs = {
        "Steps": settings.get("steps"),
        "Sampler": SCHEDULERS.get(str(settings.get("scheduler")), settings.get("scheduler")),
        "CFG scale": f"{settings['guidance']:g}" if settings.get("guidance") is not None else None,
        "Seed": settings.get("seed"),
        "Size": f"{settings.get('width')}x{settings.get('height')}",
        "Model": settings.get("model"),
        "Version": "PixCosmos",
    }
    lines.append(", ".join(f"{name}: {quoted(value)}" for name, value in pairs.items() if value is not None))
    return "\n".join(lines)


def write(data: bytes, format: Format, settings: Mapping[str, Any] | None) -> bytes:
    """The picture in `data` (a PNG of ours) as a file of `format`, with its settings inside or without anything."""
    picture = Image.open(io.BytesIO(data), formats=("PNG",))
    text = parameters_text(settings) if settings is not None else None
    if format == "png":
        chunks = PngInfo()
        if text is not None:
            chunks.add_itxt(KEY, text) if not text.isascii() else chunks.add_text(KEY, text)
        return encode(picture, "PNG", pnginfo=chunks, compress_level=6)
    exif = Image.Exif()
    if text is not None:
        exif.get_ifd(EXIF_IFD)[USER_COMMENT] = UNICODE + text.encode("utf-16-be")
    options = {"quality": 95, "subsampling": 0} if format == "jpeg" else {"quality": 95, "method": 4}
    return encode(picture.convert("RGB"), format.upper(), exif=exif, **options)


def read(data: bytes) -> dict[str, Any] | None:
    """The settings inside a file, or None. What it says is a stranger's word: the caller checks every value."""
    try:
        picture = Image.open(io.BytesIO(data), formats=ALLOWED)
        text = picture.info.get(KEY) or comment(picture)
    except (OSError, SyntaxError, ValueError):
        return None
    return parse(text[:LONGEST]) if isinstance(text, str) and text.strip() else None


def parse(text: str) -> dict[str, Any]:
    """The inverse of `parameters_text`; keys that are not understood are left out."""
    body, _, last = text.strip().rpartition("\n")
    if not re.match(r"\s*Steps:", last):
        body, last = text.strip(), ""
    prompt, _, negative = body.partition("\nNegative prompt:")
    if body.startswith("Negative prompt:"):
        prompt, negative = "", body.removeprefix("Negative prompt:")
    found: dict[str, Any] = {"prompt": prompt.strip(), "negative_prompt": negative.strip()}
    pairs = {name.strip(): unquoted(value.strip()) for name, value in PAIR.findall(last)}
    for name, (key, kind) in NUMBERS.items():
        try:
            found[key] = kind(pairs[name])
        except (KeyError, ValueError):
            continue
    if size := re.fullmatch(r"(\d{1,5})x(\d{1,5})", pairs.get("Size", "")):
        found |= {"width": int(size[1]), "height": int(size[2])}
    if scheduler := scheduler_named(pairs.get("Sampler", ""), pairs.get("Schedule type", "")):
        found["scheduler"] = scheduler
    if pairs.get("Model"):
        found["model"] = pairs["Model"]
    return found


def scheduler_named(sampler: str, schedule: str = "") -> str | None:
    """Our id for another tool's sampler name: `DPM++ 2M Karras`, or `DPM++ 2M` with the schedule beside it."""
    wanted = f"{sampler} {schedule}".strip().casefold() if schedule == "Karras" else sampler.casefold()
    return next((name for name, shown in SCHEDULERS.items() if shown.casefold() == wanted), None)


def comment(picture: Image.Image) -> str | None:
    raw = picture.getexif().get_ifd(EXIF_IFD).get(USER_COMMENT)
    if not isinstance(raw, bytes):
        return raw if isinstance(raw, str) else None
    if raw.startswith(UNICODE):
        return raw.removeprefix(UNICODE).decode("utf-16-be", "replace")
    return raw[8:].decode("utf-8", "replace")


def quoted(value: Any) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r"[,:\n]", text) else text


def unquoted(value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value
    return value

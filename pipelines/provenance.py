"""Settings inside picture files, in the format that A1111 began and other tools read. Knows no users and no keys."""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Mapping
from typing import Any

from PIL import Image

from pipelines import chunks, foreign
from pipelines.catalogue import SCHEDULERS
from pipelines.foreign import LONGEST, number, scheduler_named
from pipelines.images import ALLOWED, MAX_PIXELS, Format, check_size, encode

KEY = "parameters"
USER_COMMENT = 0x9286
EXIF_IFD = 0x8769
UNICODE = b"UNICODE\0"
VERSION = "PixCosmos"
NEGATIVE = "Negative prompt:"

SETTINGS = re.compile(r"\s*Steps:")
PAIR = re.compile(r'\s*([\w ]+):\s*("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')
NUMBERS: Mapping[str, tuple[str, type]] = {
    "Steps": ("steps", int),
    "CFG scale": ("guidance", float),
    "Seed": ("seed", int),
}
# IPTC's word for "a model made this": https://cv.iptc.org/newscodes/digitalsourcetype/
AI_MADE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
XMP_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    f'Iptc4xmpExt:DigitalSourceType="{AI_MADE}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def parameters_text(settings: Mapping[str, Any]) -> str:
    """Prompt, negative prompt, then one line of `Key: value`. Values with commas, colons or line ends are quoted.

    `settings` are a draft's fields. With `enlarge` above 1, `Size` is what the model drew and `Hires upscale` the
    factor after, as A1111 means them; `width` and `height` are always finished pixels.
    """
    enlarge = int(settings.get("enlarge") or 1)
    pairs: dict[str, Any] = {
        "Steps": settings.get("steps"),
        "Sampler": SCHEDULERS.get(str(settings.get("scheduler")), settings.get("scheduler")),
        "CFG scale": f"{settings['guidance']:g}" if settings.get("guidance") is not None else None,
        "Seed": settings.get("seed"),
        "Size": size_text(settings, enlarge),
        "Model": settings.get("model"),
        "Hires upscale": enlarge if enlarge > 1 else None,
        "Hires upscaler": settings.get("upscaler") if enlarge > 1 else None,
        **edits(settings),
        "Version": VERSION,
    }
    lines = [one_block(str(settings.get("prompt") or ""))]
    if settings.get("negative_prompt"):
        lines.append(f"{NEGATIVE} {one_block(str(settings['negative_prompt']))}")
    lines.append(", ".join(f"{name}: {quoted(value)}" for name, value in pairs.items() if value is not None))
    return "\n".join(lines)


def edits(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What was done to the picture that it started from, under the names of A1111 and its extensions."""
    kind = settings.get("kind")
    strength = settings.get("creativity") if kind == "upscale" else settings.get("strength")
    pairs: dict[str, Any] = {}
    if kind in ("image_to_image", "inpaint", "upscale") and strength:
        pairs["Denoising strength"] = f"{strength:g}"
    if kind == "inpaint":
        pairs["Mask blur"] = settings.get("feather")
        pairs["Inpaint area"] = "Only masked" if settings.get("area") == "masked" else "Whole picture"
        pairs["Masked area padding"] = settings.get("padding") if settings.get("area") == "masked" else None
        pairs["Mask mode"] = "Inpaint not masked" if settings.get("invert") else None
        margins = {side: settings.get(side) for side in ("left", "top", "right", "bottom") if settings.get(side)}
        pairs["Outpaint"] = " ".join(f"{side} {pixels}" for side, pixels in margins.items()) or None
    if kind == "upscale":
        pairs["Postprocess upscale by"] = f"{settings['scale']:g}" if settings.get("scale") else None
        pairs["Postprocess upscaler"] = settings.get("upscaler")
    for place, one in enumerate(settings.get("controls") or ()):
        steps = f"Guidance Start: {one['start']:g}, Guidance End: {one['end']:g}"
        of = f"Module: {one['map']}, Model: {one['network']}, Weight: {one['weight']:g}"
        pairs[f"ControlNet {place}"] = f"{of}, {steps}"
    return pairs


def size_text(settings: Mapping[str, Any], enlarge: int) -> str | None:
    width, height = settings.get("width"), settings.get("height")
    return f"{width // enlarge}x{height // enlarge}" if width and height else None


def one_block(prompt: str) -> str:
    """The format has no escape for a prompt with a line that begins as the next block does: such a line end goes."""
    return re.sub(rf"\n\s*(?={NEGATIVE})", " ", prompt.replace("\0", ""))


def write(
    data: bytes, format: Format, settings: Mapping[str, Any] | None, *, ai_made: bool | None = None, quality: int = 95
) -> bytes:
    """The picture in `data` (a PNG) as a file of `format`: its settings and the mark "made by AI" inside, or nothing.

    The mark goes with the settings unless `ai_made` says otherwise. A PNG keeps its compressed pixels.
    """
    marked = settings is not None if ai_made is None else ai_made
    if format == "png":
        texts = {} if settings is None else {KEY: parameters_text(settings)}
        return chunks.with_text(chunks.bare(data), texts | ({chunks.XMP: XMP_PACKET} if marked else {}))
    picture = Image.open(io.BytesIO(data), formats=("PNG",)).convert("RGB")
    options: dict[str, Any] = {"subsampling": 0} if format == "jpeg" else {"method": 4}
    if settings is not None:
        exif = Image.Exif()
        exif.get_ifd(EXIF_IFD)[USER_COMMENT] = UNICODE + parameters_text(settings).encode("utf-16-be", "replace")
        options["exif"] = exif
    if marked:
        options["xmp"] = XMP_PACKET.encode()
    return encode(picture, format.upper(), quality=quality, **options)


def read(data: bytes) -> dict[str, Any] | None:
    """The settings inside a file of ours, A1111's, ComfyUI's, InvokeAI's or Fooocus', or None.

    Keys are a draft's fields. Types are checked and texts cut; whether a value makes sense is the caller's to check.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=ALLOWED)
            check_size(picture, MAX_PIXELS)
            if KEY not in picture.info and picture.format == "PNG":
                picture.load()  # Texts after the pixels are only found by going there.
            text = picture.info.get(KEY) or comment(picture)
    except Exception:  # Pillow's decoders raise what they like over damaged bytes.
        return None
    if not isinstance(text, str) or not text.strip():
        return foreign.read(picture)
    if text.lstrip().startswith("{") and not SETTINGS.match(last_line(text)):
        return foreign.read(picture)  # JSON; a prompt of ours may begin with a brace too: {red|blue} fox
    return parse(text[: 2 * LONGEST])


def last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def parse(text: str) -> dict[str, Any]:
    """The inverse of `parameters_text`; keys that are not understood are left out."""
    body, _, last = text.strip().rpartition("\n")
    if not SETTINGS.match(last):
        body, last = text.strip(), ""
    prompt, _, negative = ("\n" + body).partition(f"\n{NEGATIVE}")
    found: dict[str, Any] = {"prompt": prompt.strip()[:LONGEST], "negative_prompt": negative.strip()[:LONGEST]}
    pairs = {name.strip(): unquoted(value.strip()) for name, value in PAIR.findall(last)}
    for name, (key, kind) in NUMBERS.items():
        value = number(pairs.get(name), kind)
        if value is not None:
            found[key] = value
    found |= finished_size(pairs)
    if scheduler := scheduler_named(pairs.get("Sampler", ""), pairs.get("Schedule type", "")):
        found["scheduler"] = scheduler
    if pairs.get("Model"):
        found["model"] = pairs["Model"][:LONGEST]
    return found


def finished_size(pairs: Mapping[str, str]) -> dict[str, int]:
    """Ours are told finished: what was drawn, times what it was enlarged by. Of others, what was drawn counts."""
    size = re.fullmatch(r"(\d{1,5})x(\d{1,5})", pairs.get("Size", ""))
    if size is None:
        return {}
    enlarge = number(pairs.get("Hires upscale"), int) if pairs.get("Version") == VERSION else None
    factor = enlarge if enlarge in range(1, 17) else 1
    return {"width": int(size[1]) * factor, "height": int(size[2]) * factor}


def comment(picture: Image.Image) -> str | None:
    raw = picture.getexif().get_ifd(EXIF_IFD).get(USER_COMMENT)
    if not isinstance(raw, bytes):
        return raw if isinstance(raw, str) else None
    if raw.startswith(UNICODE):
        return raw.removeprefix(UNICODE).decode("utf-16-be", "replace")
    return raw[8:].decode("utf-8", "replace")


def quoted(value: Any) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if re.search(r'[,:\n"]', text) else text


def unquoted(value: str) -> str:
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value
    return value

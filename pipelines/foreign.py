"""Settings that other studios (ComfyUI, InvokeAI, Fooocus) left in a picture file. Everything found is a stranger's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeVar

from PIL import Image

from pipelines.catalogue import SCHEDULERS

Number = TypeVar("Number", int, float)

LONGEST = 20_000  # characters of one text
HEAVIEST = 2_000_000  # characters of all texts in a file: a workflow of thousands of nodes

# Names of samplers elsewhere -> our ids, beside our own names and ids.
ALIASES: Mapping[str, str] = {
    "euler_ancestral": "euler_a",
    "k_euler": "euler",
    "k_euler_a": "euler_a",
    "k_euler_ancestral": "euler_a",
    "dpmpp_2m_k": "dpmpp_2m_karras",
    "k_dpmpp_2m": "dpmpp_2m",
    "uni_pc": "unipc",
    "uni_pc_bh2": "unipc",
    "unipc_bh2": "unipc",
}
NAMES = {shown.casefold(): name for name, shown in SCHEDULERS.items()} | {name: name for name in SCHEDULERS} | ALIASES


def scheduler_named(sampler: str, schedule: str = "") -> str | None:
    """Our id for a sampler, alone (`DPM++ 2M Karras`) or with its schedule beside it (`dpmpp_2m`, `karras`)."""
    name = sampler.strip().casefold()
    if schedule.strip().casefold() == "karras":
        name = {"dpm++ 2m": "dpmpp_2m_karras", "dpmpp_2m": "dpmpp_2m_karras"}.get(name, name)
    return NAMES.get(name)


def read(picture: Image.Image) -> dict[str, Any] | None:
    """The settings of the first sampler in the file, types checked, or None."""
    from sd_parsers import ParserManager
    from sd_parsers.parsers import ComfyUIParser, FooocusParser, InvokeAIParser

    if sum(len(text) for text in picture.info.values() if isinstance(text, str)) > HEAVIEST:
        return None
    try:
        info = ParserManager(managed_parsers=[FooocusParser, ComfyUIParser, InvokeAIParser]).parse(picture)
        if info is None or not info.samplers:
            return None
        found: dict[str, Any] = {
            "prompt": text(info.full_prompt),
            "negative_prompt": text(info.full_negative_prompt),
            "width": picture.width,
            "height": picture.height,
        }
        return found | of_sampler(info.samplers[0])
    except Exception:  # The parser walks a stranger's graph: any shape of it may end anyhow, nesting included.
        return None


def of_sampler(sampler: Any) -> dict[str, Any]:
    values = sampler.parameters
    wanted = {
        "steps": number(values.get("steps"), int),
        "seed": number(values.get("seed", values.get("noise_seed")), int),
        "guidance": number(values.get("cfg_scale"), float),
        "scheduler": scheduler_named(text(sampler.name), text(values.get("scheduler"))),
        "model": text(sampler.model.name) if sampler.model else None,
    }
    return {name: value for name, value in wanted.items() if value not in (None, "")}


def text(value: object) -> str:
    return value.strip()[:LONGEST] if isinstance(value, str) else ""


def number(value: object, kind: type[Number]) -> Number | None:
    """A finite number at or above 0 of at most 64 bits, from a number or its text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = kind(value[:40] if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) and 0 <= read < 2**64 else None

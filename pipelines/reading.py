"""How a model reads a prompt: the weights, the pieces of words it sees, and what is beyond its limit. Draws nothing."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipelines import adapters
from pipelines.models import SD15, SDXL, Model
from pipelines.prompts import Piece, pieces, plain

ENDLESS = 100_000  # a tokenizer without a limit of its own says a number beyond all use

_one_at_a_time = threading.Lock()  # a fast tokenizer must not be used by two threads at once


@dataclass(frozen=True, slots=True)
class Reading:
    """`weights` are the parts of the prompt with theirs. Of `tokens` pieces of words the model sees `limit`.

    `cut` is what it does not see, empty when all fits. `limit` 0: this model's tokenizer is not here.
    """

    weights: tuple[Piece, ...]
    adapters: tuple[tuple[str, float], ...]
    tokens: int
    limit: int
    cut: str


def read(model: Model, prompt: str) -> Reading:
    words, worn = adapters.split(prompt)
    weighted = tuple(pieces(words)) if model.shares_steps else ((plain(words), 1.0),)
    try:
        tokenizer = tokenizer_of(model)
    except ImportError:  # the engine's thread is importing the same library right now; the next look finds it
        tokenizer = None
    if tokenizer is None:
        return Reading(weighted, worn, 0, 0, "")
    with _one_at_a_time:
        limit = tokenizer.model_max_length - tokenizer.num_special_tokens_to_add()
        tokens, cut = count(tokenizer, weighted, limit)
    return Reading(weighted, worn, tokens, limit, cut)


def count(tokenizer: Any, weighted: tuple[Piece, ...], limit: int) -> tuple[int, str]:
    """How many pieces of words there are, and the text from the first one beyond the limit on."""
    total = 0
    cut: list[str] = []
    for text, _ in weighted:
        places = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True).offset_mapping
        if cut:
            cut.append(text)
        elif total + len(places) > limit:
            cut.append(text[places[limit - total][0] :])
        total += len(places)
    return total, "".join(cut).strip()


def tokenizer_of(model: Model) -> Any:
    """The one that lets most through, as a model with several encoders understands by that; None when none is here."""
    folder = model.path
    if folder is not None and folder.is_file():
        folder = folder.parent / (SDXL.id if model.family == "sdxl" else SD15.id)
    if folder is None:
        return None
    found = [open_tokenizer(path) for path in sorted(folder.glob("tokenizer*")) if path.is_dir()]
    usable = [one for one in found if one is not None and one.model_max_length < ENDLESS]
    return max(usable, key=lambda one: one.model_max_length, default=None)


@lru_cache(maxsize=8)
def open_tokenizer(path: Path) -> Any:
    """Apart from the engine's own, which lives on its thread. None for files that cannot be read."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError):
        return None
    return tokenizer if tokenizer.is_fast else None

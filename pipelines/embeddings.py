"""Learned words (textual inversion, Gal et al. 2022): files in the `embeddings` folder, used by name in a prompt.

A name is read where it stands as a word of its own. It is loaded while a prompt is encoded, and nothing of it is left
in the model afterwards. Knows no jobs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError

if TYPE_CHECKING:
    import torch

# What files call the vectors for each text encoder, in the order of SDXL's.
KEYS = ("clip_l", "clip_g")
TOKEN = "<learned-"


def available(models_dir: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted((models_dir / "embeddings").glob("*.safetensors"))}


def named(prompt: str, models_dir: Path | None) -> dict[str, Path]:
    """Those whose names are words of the prompt."""
    known = available(models_dir) if models_dir else {}
    return {name: path for name, path in known.items() if word(name).search(prompt)}


def word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")


@contextmanager
def spoken(parts: Any, prompt: str, models_dir: Path | None, model_name: str) -> Iterator[list[str]]:
    """The prompt for each tokenizer of `parts`, a diffusers pipeline, with the learned words known to it.

    Raises ValueError for a file that does not fit the model.
    """
    pairs = encoders(parts)
    found = named(prompt, models_dir)
    if not found:
        yield [prompt] * len(pairs)
        return
    kept = [(encoder, encoder.get_input_embeddings().weight.data.clone()) for _, encoder in pairs]
    try:
        for number, (name, path) in enumerate(found.items()):
            token = f"{TOKEN}{number}>"  # not the name, which may be a part of other words
            prompt = word(name).sub(token, prompt)
            for (tokenizer, encoder), vectors in zip(pairs, read(name, path, len(pairs), model_name), strict=True):
                load(parts, (tokenizer, encoder), token, vectors, f"{name!r} does not fit {model_name}")
        yield [parts.maybe_convert_prompt(prompt, tokenizer) for tokenizer, _ in pairs]
    finally:
        for tokenizer, encoder in pairs:
            # A file with many vectors has a token for each.
            known = [token for token in tokenizer.get_added_vocab() if token.startswith(TOKEN)]
            if known:
                parts.unload_textual_inversion(known, tokenizer=tokenizer, text_encoder=encoder)
        for encoder, rows in kept:
            put_back(encoder, rows)


def put_back(encoder: Any, rows: torch.Tensor) -> None:
    """The very rows that there were: unloading alone leaves out those that the tokenizer has no word for."""
    words = encoder.get_input_embeddings()
    words.weight.data, words.num_embeddings = rows, rows.shape[0]
    encoder.config.vocab_size = rows.shape[0]


def encoders(parts: Any) -> list[tuple[Any, Any]]:
    """Each tokenizer with its text encoder."""
    pairs = [(parts.tokenizer, parts.text_encoder)]
    second = getattr(parts, "tokenizer_2", None)
    return pairs if second is None else [*pairs, (second, parts.text_encoder_2)]


def load(parts: Any, pair: tuple[Any, Any], token: str, vectors: torch.Tensor, otherwise: str) -> None:
    tokenizer, encoder = pair
    width = encoder.get_input_embeddings().weight.shape[1]
    if vectors.ndim > 2 or vectors.shape[-1] != width:
        raise ValueError(f"embedding: {otherwise}, whose words have {width} numbers.")
    parts.load_textual_inversion({token: vectors}, token=token, tokenizer=tokenizer, text_encoder=encoder)


def read(name: str, path: Path, count: int, model_name: str) -> list[torch.Tensor]:
    """The vectors (n, D) for each of `count` text encoders."""
    from safetensors.torch import load_file

    try:
        kept = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ValueError(f"embedding: {name!r} cannot be read. Expected a safetensors file.") from error
    if all(key in kept for key in KEYS):
        return [kept[key] for key in KEYS[:count]] if count == len(KEYS) else [kept[KEYS[0]]]
    if len(kept) != 1 or count != 1:
        expected = "clip_l and clip_g" if count > 1 else "one tensor"
        raise ValueError(f"embedding: {name!r} does not fit {model_name}. Expected a file with {expected}.")
    return list(kept.values())

"""Prompt weights: A1111's brackets to weighted pieces, and pieces to embeddings of any text encoder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

FACTORS = {"(": 1.1, "[": 1 / 1.1}  # what one pair of brackets does to the weight inside
OPENS = {")": "(", "]": "["}
TOKEN = re.compile(r"\\[()\[\]\\]|[(\[]|:\s*([+-]?[.\d]+)\s*\)|[)\]]|[^\\()\[\]:]+|.", re.DOTALL)

Piece = tuple[str, float]


def pieces(prompt: str) -> list[Piece]:
    """`a (red:1.3) [old] fox` -> [("a ", 1), ("red", 1.3), (" ", 1), ("old", 0.91), (" fox", 1)].

    A backslash keeps a bracket as it is; a bracket that is never closed counts as closed at the end.
    """
    found: list[list[Any]] = []
    opened: dict[str, list[int]] = {"(": [], "[": []}
    for match in TOKEN.finditer(prompt):
        take(match.group(0), match.group(1), found, opened)
    for bracket, starts in opened.items():
        for start in starts:
            weigh(found, start, FACTORS[bracket])
    return merged(found)


def plain(prompt: str) -> str:
    """The words without weights and brackets, for models that take none."""
    return "".join(text for text, _ in pieces(prompt))


def take(text: str, number: str | None, found: list[list[Any]], opened: dict[str, list[int]]) -> None:
    """One token: a bracket that opens or closes, a weight, or words."""
    if text in opened:
        opened[text].append(len(found))
    elif number is not None and is_number(number) and opened["("]:
        weigh(found, opened["("].pop(), float(number))
    elif opened.get(OPENS.get(text, ""), []):
        weigh(found, opened[OPENS[text]].pop(), FACTORS[OPENS[text]])
    else:
        escaped = len(text) == 2 and text[0] == "\\"
        found.append([text[1] if escaped else text, 1.0])


def weigh(found: list[list[Any]], start: int, factor: float) -> None:
    for piece in found[start:]:
        piece[1] *= factor


def is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text) is not None


def merged(found: list[list[Any]]) -> list[Piece]:
    """Neighbours of the same weight are one piece."""
    result: list[Piece] = []
    for text, weight in found:
        if result and result[-1][1] == weight:
            result[-1] = (result[-1][0] + text, weight)
        else:
            result.append((text, weight))
    return result or [("", 1.0)]


def tokenise(tokenizer: Any, prompt: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, attention mask and weights, each (1, T), T the model's own length; what is longer is cut off."""
    import torch

    parts = pieces(prompt)
    length = tokenizer.model_max_length
    whole = "".join(text for text, _ in parts)
    plain = tokenizer(whole, padding="max_length", max_length=length, truncation=True, return_tensors="pt")
    weights = torch.ones(1, length)
    if len(parts) == 1 and parts[0][1] == 1.0:
        return plain.input_ids, plain.attention_mask, weights
    # Piece by piece, so that each token is known to its weight; the special tokens come from an empty prompt.
    inner = [(token, weight) for text, weight in parts for token in ids_of(tokenizer, text)][: length - 2]
    first, last = tokenizer("", return_tensors="pt").input_ids[0, [0, -1]].tolist()
    filler = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else last
    ids = [first, *(token for token, _ in inner), last]
    mask = torch.zeros(1, length, dtype=plain.attention_mask.dtype)
    mask[0, : len(ids)] = 1
    weights[0, 1 : len(inner) + 1] = torch.tensor([weight for _, weight in inner])
    return torch.tensor([ids + [filler] * (length - len(ids))]), mask, weights


def ids_of(tokenizer: Any, text: str) -> list[int]:
    ids: list[int] = tokenizer(text, add_special_tokens=False).input_ids
    return ids


def weighted(states: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Scales tokens of (1, T, D) and restores the mean, as A1111 does, so that the whole stays as loud as it was."""
    if bool((weights == 1).all()):
        return states
    scaled = states * weights[..., None].to(states)
    return scaled * (states.float().mean() / scaled.float().mean()).to(states)

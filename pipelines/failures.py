"""Why a picture could not be drawn: a stable code for programs, and a sentence for its owner."""

from __future__ import annotations


class NotFinite(Exception):
    """The numbers of a picture ran out of range."""

    def __str__(self) -> str:
        return "The numbers ran out of range while drawing. Try another scheduler or less guidance."


class Unwanted(Exception):
    """Nobody waits for what is being opened any more."""


class TooLarge(MemoryError):
    """Says how much a model needs and how much there is."""


def code_of(error: Exception) -> str:
    from pipelines.catalogue import UnknownModel

    if isinstance(error, NotFinite):
        return "not_finite"
    if isinstance(error, UnknownModel | FileNotFoundError):
        return "model_missing"
    return "out_of_memory" if is_out_of_memory(error) else "engine_error"


def is_out_of_memory(error: Exception) -> bool:
    """Torch has a class for it on GPUs, and only words on CPUs."""
    import torch

    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def reason_of(error: Exception) -> str:
    if is_out_of_memory(error) and not isinstance(error, TooLarge):
        return "The picture did not fit the memory of this machine. Try a smaller size or fewer pictures."
    return str(error) if code_of(error) != "engine_error" else f"{type(error).__name__}: {error}"

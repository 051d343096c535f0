"""What tells a file from another one that took its place, so that what is in memory is known to be that of the disk.

Knows no models.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

Identity = tuple[tuple[str, int, int, int], ...]  # path, time of change in nanoseconds, size and inode of each file

LINE = 64  # bytes


def identity(*places: Path | None) -> Identity:
    """Of files, and of folders with their subfolders, which is as deep as models lie. What is not there has none.

    Taken before a file is read: one that changes meanwhile is then another one afterwards.
    """
    return tuple(mark for place in places if place is not None for mark in sorted(marks(place, deep=2)))


def marks(place: Path, deep: int) -> Iterator[tuple[str, int, int, int]]:
    """Follows links: weights may lie somewhere else."""
    try:
        if place.is_dir():
            if deep:
                for name in os.listdir(place):
                    yield from marks(place / name, deep - 1)
            return
        about = place.stat()
    except OSError:
        return
    yield str(place), about.st_mtime_ns, about.st_size, about.st_ino


def networks(parts: Any) -> list[torch.nn.Module]:
    """Those of a diffusers pipeline."""
    import torch

    return [part for part in parts.components.values() if isinstance(part, torch.nn.Module)]


def detach(network: torch.nn.Module, part: str = "") -> None:
    """Copies weights with `part` in their names into memory of their own.

    Libraries leave those that need no conversion in the mapped file: a file that is written over would change a model
    in the middle of a picture, and one that is cut short would end the process.
    """
    for name, tensor in (*network.named_parameters(), *network.named_buffers()):
        if part in name and tensor.device.type == "cpu":
            tensor.data = copied(tensor.data)


def copied(tensor: torch.Tensor) -> torch.Tensor:
    """As far from a line of the cache as it was: in float32 a matrix routine may round in another way from elsewhere,
    and pictures are to be those that diffusers draws from the mapped file."""
    import torch

    if not (tensor.is_contiguous() or tensor.is_contiguous(memory_format=torch.channels_last)):
        return tensor.clone()
    room = torch.empty(tensor.numel() + LINE // tensor.itemsize, dtype=tensor.dtype)
    shift = (tensor.data_ptr() - room.data_ptr()) % LINE // tensor.itemsize
    return room.as_strided(tensor.shape, tensor.stride(), shift).copy_(tensor)

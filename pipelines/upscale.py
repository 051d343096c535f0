"""Enlarges finished pictures with a super-resolution network, in tiles that overlap. Knows no diffusion."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.types import Pixels

if TYPE_CHECKING:
    import torch

SHIPPED = Path(__file__).parent / "starter" / "upscaler" / "realesr-animevideov3-x4.safetensors"
TILE, OVERLAP = 256, 16  # pixels of the source


@dataclass(frozen=True, slots=True)
class Upscaler:
    """`network` maps (1, 3, H, W) from 0 to 1 to (1, 3, scale * H, scale * W)."""

    network: Any
    scale: int
    device: torch.device
    dtype: torch.dtype

    @classmethod
    def load(cls, path: Path, device: torch.device, dtype: torch.dtype) -> Upscaler:
        """Any single-picture network that spandrel knows; safetensors only, so that no file can run code."""
        import torch
        from spandrel import ImageModelDescriptor, ModelLoader

        if path.suffix != ".safetensors":
            raise ValueError(f"{path.name}: not a safetensors file. Other checkpoint formats can run code.")
        found = ModelLoader(device=device).load_from_file(path)
        if not isinstance(found, ImageModelDescriptor):
            raise ValueError(f"{path.name}: {found.architecture.name} does not enlarge a single picture.")
        network = found.model.eval().to(device, dtype, memory_format=torch.channels_last)
        return cls(network, found.scale, device, dtype)

    def enlarge(self, pixels: Pixels) -> Generator[float, None, Pixels]:
        """Yields the share that is done after each tile, returns (scale * H, scale * W, 3). Stop by not going on.

        Memory is bounded by one tile and the result; tiles are blended over their overlap, so no seam is left.
        """
        height, width = pixels.shape[:2]
        total = np.zeros((height * self.scale, width * self.scale, 3), np.float32)
        weight = np.zeros((height * self.scale, width * self.scale, 1), np.float32)
        tiles = list(tiling(height, width))
        for number, (top, left, bottom, right) in enumerate(tiles, 1):
            part = self._run(pixels[top:bottom, left:right])
            mask = feather(part.shape[0], part.shape[1], OVERLAP * self.scale) if len(tiles) > 1 else np.float32(1)
            place = np.s_[top * self.scale : bottom * self.scale, left * self.scale : right * self.scale]
            total[place] += part * mask
            weight[place] += mask
            yield number / len(tiles)
        return (total / weight).clip(0, 255).round().astype(np.uint8)

    def _run(self, part: Pixels) -> np.ndarray:
        import torch

        with torch.inference_mode():
            source = torch.from_numpy(np.ascontiguousarray(part)).to(self.device).permute(2, 0, 1)[None]
            source = (source.to(self.dtype) / 255).contiguous(memory_format=torch.channels_last)
            result = self.network(source)[0].permute(1, 2, 0).float() * 255
            array: np.ndarray = result.cpu().numpy()
            return array


def tiling(height: int, width: int) -> Iterator[tuple[int, int, int, int]]:
    """(top, left, bottom, right) of tiles of at most TILE that overlap by at least OVERLAP and cover everything."""
    for top in starts(height):
        for left in starts(width):
            yield top, left, min(top + TILE, height), min(left + TILE, width)


def starts(length: int) -> list[int]:
    if length <= TILE:
        return [0]
    count = -(-(length - OVERLAP) // (TILE - OVERLAP))
    return [round(number * (length - TILE) / (count - 1)) for number in range(count)]


def feather(height: int, width: int, margin: int) -> np.ndarray:
    """(H, W, 1) weights that rise over `margin` from every edge and are never 0."""

    def ramp(length: int) -> np.ndarray:
        position = np.arange(length, dtype=np.float32) + 1
        return np.minimum(1, np.minimum(position, position[::-1]) / margin)

    return (ramp(height)[:, None] * ramp(width)[None, :])[..., None]


def finish(steps: Generator[float, None, Pixels]) -> Pixels:
    """Runs an enlargement to its end."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            pixels: Pixels = stop.value
            return pixels

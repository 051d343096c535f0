"""Enlarges finished pictures with a super-resolution network, in tiles that overlap. Knows no diffusion."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipelines.types import Pixels

if TYPE_CHECKING:
    import torch

SHIPPED = Path(__file__).parent / "starter" / "upscaler" / "realesr-animevideov3-x4.safetensors"
OVERLAP = 32  # pixels of the source that neighbouring tiles share
UNSURE = 12  # outermost pixels of a tile, where the network cannot see enough, that a neighbour replaces
LARGE_TILE, SMALL_TILE = 256, 128
HEAVY = 4_000_000  # parameters from which one large tile would hold up everyone else on the device

Size = tuple[int, int]  # (width, height)


@dataclass(frozen=True, slots=True)
class UpscalerFile:
    """A network that can be loaded. `id` is the file's name without its ending."""

    id: str
    name: str
    licence: str
    path: Path


def available(models_dir: Path) -> tuple[UpscalerFile, ...]:
    """The shipped network first, then every safetensors file in the `upscalers` folder of the models folder."""
    shipped = UpscalerFile(SHIPPED.stem, "Real-ESRGAN compact x4", "BSD-3-Clause", SHIPPED)
    own = sorted((models_dir / "upscalers").glob("*.safetensors"))
    return shipped, *(UpscalerFile(path.stem, path.stem, "your own", path) for path in own if path.stem != shipped.id)


@dataclass(frozen=True, slots=True)
class Upscaler:
    """`network` maps (1, 3, H, W) from 0 to 1 to (1, 3, scale * H, scale * W) from 0 to 1."""

    network: Any
    scale: int
    device: torch.device
    dtype: torch.dtype
    tile: int

    @classmethod
    def load(cls, path: Path, device: torch.device, dtype: torch.dtype) -> Upscaler:
        """Any single-picture colour network that spandrel knows; safetensors only, so that no file can run code.

        Networks that lose too much in half precision run in float32 instead of `dtype`. In bfloat16 on a CPU the
        shipped network takes two thirds of the time of float32 and differs by 0.8 of 255 levels on average.
        Raises ValueError for any other file, FileNotFoundError for none.
        """
        import torch
        from spandrel import ImageModelDescriptor

        found = recognised(path)
        if not isinstance(found, ImageModelDescriptor) or (found.input_channels, found.output_channels) != (3, 3):
            raise ValueError(f"{path.name}: {found.architecture.name} does not enlarge one colour picture.")
        exact = {torch.bfloat16: found.supports_bfloat16, torch.float16: found.supports_half}.get(dtype, True)
        kept = dtype if exact else torch.float32
        network = found.eval().to(device, kept)
        network.model.to(memory_format=torch.channels_last)
        heavy = sum(weight.numel() for weight in network.model.parameters()) >= HEAVY
        return cls(network, found.scale, device, kept, SMALL_TILE if heavy else LARGE_TILE)

    def enlarge(self, pixels: Pixels, size: Size | None = None) -> Generator[float, None, Pixels]:
        """Yields the share that is done after each tile, returns (scale * H, scale * W, 3) or `size` by Lanczos.

        `pixels` are (H, W, 3). To stop, do not go on: nothing is held but this generator's own arrays. Beside the
        network's work on one tile it needs the enlarged bytes, and `size` bytes more where that is asked: 1024 x 1024
        took 182 MB in float32 with the shipped network, 48 of them the result.
        """
        height, width = pixels.shape[:2]
        if size is not None and min(size) < 1:
            raise ValueError(f"size: {size[0]} x {size[1]} is no size. Expected at least 1 x 1.")
        result = np.zeros((height * self.scale, width * self.scale, 3), np.uint8)
        rows, columns = starts(height, self.tile), starts(width, self.tile)
        done = 0
        for row, top in enumerate(rows):
            for column, left in enumerate(columns):
                part = self._run(pixels[top : top + self.tile, left : left + self.tile])
                above = rows[row - 1] + self.tile - top if row else 0
                before = columns[column - 1] + self.tile - left if column else 0
                blend(result[top * self.scale :, left * self.scale :], part, above * self.scale, before * self.scale)
                done += 1
                yield done / (len(rows) * len(columns))
        return result if size is None else resized(result, size)

    def _run(self, part: Pixels) -> NDArray[np.float32]:
        """(H, W, 3) bytes to (scale * H, scale * W, 3) from 0 to 255."""
        import torch

        with torch.inference_mode():
            source = torch.from_numpy(np.array(part)).to(self.device).permute(2, 0, 1)[None]
            source = (source.to(self.dtype) / 255).contiguous(memory_format=torch.channels_last)
            array: NDArray[np.float32] = (self.network(source)[0].permute(1, 2, 0).float() * 255).cpu().numpy()
            return array


def recognised(path: Path) -> Any:
    """What spandrel makes of a safetensors file. Raises ValueError for another kind of file or network."""
    from spandrel import ModelLoader

    if path.suffix != ".safetensors":
        raise ValueError(f"{path.name}: not a safetensors file. Other checkpoint formats can run code.")
    if not path.is_file():
        raise FileNotFoundError(f"{path.name}: no such upscaler file.")
    try:
        return ModelLoader(device="cpu").load_from_file(path)
    except Exception as error:  # Damaged files and unknown networks fail in many ways, none of them ours.
        raise ValueError(f"{path.name}: not a network that spandrel knows.") from error


def starts(length: int, tile: int, shared: int = OVERLAP) -> list[int]:
    """Where tiles begin along one side: evenly, with at least `shared` in common, the last one ending at the end."""
    if length <= tile:
        return [0]
    count = -(-(length - shared) // (tile - shared))
    return [round(number * (length - tile) / (count - 1)) for number in range(count)]


def blend(place: Pixels, part: NDArray[np.float32], above: int, before: int) -> None:
    """Lays `part` over the top left of `place`, fading in over what it shares with the tiles above and before it."""
    height, width = part.shape[:2]
    mask = fade(height, above)[:, None, None] * fade(width, before)[None, :, None]
    under = place[:height, :width]
    under[...] = (under + mask * (part - under)).clip(0, 255).round()


def fade(length: int, shared: int) -> NDArray[np.float32]:
    """0 to 1 over the first `shared` samples, flat for UNSURE of every OVERLAP at both ends; then 1."""
    if shared == 0:
        return np.ones(length, np.float32)
    edge = shared * UNSURE / OVERLAP
    ramp = (np.arange(length, dtype=np.float32) + 0.5 - edge) / (shared - 2 * edge)
    return ramp.clip(0, 1)


def resized(pixels: Pixels, size: Size) -> Pixels:
    if pixels.shape[1::-1] == size:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))


def finish(steps: Generator[float, None, Pixels]) -> Pixels:
    """Runs an enlargement to its end."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            pixels: Pixels = stop.value
            return pixels

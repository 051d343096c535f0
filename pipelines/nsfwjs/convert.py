"""Turns the MobileNetV2 inside the npm package nsfwjs into one safetensors file. Knows no other model.

    npm pack nsfwjs@4.3.0
    python -m pipelines.nsfwjs.convert nsfwjs-4.3.0.tgz

The package keeps its weights as bytes, with a smallest value and a step for each tensor. They stay bytes here: the
file is half of what float16 would be, and what is computed from it is what nsfwjs computes.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import re
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TARGET = Path(__file__).with_name("mobilenet_v2.safetensors")
FOLDER = "package/dist/models/mobilenet_v2"
TENSOR = re.compile(
    r'\{name:"([\w/]+)",shape:\[([\d,]+)\],dtype:"float32",'
    r'quantization:\{min:([-\d.e]+),scale:([-\d.e]+),dtype:"uint8"\}\}'
)
WEIGHTS = re.compile(r'"([A-Za-z0-9+/=]{100000,})"')

Tensors = dict[str, NDArray[np.uint8]]
Levels = dict[str, tuple[float, float]]  # name -> (smallest, step)


def convert(model: str, weights: str) -> tuple[Tensors, Levels]:
    """Tensors by their Keras names, and what their bytes mean, from the package's two scripts. Raises ValueError."""
    found = WEIGHTS.search(weights)
    if found is None:
        raise ValueError("weights: no base64 text is inside. Expected group1-shard1of1.min.js of nsfwjs.")
    data = np.frombuffer(base64.b64decode(found[1]), np.uint8)
    tensors: Tensors = {}
    levels: Levels = {}
    position = 0
    for name, sides, smallest, step in TENSOR.findall(model):
        shape = tuple(map(int, sides.split(",")))
        stop = position + math.prod(shape)
        tensors[name] = data[position:stop].reshape(shape)
        levels[name] = float(smallest), float(step)
        position = stop
    if position != len(data):
        raise ValueError(f"weights: {len(data)} bytes, but the model names {position}. Expected both of one package.")
    return tensors, levels


def main() -> None:
    from safetensors.numpy import save_file

    parser = argparse.ArgumentParser(description="nsfwjs' MobileNetV2 to safetensors.")
    parser.add_argument("package", type=Path, help="the file that `npm pack nsfwjs` wrote")
    wanted = parser.parse_args()
    with tarfile.open(wanted.package) as package:
        scripts = [package.extractfile(f"{FOLDER}/{name}.min.js") for name in ("model", "group1-shard1of1")]
        model, weights = (script.read().decode() for script in scripts if script)
    tensors, levels = convert(model, weights)
    notes = {"licence": "MIT", "source": "nsfwjs, Infinite Red, Inc.", "levels": json.dumps(levels)}
    save_file({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, TARGET, notes)
    print(f"{TARGET}: {len(tensors)} tensors, {TARGET.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

"""One lesson in a process of its own: pictures come in on standard input, progress goes out line by line.

`python -m pipelines.starter.lesson` is what `pipelines/teaching.py` starts. Pictures pass through the pipe and never
through a file, because at rest they are encrypted.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from pipelines.starter import lora
from pipelines.starter.train import open_parts


def main() -> None:
    asked = json.loads(sys.stdin.buffer.readline())
    with np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False) as packed:
        pictures = [Image.fromarray(packed[name]) for name in packed.files]
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what libraries print is no answer
    if hasattr(os, "nice"):
        os.nice(10)  # whoever draws comes first
    parts = open_parts()
    for progress in lora.teach(parts, pictures, asked["prompt"], lora.Plan(steps=asked["steps"])):
        print(json.dumps({"step": progress.step, "of": progress.of, "loss": progress.loss}), file=answers)
    lora.save(parts, Path(asked["out"]), asked["facts"])


if __name__ == "__main__":
    main()

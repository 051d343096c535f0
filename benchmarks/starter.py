"""What the starter model itself takes: a picture at its own 128 x 128, of few steps and of many."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.ratio import Ratio, interleave
from benchmarks.sharing import JOB, engine, run

MANY = replace(JOB, enlarge=1)
FEW = replace(MANY, model="starter-quick", steps=4, guidance=1.0)


def few_steps(turns: int) -> list[Ratio]:
    """Four steps without guidance against twenty with it. Not enlarged: prompt, steps, decoding, previews."""
    with engine() as opened:
        name = "128 x 128 in 4 steps / in 20 guided ones"
        return [interleave(name, lambda: run(opened, FEW), lambda: run(opened, MANY), turns, "0.15 s and 0.6 s")]

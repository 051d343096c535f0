"""Where a picture's milliseconds go: `python -m benchmarks.profile [--turns N] [--threads N] [--bfloat16]`.

The starter at its own 128 x 128, through the engine and in a bare loop over the same networks in the same number
format, in turns. Of each part the least of all turns is told too: what else a machine does only ever adds to it.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.ratio import Ratio, interleave
from benchmarks.sharing import run
from benchmarks.starter import FEW, MANY
from pipelines import batcher, engine, schedulers
from pipelines.catalogue import Catalogue, shipped
from pipelines.device import Device, choose
from pipelines.engine import LocalEngine
from pipelines.loader import load
from pipelines.text_to_image import Loaded
from pipelines.types import RenderJob

Seconds = dict[str, float]

# What is timed in the engine: the name of a part, where it lies, and its function.
PARTS: tuple[tuple[str, Any, str], ...] = (
    ("words", Loaded, "words"),
    ("network", Loaded, "guess"),
    ("scheduler", batcher.Row, "advance"),
    ("decoding", Loaded, "decode"),
    ("previews", LocalEngine, "_preview"),
    ("beginning", LocalEngine, "_rows"),
)
WITHIN = {"words": "beginning"}  # parts of parts, which are not to be counted twice


class Bare:
    """The loop that a person would write around the networks; `spent` is what its parts took in the last turn."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.models = {model.id: load(model, device) for model in shipped()}
        self.spent: Seconds = {}

    def __call__(self, job: RenderJob) -> object:
        import torch

        loaded = self.models[job.model]
        assert isinstance(loaded, Loaded)
        parts, guided = loaded.parts, job.guidance > 1
        watch = Watch()
        with torch.inference_mode():
            words = self._words(parts, ["", job.prompt] if guided else [job.prompt])
            watch.took("words")
            scheduler = schedulers.make(job.scheduler, loaded.scheduler_config, job.steps)
            scheduler.set_timesteps(job.steps)
            latents = torch.randn(loaded.latent_shape(job), generator=torch.Generator().manual_seed(job.seed))
            for when in scheduler.timesteps:
                watch.took("scheduler")
                inputs = torch.cat([latents, latents]) if guided else latents
                inputs = inputs.to(self.device.dtype, memory_format=torch.channels_last)
                guess = parts.unet(inputs, when, encoder_hidden_states=words).sample.float()
                watch.took("network")
                if guided:
                    bare, told = guess.chunk(2)
                    guess = bare + job.guidance * (told - bare)
                latents = scheduler.step(guess, when, latents).prev_sample
            watch.took("scheduler")
            scaled = (latents / parts.vae.config.scaling_factor).to(self.device.dtype)
            picture = ((parts.vae.decode(scaled).sample[0].float() / 2 + 0.5).clamp(0, 1) * 255).round().byte()
            pixels = picture.permute(1, 2, 0).numpy()
            watch.took("decoding")
        self.spent = dict(watch.spent)
        return pixels

    def _words(self, parts: Any, prompts: list[str]) -> Any:
        length = parts.tokenizer.model_max_length
        found = parts.tokenizer(prompts, padding="max_length", max_length=length, truncation=True, return_tensors="pt")
        return parts.text_encoder(found.input_ids, attention_mask=found.attention_mask)[0]


class Watch:
    """Says how long it took since it was last asked, by names."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._last = time.perf_counter()

    def took(self, name: str) -> None:
        now = time.perf_counter()
        self.spent[name] += now - self._last
        self._last = now


@contextmanager
def watched(spent: defaultdict[str, float]) -> Iterator[None]:
    """The engine's functions tell what they take."""
    whole = [(place, name, getattr(place, name)) for _, place, name in PARTS]
    for part, place, name in PARTS:
        setattr(place, name, timed(getattr(place, name), part, spent))
    try:
        yield
    finally:
        for place, name, function in whole:
            setattr(place, name, function)


def timed(function: Callable[..., Any], part: str, spent: defaultdict[str, float]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        began = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            took = time.perf_counter() - began
            spent[part] += took
            if part in WITHIN:
                spent[WITHIN[part]] -= took

    return call


@contextmanager
def opened(device: Device) -> Iterator[LocalEngine]:
    chosen, engine.choose = engine.choose, lambda wanted="auto": device
    found = LocalEngine(Catalogue(Path("nowhere")))
    try:
        yield found
    finally:
        found.close()
        engine.choose = chosen


def bare_loop(turns: int) -> list[Ratio]:
    """The engine against the bare loop, which encodes its prompt anew each time."""
    device = choose()
    bare = Bare(device)
    with opened(device) as ours:
        return [
            interleave(
                f"engine / bare loop, {job.steps} steps of {job.model}",
                lambda job=job: run(ours, job),  # type: ignore[misc]
                lambda job=job: bare(job),  # type: ignore[misc]
                turns,
                "at most 1.05",
            )
            for job in (MANY, FEW)
        ]


def profile(job: RenderJob, ours: LocalEngine, bare: Bare, turns: int) -> Iterator[str]:
    mine: list[Seconds] = []
    theirs: list[Seconds] = []
    spent: defaultdict[str, float] = defaultdict(float)
    with watched(spent):
        run(ours, job), bare(job)
        for turn in range(turns):
            for way in ("ours", "bare") if turn % 2 == 0 else ("bare", "ours"):
                if way == "ours":
                    spent.clear()
                    whole = run(ours, job)
                    mine.append({**spent, "else": whole - sum(spent.values()), "whole": whole})
                else:
                    began = time.perf_counter()
                    bare(job)
                    theirs.append({**bare.spent, "whole": time.perf_counter() - began})
    ratios = [one["whole"] / other["whole"] for one, other in zip(mine, theirs, strict=True)]
    yield f"| {job.model}, {job.steps} steps | engine, least | median | bare, least | median |\n|---|---|---|---|---|"
    for part in ("words", "beginning", "network", "scheduler", "previews", "decoding", "else", "whole"):
        cells = [cell for found in (mine, theirs) for cell in told([one.get(part, 0.0) for one in found])]
        yield f"| {part} | {' | '.join(cells)} |"
    yield f"ratio of pairs: {statistics.median(ratios):.3f}, from {min(ratios):.3f} to {max(ratios):.3f}\n"


def told(seconds: list[float]) -> tuple[str, str]:
    return f"{min(seconds) * 1e3:.1f} ms", f"{statistics.median(seconds) * 1e3:.1f} ms"


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--threads", type=int, help="of torch; all cores unless told")
    parser.add_argument("--bfloat16", action="store_true", help="also where this processor does not multiply it")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    device = Device(torch.device("cpu"), torch.bfloat16, (1, 2, 4, 8), "CPU") if options.bfloat16 else choose("cpu")
    bare = Bare(device)
    with opened(device) as ours:
        print(f"{torch.get_num_threads()} threads, {device.dtype}\n")
        for job in (MANY, FEW):
            for line in profile(job, ours, bare, options.turns):
                print(line, flush=True)


if __name__ == "__main__":
    main()

"""`python -m benchmarks [--turns N] [name ...]`: prints the table of benchmarks/README.md for this machine."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Callable
from functools import partial

from benchmarks import drawing, engines, gallery, profile, sharing, starter, starting
from benchmarks.ratio import HEAD, Ratio

BENCHMARKS: dict[str, Callable[[int], list[Ratio]]] = {
    "end-to-end": drawing.end_to_end,
    "company": drawing.company,
    "few-steps": starter.few_steps,
    "bare-loop": profile.bare_loop,
    "first-preview": sharing.first_preview,
    "cancelling": sharing.cancelling,
    "light-wait": sharing.light_wait,
    "previews": sharing.previews,
    "model-swap": sharing.model_swap,
    "upscaling": sharing.upscaling,
    "memory-of-eight": sharing.memory_of_eight,
    "gallery-page": gallery.gallery_page,
    "export": gallery.export,
    "page-ready": starting.page_ready,
    "peak-memory": starting.peak_memory,
    "against-cpp": engines.against_cpp,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHMARKS)}; all of them if none")
    parser.add_argument("--turns", type=int, default=7, help="how often each of the two ways is timed")
    parser.add_argument("--model", default="starter", help="what `company` draws with")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"name: {', '.join(sorted(unknown))} is not known. Expected {', '.join(BENCHMARKS)}.")
    print(f"{platform.machine()}, Python {platform.python_version()}, medians of {options.turns} turns\n")
    print(HEAD)
    for name in options.names or BENCHMARKS:
        benchmark = partial(drawing.company, model=options.model) if name == "company" else BENCHMARKS[name]
        for ratio in benchmark(options.turns):
            print(ratio.row(), flush=True)


if __name__ == "__main__":
    main()

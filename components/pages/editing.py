"""The tabs over the benches, and the benches of inpaint and upscale. Drawn by scripts of the same names."""

from __future__ import annotations

from components.cells import island


def build_tabs() -> None:
    island.build("tabs")


def build() -> None:
    island.build("inpaint")
    island.build("upscale")

"""The pictures that nsfwjs and our network are compared on: some that the starter drew, and drawings by arithmetic."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from pipelines.types import Pixels


def pictures() -> dict[str, Pixels]:
    drawn = {path.stem: opened(path) for path in sorted((Path(__file__).parent / "drawn").glob("*.webp"))}
    made = {"waves": waves(300, 200), "stripes": stripes(224, 224), "tall": waves(90, 400), "skin": skin(512, 512)}
    return drawn | made


def opened(path: Path) -> Pixels:
    return np.array(Image.open(path).convert("RGB"))


def waves(width: int, height: int) -> Pixels:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 3 + y, x * y // 7, x + y * 5], -1).astype(np.uint8)


def stripes(width: int, height: int) -> Pixels:
    y, x = np.mgrid[0:height, 0:width]
    lit = (x // 16 + y // 48) % 2
    return np.stack([lit * 240, 40 + lit * 100, 255 - lit * 200], -1).astype(np.uint8)


def skin(width: int, height: int) -> Pixels:
    """Soft round shapes in the colours of skin, which the network takes for what it is not."""
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    light = np.zeros((height, width))
    for across, down, size in ((0.35, 0.4, 0.22), (0.65, 0.4, 0.22), (0.5, 0.75, 0.35)):
        light = np.maximum(light, 1 - np.hypot(x - across, y - down) / size)
    shade = light.clip(0, 1)[..., None]
    ground, colour = np.array([92, 60, 52]), np.array([236, 188, 160])
    return (ground + (colour - ground) * np.sqrt(shade)).astype(np.uint8)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, pixels in pictures().items():
        (folder / f"{name}-{pixels.shape[1]}x{pixels.shape[0]}.rgb").write_bytes(pixels.tobytes())

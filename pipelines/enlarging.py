"""A picture that is enlarged as a row of the engine: a tile a step, and with creativity the tiles redrawn after."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from pipelines import adapters, batcher
from pipelines.text_to_image import Loaded
from pipelines.types import Pixels, RenderJob
from pipelines.upscale import Size, Upscaler, blend, finish, resized, starts

AGAIN = 1.5  # times larger than what a network made: then it runs once more
SHARED = 4  # a redrawn tile shares a quarter of its side with the next


class Enlargement:
    """One picture. `loaded` is the model that redraws the tiles, None where nothing is redrawn."""

    estimate = None  # what is done so far is not shown: the picture it starts from is
    bucket = 1
    buckets = (1,)

    def __init__(
        self, job: RenderJob, index: int, upscaler: Upscaler, loaded: Loaded | None, enlarger: Callable[[], Upscaler]
    ) -> None:
        assert job.upscale is not None
        if job.image is None:
            raise ValueError("image: None cannot be enlarged. Expected a picture.")
        self.job = job
        self.index = index
        self.upscaler = upscaler
        self.loaded = loaded
        self.worn: adapters.Chosen = ()
        if loaded is not None:
            self.worn = adapters.choose(adapters.split(job.prompt)[1], loaded.wardrobe.models_dir)
        self._enlarger = enlarger
        self._pixels: Pixels | None = None
        self.step = 0
        self.phase = "enlarging"
        self.times = range(self._count())
        self._work = self._steps()

    @property
    def key(self) -> tuple[str, str, int]:
        return self.upscaler_id, self.job.id, self.index

    @property
    def upscaler_id(self) -> str:
        assert self.job.upscale is not None
        return self.job.upscale.network

    @property
    def drawn(self) -> bool:
        return self._pixels is not None

    @property
    def waiting(self) -> bool:
        return not self.drawn

    def advance(self) -> None:
        """One tile, or one step of drawing one anew."""
        try:
            next(self._work)
            self.step = min(self.step + 1, len(self.times))
        except StopIteration:
            self.step = len(self.times)

    def finished(self) -> Pixels:
        assert self._pixels is not None
        return self._pixels

    def close(self) -> None:
        """Nothing of it is held between steps but its own arrays."""
        self._work.close()

    def _count(self) -> int:
        """How many steps there will be."""
        tile, job = self.upscaler.tile, self.job
        assert job.upscale is not None
        tiles = sum(len(starts(height, tile)) * len(starts(width, tile)) for width, height in self._passes())
        if self.loaded is None:
            return max(1, tiles)
        rows, columns = self._places()
        return tiles + len(rows) * len(columns) * int(job.steps * job.upscale.creativity)

    def _passes(self) -> Iterator[Size]:
        """The sizes from which the network enlarges: the picture's own, and again where that is far from enough.

        What it made is made smaller before the next pass, so that no pass makes more pixels than are wanted.
        """
        assert self.job.image is not None and self.job.upscale is not None
        size, wanted, scale = self.job.image.shape[1::-1], self.job.upscale.size, self.upscaler.scale
        if scale == 1 or size[0] >= wanted[0]:
            return
        yield size
        have = size[0] * scale
        while wanted[0] > AGAIN * have:
            factor = min(1.0, wanted[0] / (have * scale))
            have = max(1, round(have * factor))
            yield have, max(1, round(wanted[1] * have / wanted[0]))
            have *= scale

    def _steps(self) -> Generator[None, None, None]:
        assert self.job.image is not None and self.job.upscale is not None
        pixels = self.job.image
        for size in self._passes():
            pixels = yield from told(self.upscaler.enlarge(resized(pixels, size)))
        pixels = resized(pixels, self.job.upscale.size)
        if self.loaded is not None:
            self.phase = "drawing"
            pixels = yield from self._redrawn(pixels)
        self._pixels = pixels

    @property
    def _tile(self) -> tuple[int, int]:
        """Height and width of what the model draws at once, enlarged."""
        return self.job.height * self.job.enlarge, self.job.width * self.job.enlarge

    def _places(self) -> tuple[list[int], list[int]]:
        """Where the tiles that are redrawn begin, down and across."""
        assert self.job.upscale is not None
        (down, across), (width, height) = self._tile, self.job.upscale.size
        return starts(height, down, down // SHARED), starts(width, across, across // SHARED)

    def _redrawn(self, pixels: Pixels) -> Generator[None, None, Pixels]:
        """Every tile once through the model, faded into those above and before it, all from one seed."""
        (down, across), (rows, columns) = self._tile, self._places()
        result = pixels.copy()
        for row, top in enumerate(rows):
            for column, left in enumerate(columns):
                part = pixels[top : top + down, left : left + across]
                drawn = yield from self._draw(part)
                above = rows[row - 1] + down - top if row else 0
                before = columns[column - 1] + across - left if column else 0
                shown = drawn[: part.shape[0], : part.shape[1]].astype(np.float32)
                blend(result[top:, left:], shown, above, before)
        return result

    def _draw(self, part: Pixels) -> Generator[None, None, Pixels]:
        """One tile, image to image; a part smaller than a tile is completed with its own edge."""
        job = self.job
        assert self.loaded is not None and job.upscale is not None
        missing = [(0, want - have) for want, have in zip(self._tile, part.shape[:2], strict=True)]
        whole = np.pad(part, (*missing, (0, 0)), mode="edge")
        asked = replace(job, upscale=None, image=whole, strength=job.upscale.creativity, count=1)
        row = batcher.Row.begin(asked, self.index, self.loaded, self.worn)
        while not row.drawn:
            for _, error in batcher.step_together([row]):
                raise error
            yield
        pixels = row.finished()
        return finish(self._enlarger().enlarge(pixels)) if job.enlarge > 1 else pixels

    @property
    def facts(self) -> dict[str, Any]:
        """What decides the pixels beside the job."""
        facts: dict[str, Any] = {"bucket": 1, "upscaler": self.upscaler_id}
        if self.loaded is not None:
            facts |= {"revision": self.loaded.model.revision, "speed": list(self.loaded.tuned)}
            facts |= {"adapters": adapters.told(self.worn)}
        return facts


def told(work: Generator[float, None, Pixels]) -> Generator[None, None, Pixels]:
    """Goes through `work`, a tile a step; answers what it returns."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            pixels: Pixels = stop.value
            return pixels
        yield

"""A pool of composed examples as tensors, renewed a few at a time, by processes beside the training where asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any, Protocol, Self

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from pipelines.starter.autoencoder import to_tensor
from pipelines.starter.dataset import Composer
from pipelines.starter.weights import training_format

UNCONDITIONAL = 0.1  # share of captions left empty, for classifier-free guidance
AHEAD = 4  # chunks that each process composes in advance

Columns = tuple[torch.Tensor, ...]
Map = Callable[[np.ndarray, np.random.Generator], np.ndarray]  # (H, W, 3) pixels to what steers their drawing


class Pace(Protocol):
    """How many examples are fresh before each batch, and how many a batch has."""

    @property
    def renewed(self) -> int: ...

    @property
    def batch(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Composing(IterableDataset[tuple[Any, ...]]):
    """Examples for ever, `chunk` at a time: pixels (N, 128, 128, 3) uint8, their captions, and maps of the same shape.

    `captionless` is the share without a caption; `seen_as` draws the maps, which are the pixels without it.
    """

    composer: Composer
    chunk: int
    seed: int = 0
    captionless: float = UNCONDITIONAL
    seen_as: Map | None = None

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id] if worker else self.seed)
        while True:
            examples = [self.composer.draw(rng) for _ in range(self.chunk)]
            captions = ["" if rng.random() < self.captionless else example.caption for example in examples]
            pixels = np.stack([example.pixels for example in examples])
            maps = np.stack([self.seen_as(one, rng) for one in pixels]) if self.seen_as else pixels
            yield torch.from_numpy(pixels), captions, torch.from_numpy(maps)

    def started(self, workers: int) -> Iterator[tuple[Any, ...]]:
        """Composes in this process, or ahead in others."""
        return iter(DataLoader(self, batch_size=None, num_workers=workers, prefetch_factor=AHEAD if workers else None))


@dataclass(frozen=True, slots=True)
class Encoder:
    """Composed examples as a denoiser sees them."""

    parts: StableDiffusionPipeline
    mapped: bool = False

    @torch.inference_mode()
    def __call__(self, pixels: torch.Tensor, captions: list[str], maps: torch.Tensor) -> Columns:
        """Latents (N, 8, 16, 16) and tokens (N, 32, 384), and where `mapped` maps (N, 3, 128, 128), bytes."""
        device = self.parts.unet.device
        latents = self.latents(pixels)
        tokens, _ = self.parts.encode_prompt(captions, device, 1, False)
        columns = latents.to(training_format()), tokens.to(training_format())
        return (*columns, channels_first(maps.to(device))) if self.mapped else columns

    def latents(self, pixels: torch.Tensor) -> torch.Tensor:
        vae = self.parts.vae
        seen = to_tensor(pixels.to(vae.device)).to(vae.dtype).contiguous(memory_format=torch.channels_last)
        return vae.encode(seen).latents * vae.config.scaling_factor


def channels_first(pictures: torch.Tensor) -> torch.Tensor:
    return pictures.permute(0, 3, 1, 2).contiguous()


class Pool:
    """`size` rows of what `encode` answers to the examples of `source`."""

    def __init__(
        self, source: Composing, encode: Callable[..., Columns], size: int = 8192, *, workers: int = 0
    ) -> None:
        self.examples, self.encode = source.started(workers), encode
        chunks = [encode(*next(self.examples)) for _ in range(-(-size // source.chunk))]
        self.columns: Columns = tuple(torch.cat(column) for column in zip(*chunks, strict=True))
        self.oldest, self.lock = 0, Lock()
        self.beside = Thread(target=self.renew_for_ever, name="pool", daemon=True) if workers else None
        self.closed = False
        if self.beside:
            self.beside.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.closed = True
        if self.beside:
            self.beside.join()

    def renew(self) -> None:
        """Replaces the oldest examples by the next ones."""
        fresh = self.encode(*next(self.examples))
        count, rows = len(fresh[0]), len(self.columns[0])
        places = torch.arange(self.oldest, self.oldest + count, device=fresh[0].device) % rows
        with self.lock:  # no batch gets the latents of one example and the tokens of another
            for column, rows_of_it in zip(self.columns, fresh, strict=True):
                column[places] = rows_of_it
        self.oldest = (self.oldest + count) % rows

    def renew_for_ever(self) -> None:
        while not self.closed:
            self.renew()

    def next(self, plan: Pace, generator: torch.Generator) -> Columns:
        """A batch after a few fresh examples have come in; with processes beside, after as many as have."""
        if not self.beside:
            self.renew()
        return self.batch(plan.batch, generator)

    def batch(self, count: int, generator: torch.Generator) -> Columns:
        places = torch.randint(len(self.columns[0]), (count,), generator=generator, device=generator.device)
        with self.lock:
            return tuple(column[places] for column in self.columns)

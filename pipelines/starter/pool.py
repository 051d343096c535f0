"""A pool of composed examples as tensors, renewed a few at a time; other processes may compose ahead of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from pipelines.starter.autoencoder import to_tensor
from pipelines.starter.dataset import Composer
from pipelines.starter.weights import training_format

UNCONDITIONAL = 0.1  # share of captions left empty, for classifier-free guidance
AHEAD = 8  # chunks that each process composes in advance

Columns = tuple[torch.Tensor, ...]
Map = Callable[[np.ndarray, np.random.Generator], np.ndarray]  # (H, W, 3) pixels to what steers their drawing


@dataclass(frozen=True, slots=True)
class Composing(IterableDataset[Columns]):
    """Examples for ever, `chunk` at a time: pixels (N, 128, 128, 3) uint8, the ids of their captions' words (N, 32),
    and with `seen_as` maps of them, of the pixels' shape.

    `captionless` is the share without a caption; without a `tokenizer` there are no ids.
    """

    composer: Composer
    chunk: int
    seed: int = 0
    tokenizer: Any = None
    captionless: float = UNCONDITIONAL
    seen_as: Map | None = None

    def __iter__(self) -> Iterator[Columns]:
        worker = get_worker_info()
        rng = np.random.default_rng([self.seed, worker.id] if worker else self.seed)
        while True:
            yield self.next(rng)

    def next(self, rng: np.random.Generator) -> Columns:
        examples = [self.composer.draw(rng) for _ in range(self.chunk)]
        columns = [torch.from_numpy(np.stack([example.pixels for example in examples]))]
        if self.tokenizer is not None:
            captions = ["" if rng.random() < self.captionless else example.caption for example in examples]
            columns.append(ids(self.tokenizer, captions))
        if self.seen_as is not None:
            columns.append(torch.from_numpy(np.stack([self.seen_as(example.pixels, rng) for example in examples])))
        return tuple(columns)

    def started(self, workers: int) -> Iterator[Columns]:
        """Composes in this process, or ahead in others."""
        return iter(DataLoader(self, batch_size=None, num_workers=workers, prefetch_factor=AHEAD if workers else None))


def ids(tokenizer: Any, captions: list[str]) -> torch.Tensor:
    """The words of captions as diffusers gives them to a text encoder: (N, longest)."""
    longest = tokenizer.model_max_length
    return tokenizer(captions, padding="max_length", max_length=longest, truncation=True, return_tensors="pt").input_ids


@dataclass(frozen=True, slots=True)
class Encoder:
    """Composed examples as a denoiser sees them: latents (N, 8, 16, 16) and tokens (N, 32, 384), and any maps
    (N, 3, 128, 128) as bytes."""

    parts: StableDiffusionPipeline

    @torch.inference_mode()
    def __call__(self, pixels: torch.Tensor, words: torch.Tensor, *maps: torch.Tensor) -> Columns:
        device = self.parts.unet.device
        words = words.to(device)
        told = (words != self.parts.tokenizer.pad_token_id).long()  # as the shipped model's pipeline masks them
        tokens = self.parts.text_encoder(words, attention_mask=told)[0]
        columns = self.latents(pixels).to(training_format()), tokens.to(training_format())
        return (*columns, *(one.to(device).permute(0, 3, 1, 2).contiguous() for one in maps))

    def latents(self, pixels: torch.Tensor) -> torch.Tensor:
        vae = self.parts.vae
        seen = to_tensor(pixels.to(vae.device)).to(vae.dtype).contiguous(memory_format=torch.channels_last)
        return vae.encode(seen).latents * vae.config.scaling_factor


class Pool:
    """`size` rows of what `encode` answers to the examples of `source`, on one device."""

    def __init__(
        self, source: Composing, encode: Callable[..., Columns], size: int = 8192, *, workers: int = 0
    ) -> None:
        self.examples, self.encode = source.started(workers), encode
        chunks = [encode(*next(self.examples)) for _ in range(-(-size // source.chunk))]
        self.columns: Columns = tuple(torch.cat(column) for column in zip(*chunks, strict=True))
        self.oldest = 0

    def renew(self) -> None:
        """Replaces the oldest examples by the next ones."""
        fresh = self.encode(*next(self.examples))
        count, rows = len(fresh[0]), len(self.columns[0])
        places = torch.arange(self.oldest, self.oldest + count, device=fresh[0].device) % rows
        for column, renewed in zip(self.columns, fresh, strict=True):
            column[places] = renewed
        self.oldest = (self.oldest + count) % rows

    def next(self, count: int, generator: torch.Generator) -> Columns:
        """A batch of `count` after a few fresh examples have come in."""
        self.renew()
        return self.batch(count, generator)

    def batch(self, count: int, generator: torch.Generator) -> Columns:
        places = torch.randint(len(self.columns[0]), (count,), generator=generator, device=generator.device)
        return tuple(column[places] for column in self.columns)

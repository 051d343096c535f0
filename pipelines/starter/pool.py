"""A pool of composed examples as tensors, renewed a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from diffusers import StableDiffusionPipeline

from pipelines.starter.dataset import Composer, Example

ENCODE_BATCH = 64
UNCONDITIONAL = 0.1  # share of captions left empty, for classifier-free guidance

Columns = tuple[torch.Tensor, ...]
Map = Callable[[np.ndarray, np.random.Generator], np.ndarray]  # (H, W, 3) pixels to what steers their drawing


class Pace(Protocol):
    """How many examples are fresh before each batch, and how many a batch has."""

    @property
    def renewed(self) -> int: ...

    @property
    def batch(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Source:
    """Where examples come from: `captionless` is the share without a caption; `seen_as` draws a map of each."""

    parts: StableDiffusionPipeline
    composer: Composer
    rng: np.random.Generator
    captionless: float = UNCONDITIONAL
    seen_as: Map | None = None

    @torch.inference_mode()
    def encode(self, count: int) -> Columns:
        """Latents (N, 8, 16, 16) and tokens (N, 32, 384), bfloat16, and with `seen_as` maps (N, 3, 128, 128), bytes."""
        examples: list[Example] = [self.composer.draw(self.rng) for _ in range(count)]
        captions = ["" if self.rng.random() < self.captionless else example.caption for example in examples]
        vae = self.parts.vae
        pixels = torch.from_numpy(np.stack([example.pixels for example in examples])).to(vae.device)
        pixels = (pixels.permute(0, 3, 1, 2).to(vae.dtype) / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        latents = vae.encode(pixels).latents * vae.config.scaling_factor
        tokens, _ = self.parts.encode_prompt(captions, self.parts.text_encoder.device, 1, False)
        columns = latents.to(torch.bfloat16).cpu(), tokens.to(torch.bfloat16).cpu()
        if self.seen_as is None:
            return columns
        maps = np.stack([self.seen_as(example.pixels, self.rng) for example in examples])
        return *columns, torch.from_numpy(maps).permute(0, 3, 1, 2).contiguous()


@dataclass(slots=True)
class Pool:
    """What the source's `encode` answers, many rows of it."""

    source: Source
    columns: Columns
    oldest: int = 0

    @classmethod
    def fill(cls, source: Source, size: int = 8192) -> Pool:
        chunks = [source.encode(ENCODE_BATCH) for _ in range(size // ENCODE_BATCH)]
        return cls(source, tuple(torch.cat(column) for column in zip(*chunks, strict=True)))

    def renew(self, count: int) -> None:
        """Replaces the oldest `count` examples by fresh ones."""
        places = torch.arange(self.oldest, self.oldest + count) % len(self.columns[0])
        for column, fresh in zip(self.columns, self.source.encode(count), strict=True):
            column[places] = fresh
        self.oldest = (self.oldest + count) % len(self.columns[0])

    def next(self, plan: Pace, generator: torch.Generator) -> Columns:
        """A batch after a few fresh examples have come in."""
        self.renew(plan.renewed)
        return self.batch(plan.batch, generator)

    def batch(self, count: int, generator: torch.Generator) -> Columns:
        places = torch.randint(len(self.columns[0]), (count,), generator=generator)
        return tuple(column[places] for column in self.columns)

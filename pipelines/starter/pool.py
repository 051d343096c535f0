"""A pool of composed examples as latents and caption embeddings, renewed a few at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from diffusers import StableDiffusionPipeline

from pipelines.starter.dataset import Composer, Example

ENCODE_BATCH = 64
UNCONDITIONAL = 0.1  # share of captions left empty, for classifier-free guidance


@dataclass(slots=True)
class Pool:
    """`latents` (N, 8, 16, 16) and `tokens` (N, 32, 384), bfloat16."""

    parts: StableDiffusionPipeline
    composer: Composer
    rng: np.random.Generator
    latents: torch.Tensor
    tokens: torch.Tensor
    oldest: int = 0

    @classmethod
    def fill(cls, parts: StableDiffusionPipeline, composer: Composer, seed: int, size: int = 8192) -> Pool:
        rng = np.random.default_rng(seed)
        chunks = [encode(parts, composer, rng, ENCODE_BATCH) for _ in range(size // ENCODE_BATCH)]
        latents, tokens = (torch.cat(column) for column in zip(*chunks, strict=True))
        return cls(parts, composer, rng, latents, tokens)

    def renew(self, count: int) -> None:
        """Replaces the oldest `count` examples by fresh ones."""
        latents, tokens = encode(self.parts, self.composer, self.rng, count)
        places = torch.arange(self.oldest, self.oldest + count) % len(self.latents)
        self.latents[places], self.tokens[places] = latents, tokens
        self.oldest = (self.oldest + count) % len(self.latents)

    def batch(self, count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        places = torch.randint(len(self.latents), (count,), generator=generator)
        return self.latents[places], self.tokens[places]


@torch.inference_mode()
def encode(
    parts: StableDiffusionPipeline, composer: Composer, rng: np.random.Generator, count: int
) -> tuple[torch.Tensor, torch.Tensor]:
    examples: list[Example] = [composer.draw(rng) for _ in range(count)]
    captions = ["" if rng.random() < UNCONDITIONAL else example.caption for example in examples]
    pixels = torch.from_numpy(np.stack([example.pixels for example in examples])).to(parts.vae.device)
    pixels = (pixels.permute(0, 3, 1, 2).to(parts.vae.dtype) / 127.5 - 1).contiguous(memory_format=torch.channels_last)
    latents = parts.vae.encode(pixels).latents * parts.vae.config.scaling_factor
    tokens, _ = parts.encode_prompt(captions, parts.text_encoder.device, 1, False)
    return latents.to(torch.bfloat16).cpu(), tokens.to(torch.bfloat16).cpu()

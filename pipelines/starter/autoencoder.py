"""Trains the autoencoder on crops of composites: 128x128x3 to 16x16x8 and back. Knows no captions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from torch import nn
from torch.nn import functional

from pipelines.starter import loop
from pipelines.starter.dataset import Composer


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(loop.Plan):
    """Of crops; the rate falls along a cosine. `decoder_only` keeps the latents what they are."""

    samples: int = 400_000
    cooldown: int = 400_000
    batch: int = 64
    crop: int = 64  # pixels; the autoencoder is convolutional
    rate: float = 6e-4
    warmup: int = 6_400
    average: float = 0.998
    jitter: float = 0.05  # noise on the latents, as a share of their spread
    whitening: float = 0.01  # weight of the pull of each latent channel towards mean 0 and spread 1
    decoder_only: bool = False

    def rate_at(self, seen: int) -> float:
        rising = min(1.0, (seen + self.batch) / self.warmup)
        return self.rate * rising * 0.5 * (1 + math.cos(math.pi * min(1.0, seen / self.samples)))


class Crops:
    """Random crops of a pool of composites, as (B, 3, crop, crop) from -1 to 1. Each batch renews a few composites."""

    def __init__(self, composer: Composer, seed: int, size: int = 2048, renewed: int = 4) -> None:
        self.composer, self.renewed, self.oldest = composer, renewed, 0
        self.rng = np.random.default_rng(seed)
        self.pictures = np.stack([composer.draw(self.rng).pixels for _ in range(size)])

    def batch(self, count: int, crop: int) -> torch.Tensor:
        for _ in range(self.renewed):
            self.pictures[self.oldest] = self.composer.draw(self.rng).pixels
            self.oldest = (self.oldest + 1) % len(self.pictures)
        height, width = self.pictures.shape[1:3]
        crops = np.empty((count, crop, crop, 3), np.uint8)
        for row in crops:
            picture = self.pictures[self.rng.integers(len(self.pictures))]
            y, x = self.rng.integers(height - crop + 1), self.rng.integers(width - crop + 1)
            row[:] = picture[y : y + crop, x : x + crop]
        return to_tensor(crops)


class Run(loop.Run[Plan]):
    def __init__(self, vae: AutoencoderTiny, plan: Plan, seed: int = 0) -> None:
        self.vae = vae.to(torch.bfloat16).to(memory_format=torch.channels_last).train()
        self.trained = vae.decoder if plan.decoder_only else vae
        super().__init__(plan, self.trained.parameters(), seed)

    def step(self, crops: torch.Tensor) -> float:
        """One batch of crops (B, 3, H, W) from -1 to 1. Answers the loss."""
        target = crops.to(self.vae.device)
        with torch.set_grad_enabled(not self.plan.decoder_only):
            latents = self.vae.encoder(target.to(torch.bfloat16).contiguous(memory_format=torch.channels_last))
        noise = torch.randn(latents.shape, generator=self.generator).to(latents) * latents.detach().std()
        guess = self.vae.decoder(latents + self.plan.jitter * noise)
        loss = reconstruction_loss(guess.float(), target)
        if not self.plan.decoder_only:
            loss = loss + self.plan.whitening * spread_penalty(latents.float())
        return self.learn(loss, len(crops))

    def averaged(self) -> AutoencoderTiny:
        """A float32 copy that holds the averaged weights."""
        copy = AutoencoderTiny.from_config(self.vae.config)
        copy.load_state_dict(self.vae.state_dict())
        trained = copy.decoder if self.plan.decoder_only else copy
        for weight, average in zip(trained.parameters(), self.weights.average, strict=True):
            weight.data.copy_(average)
        return copy.eval()

    def restore(self, state: dict[str, Any]) -> None:
        """Raises ValueError where the checkpoint trained other parts than this plan does."""
        if state["plan"]["decoder_only"] != self.plan.decoder_only:
            raise ValueError(f"decoder_only: {self.plan.decoder_only}. Expected what the checkpoint was trained with.")
        super().restore(state)


def fresh() -> AutoencoderTiny:
    """The shipped architecture, untrained. Each residual block starts as the identity: twenty times fewer steps."""
    vae = AutoencoderTiny(
        latent_channels=8,
        encoder_block_out_channels=(48,) * 4,
        decoder_block_out_channels=(48,) * 4,
        num_encoder_blocks=(1, 3, 3, 3),
        num_decoder_blocks=(3, 3, 3, 1),
    )
    for module in vae.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    for module in vae.modules():
        if isinstance(module, AutoencoderTinyBlock):
            module.conv[-1].weight.data.zero_()
    return vae


def reconstruction_loss(guess: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """L1 of the pixels, of their differences to the next ones, and at a quarter of the size."""
    loss = (guess - target).abs().mean()
    for axis in (2, 3):
        loss = loss + (guess.diff(dim=axis) - target.diff(dim=axis)).abs().mean()
    quarter = functional.avg_pool2d(guess, 4) - functional.avg_pool2d(target, 4)
    return loss + 0.5 * quarter.abs().mean()


def spread_penalty(latents: torch.Tensor) -> torch.Tensor:
    """How far the channels of (B, C, H, W) are from mean 0 and spread 1."""
    spread, mean = torch.std_mean(latents, dim=(0, 2, 3))
    return (mean.square() + (spread - 1).square()).mean()


@torch.inference_mode()
def set_scale(vae: AutoencoderTiny, pixels: np.ndarray) -> None:
    """Records the factor that brings the latents of these pictures (N, H, W, 3) to a spread of 1."""
    vae.register_to_config(scaling_factor=1 / float(vae.encode(to_tensor(pixels).to(vae.dtype)).latents.std()))


@torch.inference_mode()
def reconstruct(vae: AutoencoderTiny, pixels: np.ndarray) -> np.ndarray:
    """Pictures (N, H, W, 3) uint8 through the autoencoder."""
    clean = to_tensor(pixels).to(vae.device, vae.dtype).contiguous(memory_format=torch.channels_last)
    guess = torch.cat([vae.decode(vae.encode(part).latents).sample for part in clean.split(32)])
    return ((guess.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def psnr(pictures: np.ndarray, originals: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB, the mean over pictures (N, H, W, 3) uint8."""
    error = np.square(pictures.astype(float) - originals).mean(axis=(1, 2, 3))
    return float(np.mean(10 * np.log10(255**2 / np.maximum(error, 1e-9))))


def to_tensor(pixels: np.ndarray) -> torch.Tensor:
    """(N, H, W, 3) uint8 to (N, 3, H, W) from -1 to 1."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1

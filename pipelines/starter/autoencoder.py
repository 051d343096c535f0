"""Trains the autoencoder on crops of composites: 128x128x3 to 16x16x8 and back. Knows no captions."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderTiny
from diffusers.models.unets.unet_2d_blocks import AutoencoderTinyBlock
from torch import nn
from torch.nn import functional

from pipelines.starter import loop
from pipelines.starter.weights import averaged, compiled, training_format

NO_ERROR = 2e-5  # squared, of values from -1 to 1: what a crop may be wrong by without its logarithm running away


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(loop.Plan):
    """Of crops; the rate falls along a cosine.

    `tether` is the weight of the pull of the latents towards those of the autoencoder that the run starts from, as a
    share of their spread squared: a denoiser that knows those goes on with these. At 0 the latents are free.
    """

    samples: int = 400_000
    cooldown: int = 400_000
    batch: int = 64
    crop: int = 64  # pixels; the autoencoder is convolutional
    rate: float = 6e-4
    warmup: int = 6_400
    average: float = 0.998
    renewed: int = 4  # fresh composites before each step
    jitter: float = 0.05  # noise on the latents, as a share of their spread
    whitening: float = 0.01  # weight of the pull of each latent channel towards mean 0 and spread 1
    tether: float = 0.0

    def rate_at(self, seen: int) -> float:
        rising = min(1.0, (seen + self.batch) / self.warmup)
        return self.rate * rising * 0.5 * (1 + math.cos(math.pi * min(1.0, seen / self.samples)))


def pictures(device: torch.device) -> Callable[..., tuple[torch.Tensor, ...]]:
    """What a pool keeps of composed examples, on this device: bytes (N, 3, 128, 128)."""
    return lambda pixels, *_: (pixels.to(device).permute(0, 3, 1, 2).contiguous(),)


def cropped(pictures: torch.Tensor, side: int, generator: torch.Generator) -> torch.Tensor:
    """A random part of each of the pictures (N, 3, H, W), bytes, as (N, 3, side, side) from -1 to 1."""
    count, _, height, width = pictures.shape
    draw = partial(torch.randint, size=(count, 1), generator=generator, device=generator.device)
    along = torch.arange(side, device=generator.device)
    rows, columns = draw(high=height - side + 1) + along, draw(high=width - side + 1) + along
    which = torch.arange(count, device=generator.device)[:, None, None]
    parts = pictures.permute(0, 2, 3, 1)[which, rows[:, :, None], columns[:, None, :]]
    return to_tensor(parts)


class Run(loop.Run[Plan]):
    def __init__(self, vae: AutoencoderTiny, plan: Plan, seed: int = 0) -> None:
        self.vae = vae.to(training_format()).to(memory_format=torch.channels_last).train()
        known = deepcopy(vae.encoder).requires_grad_(False) if plan.tether else None
        self.encode, self.decode = compiled(vae.encoder, vae.device), compiled(vae.decoder, vae.device)
        self.known = known and compiled(known, vae.device)
        super().__init__(plan, vae.parameters(), seed)

    def step(self, crops: torch.Tensor) -> torch.Tensor:
        """One batch of crops (B, 3, H, W) from -1 to 1. Answers the loss."""
        target = crops.to(self.vae.device)
        seen = target.to(training_format()).contiguous(memory_format=torch.channels_last)
        latents = self.encode(seen)
        spread = latents.detach().std()
        noise = torch.randn(latents.shape, generator=self.generator, device=self.device).to(latents) * spread
        guess = self.decode(latents + self.plan.jitter * noise)
        loss = reconstruction_loss(guess.float(), target)
        if self.known is None:
            loss = loss + self.plan.whitening * spread_penalty(latents.float())
        else:
            moved = (latents.float() - self.known(seen).float()) / spread.float()
            loss = loss + self.plan.tether * moved.square().mean()
        return self.learn(loss, len(crops))

    def averaged(self) -> AutoencoderTiny:
        """A float32 copy that holds the averaged weights."""
        return averaged(self.vae, self.weights)

    def restore(self, state: dict[str, Any]) -> None:
        """Raises ValueError where the checkpoint was trained towards something else than this plan is."""
        if state["plan"].get("tether") != self.plan.tether:
            raise ValueError(f"tether: {self.plan.tether}. Expected what the checkpoint was trained with.")
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
    """L1 of the pixels, of their differences to the next ones, and at a quarter of the size; and the logarithm of each
    crop's squared error, whose mean is what PSNR says."""
    loss = (guess - target).abs().mean()
    for axis in (2, 3):
        loss = loss + (guess.diff(dim=axis) - target.diff(dim=axis)).abs().mean()
    quarter = functional.avg_pool2d(guess, 4) - functional.avg_pool2d(target, 4)
    error = (guess - target).square().mean(dim=(1, 2, 3))
    return loss + 0.5 * quarter.abs().mean() + 0.1 * torch.log(error + NO_ERROR).mean()


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
    return to_pixels(guess)


def psnr(pictures: np.ndarray, originals: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB, the mean over pictures (N, H, W, 3) uint8."""
    error = np.square(pictures.astype(float) - originals).mean(axis=(1, 2, 3))
    return float(np.mean(10 * np.log10(255**2 / np.maximum(error, 1e-9))))


def to_pixels(pictures: torch.Tensor) -> np.ndarray:
    """(N, 3, H, W) from -1 to 1 to (N, H, W, 3) uint8."""
    return ((pictures.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def to_tensor(pixels: np.ndarray | torch.Tensor) -> torch.Tensor:
    """(N, H, W, 3) uint8 to (N, 3, H, W) from -1 to 1."""
    return torch.as_tensor(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1

"""Trains a denoiser that is told what to keep: inputs of its own for the mask and for the rest of the picture.

Wider by 9 channels for 8 of latents, as the inpainting models of Stable Diffusion are (Rombach et al. 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from PIL import Image, ImageDraw, ImageFilter
from torch.nn import functional

from pipelines.starter import unet
from pipelines.starter.autoencoder import to_pixels
from pipelines.starter.pool import Columns, Encoder, ids

WHOLE, HALVES, BOXES = 0.1, 0.3, 0.6  # shares of masks, summed up; the rest are strokes
STEPS, GUIDANCE = 20, 3.0  # of the pictures that are looked at
MARKED = 128  # of 255, from which on a pixel is drawn anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(unet.Plan):
    samples: int = 100_000
    cooldown: int = 50_000


class Run(unet.Run):
    """A run of the denoiser whose batches have a third column: what it is told (B, 9, H, W)."""

    def step(self, latents: torch.Tensor, tokens: torch.Tensor, told: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        """One batch. Answers the loss."""
        times = self.plan.times(len(latents), len(self.alphas), self.generator)
        loss = unet.denoising_loss(Told(self.denoise, told), self.alphas, (latents, tokens), times, self.generator)
        return self.learn(loss, len(latents))


@dataclass(frozen=True, slots=True)
class Told:
    """A widened denoiser and what it is told; called like any other."""

    unet: UNet2DConditionModel
    told: torch.Tensor

    @property
    def device(self) -> torch.device:
        return self.unet.device

    def __call__(self, noisy: torch.Tensor, times: torch.Tensor, tokens: torch.Tensor) -> Any:
        both = torch.cat([noisy, self.told.to(noisy)], dim=1).contiguous(memory_format=torch.channels_last)
        return self.unet(both, times, tokens)


@dataclass(frozen=True, slots=True)
class MaskedEncoder:
    """Composed examples with a mask for each as columns: latents, tokens and what the denoiser is told."""

    encode: Encoder

    @torch.inference_mode()
    def __call__(self, pixels: torch.Tensor, words: torch.Tensor, masks: torch.Tensor) -> Columns:
        """`masks` (N, 128, 128, 3) uint8, white where the picture is drawn anew."""
        latents, tokens = self.encode(pixels, words)
        device = self.encode.parts.vae.device
        drawn_anew = masks.to(device)[..., :1] >= MARKED
        kept = torch.where(drawn_anew, torch.tensor(MARKED, dtype=torch.uint8, device=device), pixels.to(device))
        small = functional.interpolate(drawn_anew.permute(0, 3, 1, 2).float(), size=latents.shape[-2:])
        return latents, tokens, torch.cat([small.to(latents), self.encode.latents(kept).to(latents)], dim=1)


def widened(denoiser: UNet2DConditionModel) -> UNet2DConditionModel:
    """The same denoiser with inputs for a mask and for a masked picture, to which it does not listen yet."""
    channels = denoiser.config.in_channels
    wider = UNet2DConditionModel.from_config({**denoiser.config, "in_channels": 2 * channels + 1})
    weights = {name: weight.float() for name, weight in denoiser.state_dict().items()}
    deaf = torch.zeros_like(wider.conv_in.weight)
    deaf[:, :channels] = weights["conv_in.weight"]
    wider.load_state_dict(weights | {"conv_in.weight": deaf})
    return wider.to(denoiser.device)


def masked(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A random mask of the shape of `pixels` (H, W, 3): all, the picture beyond an edge, a box or oval, or strokes."""
    height, width = pixels.shape[:2]
    mask = Image.new("L", (width, height), 0)
    pen, kind = ImageDraw.Draw(mask), rng.random()
    if kind < WHOLE:
        pen.rectangle((0, 0, width, height), 255)
    elif kind < HALVES:
        cut = rng.uniform(0.25, 0.75)
        sides = (0, 0, width * cut, height), (width * cut, 0, width, height)
        ends = (0, 0, width, height * cut), (0, height * cut, width, height)
        pen.rectangle((*sides, *ends)[rng.integers(4)], 255)
    elif kind < BOXES:
        x, y = rng.uniform(0.2, 0.8, 2) * (width, height)
        half = rng.uniform(0.1, 0.4, 2) * (width, height)
        draw = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        draw((x - half[0], y - half[1], x + half[0], y + half[1]), 255)
    else:
        for _ in range(rng.integers(1, 4)):
            points = rng.uniform(0, 1, (rng.integers(2, 5), 2)) * (width, height)
            pen.line([tuple(point) for point in points], 255, int(rng.uniform(0.08, 0.25) * width), joint="curve")
        mask = mask.filter(ImageFilter.GaussianBlur(2)).point(lambda level: 255 if level >= MARKED else 0)
    return np.repeat(np.asarray(mask)[..., None], 3, axis=-1)


@torch.inference_mode()
def draw(
    parts: StableDiffusionPipeline,
    denoiser: UNet2DConditionModel,
    captions: Sequence[str],
    pixels: np.ndarray,
    masks: np.ndarray,
) -> np.ndarray:
    """Pictures (N, 128, 128, 3) whose masked parts are drawn anew; bytes. The place is the seed."""
    device, count = parts.unet.device, len(captions)
    unet = denoiser.to(device, parts.unet.dtype)
    encode = MaskedEncoder(Encoder(parts))
    words = ids(parts.tokenizer, ["", *captions])
    _, tokens, told = encode(torch.from_numpy(pixels), words, torch.from_numpy(masks))
    tokens = torch.cat([tokens[:1].expand(count, -1, -1), tokens[1:]])
    shape = told[:1, 1:].shape
    latents = torch.cat([torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in range(count)])
    parts.scheduler.set_timesteps(STEPS)
    for time in parts.scheduler.timesteps:
        both = torch.cat([latents.to(told), told], dim=1).repeat(2, 1, 1, 1)
        away, towards = unet(both, time, tokens).sample.float().cpu().chunk(2)
        latents = parts.scheduler.step(away + GUIDANCE * (towards - away), time, latents).prev_sample
    return to_pixels(parts.vae.decode(latents.to(told) / parts.vae.config.scaling_factor).sample)

"""Trains the denoiser: v-prediction on noise-biased time steps. Knows latents and caption embeddings, no pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from diffusers import DDIMScheduler, DiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from PIL import Image

from pipelines.starter import loop
from pipelines.starter.weights import averaged, compiled, training_format


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(loop.Plan):
    samples: int = 1_000_000
    cooldown: int = 60_000
    batch: int = 64
    rate: float = 6e-4
    warmup: int = 3_200
    average: float = 0.999
    renewed: int = 8  # fresh examples before each step
    noise_bias: float = 0.4  # mean of the logit-normal time steps: above 0 leans to noise
    noise_spread: float = 1.2

    def times(self, count: int, of: int, generator: torch.Generator) -> torch.Tensor:
        """Time steps (count,) below `of`."""
        spread = torch.randn(count, generator=generator, device=generator.device) * self.noise_spread + self.noise_bias
        return (spread.sigmoid() * of).long().clamp(max=of - 1)


class Run(loop.Run[Plan]):
    def __init__(self, unet: UNet2DConditionModel, scheduler: DDIMScheduler, plan: Plan, seed: int = 0) -> None:
        self.unet = plainly(unet.to(training_format()).to(memory_format=torch.channels_last)).train()
        self.denoise = compiled(self.unet, self.unet.device)
        super().__init__(plan, unet.parameters(), seed)
        self.alphas = scheduler.alphas_cumprod.float().to(self.device)

    def step(self, latents: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        """One batch: latents (B, C, H, W) and tokens (B, T, D). Answers the loss."""
        times = self.plan.times(len(latents), len(self.alphas), self.generator)
        loss = denoising_loss(self.denoise, self.alphas, (latents, tokens), times, self.generator)
        return self.learn(loss, len(latents))

    def averaged(self) -> UNet2DConditionModel:
        return averaged(self.unet, self.weights)


def plainly(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """With attention written out: the gradients of torch's fused one take a quarter of a step on a CPU."""
    if not torch.cuda.is_available():
        unet.set_attn_processor(AttnProcessor())
    return unet


class Denoiser(Protocol):
    """Called with noisy latents (B, C, H, W), times (B,) and tokens (B, T, D); answers an object with a `sample`."""

    @property
    def device(self) -> torch.device: ...

    def __call__(self, noisy: torch.Tensor, times: torch.Tensor, tokens: torch.Tensor, /) -> Any: ...


def denoising_loss(
    unet: Denoiser,
    alphas: torch.Tensor,
    batch: tuple[torch.Tensor, torch.Tensor],
    times: torch.Tensor,
    generator: torch.Generator,
) -> torch.Tensor:
    """The squared error of the velocity (Salimans and Ho 2022). `batch`: latents (B, C, H, W) and tokens (B, T, D).

    All but the denoiser may be on another device than it, together.
    """
    clean, tokens = batch[0].float(), batch[1]
    noise = torch.randn(clean.shape, generator=generator, device=generator.device)
    alpha = alphas[times].sqrt()[:, None, None, None]
    sigma = (1 - alphas[times]).sqrt()[:, None, None, None]
    noisy = (alpha * clean + sigma * noise).to(training_format()).contiguous(memory_format=torch.channels_last)
    velocity = alpha * noise - sigma * clean
    device = unet.device
    guess = unet(noisy.to(device), times.to(device), tokens.to(device, noisy.dtype)).sample.float()
    return (guess - velocity.to(device)).square().mean()


@torch.inference_mode()
def draw(
    parts: DiffusionPipeline,
    prompts: Sequence[str],
    seeds: Sequence[int],
    *,
    guidance: float = 3.0,
    steps: int = 20,
    maps: Sequence[Image.Image] = (),
) -> list[Image.Image]:
    """A picture of 128x128 for each prompt and seed, eight at a time; a ControlNet in `parts` is given the maps."""
    pictures: list[Image.Image] = []
    for start in range(0, len(prompts), 8):
        part = slice(start, start + 8)
        drawn = parts(
            list(prompts[part]),
            width=128,
            height=128,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=[torch.Generator().manual_seed(seed) for seed in seeds[part]],
            **({"image": list(maps[part])} if maps else {}),
        )
        pictures.extend(drawn.images)
    return pictures

"""Trains the denoiser: v-prediction on noise-biased time steps. Knows latents and caption embeddings, no pictures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor

from pipelines.starter.weights import Master


@dataclass(frozen=True, slots=True)
class Plan:
    """`samples` is the whole run; the rate falls to nothing over the last `cooldown` of them."""

    samples: int = 1_000_000
    cooldown: int = 60_000
    batch: int = 64
    rate: float = 6e-4
    warmup: int = 3_200
    average: float = 0.999
    renewed: int = 8  # fresh examples before each step
    noise_bias: float = 0.4  # mean of the logit-normal time steps: above 0 leans to noise
    noise_spread: float = 1.2

    def rate_at(self, seen: int) -> float:
        rising = min(1.0, (seen + self.batch) / self.warmup)
        falling = min(1.0, max(0.0, (self.samples - seen) / self.cooldown))
        return self.rate * rising * falling


class Run:
    """One training run, resumable from `state()`: the same steps follow, given the same batches."""

    def __init__(self, unet: UNet2DConditionModel, scheduler: DDIMScheduler, plan: Plan, seed: int = 0) -> None:
        self.unet = plainly(unet.to(torch.bfloat16).to(memory_format=torch.channels_last)).train()
        self.plan = plan
        self.weights = Master(unet.parameters(), plan.rate)
        self.alphas = scheduler.alphas_cumprod.float()
        self.generator = torch.Generator().manual_seed(seed)
        self.seen = 0

    def step(self, latents: torch.Tensor, tokens: torch.Tensor) -> float:
        """One batch: latents (B, C, H, W) and tokens (B, T, D). Answers the loss."""
        spread = torch.randn(len(latents), generator=self.generator) * self.plan.noise_spread + self.plan.noise_bias
        times = (spread.sigmoid() * len(self.alphas)).long().clamp(max=len(self.alphas) - 1)
        loss = denoising_loss(self.unet, self.alphas, (latents, tokens), times, self.generator)
        loss.backward()
        self.weights.apply(self.plan.rate_at(self.seen), self.plan.average)
        self.seen += len(latents)
        return float(loss.detach())

    def averaged(self) -> UNet2DConditionModel:
        """A float32 copy that holds the averaged weights."""
        copy = UNet2DConditionModel.from_config(self.unet.config)
        for weight, average in zip(copy.parameters(), self.weights.average, strict=True):
            weight.data.copy_(average)
        return copy.eval()

    def state(self) -> dict[str, Any]:
        own = {"plan": asdict(self.plan), "seen": self.seen, "generator": self.generator.get_state()}
        return own | self.weights.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on where `state()` stood; the plan is this run's own, so that a run can be made longer."""
        self.seen = state["seen"]
        self.generator.set_state(state["generator"])
        self.weights.restore({"steps": self.seen // self.plan.batch} | state)


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
    """The squared error of the velocity (Salimans and Ho 2022). `batch`: latents (B, C, H, W) and tokens (B, T, D)."""
    clean, tokens = batch[0].float(), batch[1]
    noise = torch.randn(clean.shape, generator=generator)
    alpha = alphas[times].sqrt()[:, None, None, None]
    sigma = (1 - alphas[times]).sqrt()[:, None, None, None]
    noisy = (alpha * clean + sigma * noise).to(torch.bfloat16).contiguous(memory_format=torch.channels_last)
    velocity = alpha * noise - sigma * clean
    device = unet.device
    guess = unet(noisy.to(device), times.to(device), tokens.to(device)).sample.float()
    return (guess - velocity.to(device)).square().mean()


@torch.inference_mode()
def draw(
    parts: StableDiffusionPipeline, prompts: list[str], seeds: list[int], *, guidance: float = 3.0, steps: int = 20
) -> list[Any]:
    """A picture of 128x128 for each prompt and seed, eight at a time."""
    pictures: list[Any] = []
    for start in range(0, len(prompts), 8):
        part = slice(start, start + 8)
        drawn = parts(
            prompts[part],
            width=128,
            height=128,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=[torch.Generator().manual_seed(seed) for seed in seeds[part]],
        )
        pictures.extend(drawn.images)
    return pictures

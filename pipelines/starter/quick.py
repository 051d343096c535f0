"""Distils the denoiser to a few steps: phased consistency (Wang et al. 2024), as a low-rank adapter.

The way from noise to picture is cut into phases. From anywhere in a phase the student jumps to its end, to where the
guided teacher would come in small steps. Guidance is learnt with it, so that a step costs half of a guided one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel

from pipelines.starter import loop, lora
from pipelines.starter.unet import plainly
from pipelines.starter.weights import training_format

LAYERS = (*lora.LAYERS, "conv_shortcut", "time_emb_proj", "proj_in", "proj_out", "conv", "conv_in", "conv_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(loop.Plan):
    samples: int = 10_000
    cooldown: int = 8_000
    batch: int = 16
    rate: float = 1e-3
    warmup: int = 320
    average: float = 0.98
    renewed: int = 4  # fresh examples before each step
    rank: int = 32
    kept: int = 24  # of the rank, in the file
    phases: int = 4
    small_steps: int = 5  # of the teacher, in each phase
    guidance: float = 3.0


class Run(loop.Run[Plan]):
    """`unet` is the teacher without its adapter, the student with it."""

    def __init__(self, unet: UNet2DConditionModel, scheduler: DDIMScheduler, plan: Plan, seed: int = 0) -> None:
        self.unet = plainly(unet.to(training_format()).to(memory_format=torch.channels_last))
        trained = lora.add_adapter(self.unet, plan.rank, LAYERS)
        for weight in trained:
            weight.data = weight.data.to(training_format())
        super().__init__(plan, trained, seed)
        self.times, alphas = (values.to(self.device) for values in grid(scheduler, plan.phases * plan.small_steps))
        self.alphas, self.sigmas = alphas.sqrt(), (1 - alphas).sqrt()

    def step(self, latents: torch.Tensor, tokens: torch.Tensor, without: torch.Tensor) -> torch.Tensor:
        """One batch: latents (B, C, H, W), tokens (B, T, D) and those of no prompt (1, T, D). Answers the loss."""
        count, drawn = len(latents), {"generator": self.generator, "device": self.device}
        begun = torch.randint(len(self.times), (count,), **drawn)
        ends = (begun // self.plan.small_steps + 1) * self.plan.small_steps
        noise = torch.randn(latents.shape, **drawn)
        noisy = at(self.alphas, begun) * latents.float() + at(self.sigmas, begun) * noise
        with torch.no_grad():
            target = self.jump(noisy, self.taught(noisy, begun, tokens, without), begun, begun + 1)
            # Where the phase is over, this jump goes from a place to itself.
            velocity = self.velocity(target, (begun + 1).clamp(max=len(self.times) - 1), tokens)
            target = self.jump(target, velocity, begun + 1, ends)
        guess = self.jump(noisy, self.velocity(noisy, begun, tokens), begun, ends)
        return self.learn((guess - target).square().mean(), count)

    def taught(
        self, noisy: torch.Tensor, places: torch.Tensor, tokens: torch.Tensor, without: torch.Tensor
    ) -> torch.Tensor:
        """The teacher's guided velocity."""
        self.unet.disable_adapters()
        both = torch.cat([without.expand_as(tokens), tokens])
        away, towards = self.velocity(noisy.repeat(2, 1, 1, 1), places.repeat(2), both).chunk(2)
        self.unet.enable_adapters()
        return away + self.plan.guidance * (towards - away)

    def velocity(self, noisy: torch.Tensor, places: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
        sample = noisy.to(training_format()).contiguous(memory_format=torch.channels_last)
        answer: torch.Tensor = self.unet(sample, self.times[places], tokens.to(training_format())).sample
        return answer.float()

    def jump(
        self, noisy: torch.Tensor, velocity: torch.Tensor, places: torch.Tensor, ends: torch.Tensor
    ) -> torch.Tensor:
        """One step of DDIM (Song et al. 2021) between places of the grid."""
        alpha, sigma = at(self.alphas, places), at(self.sigmas, places)
        clean, noise = alpha * noisy - sigma * velocity, sigma * noisy + alpha * velocity
        return at(self.alphas, ends) * clean + at(self.sigmas, ends) * noise

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within, the student has the averaged weights."""
        for weight, average in zip(self.weights.weights, self.weights.average, strict=True):
            weight.data.copy_(average)
        try:
            yield
        finally:
            for weight, master in zip(self.weights.weights, self.weights.master, strict=True):
                weight.data.copy_(master)


def grid(scheduler: DDIMScheduler, steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Times (steps,) from noise to picture, and the cumulative alphas (steps + 1,) there and at the end, which is 1."""
    every = scheduler.alphas_cumprod.float()
    times = torch.arange(len(every), 0, -len(every) // steps) - 1
    return times, torch.cat([every[times], torch.ones(1)])


def at(values: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    return values[places][:, None, None, None]

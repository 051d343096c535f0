"""Trains the denoiser: v-prediction, bfloat16 weights with a float32 master copy, an exponential moving average."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel

from pipelines.starter.pool import Pool


@dataclass(frozen=True, slots=True)
class Plan:
    """`samples` is the whole run; the rate falls to nothing over the last `cooldown` of them."""

    samples: int = 1_000_000
    cooldown: int = 60_000
    batch: int = 64
    rate: float = 4e-4
    warmup: int = 6_400
    average: float = 0.999
    renewed: int = 8  # fresh examples before each step
    noise_bias: float = 0.4  # mean of the logit-normal time steps: above 0 leans to noise
    noise_spread: float = 1.2

    def rate_at(self, seen: int) -> float:
        rising = min(1.0, (seen + self.batch) / self.warmup)
        falling = min(1.0, max(0.0, (self.samples - seen) / self.cooldown))
        return self.rate * rising * falling


class Run:
    """One training run, resumable from `state()`. The master weights, their average and the optimiser are float32."""

    def __init__(self, unet: UNet2DConditionModel, scheduler: DDIMScheduler, plan: Plan, seed: int = 0) -> None:
        self.unet = unet.to(torch.bfloat16).to(memory_format=torch.channels_last).train()
        self.plan = plan
        self.master = [weight.detach().float().clone() for weight in unet.parameters()]
        self.average = [weight.clone() for weight in self.master]
        decayed = [weight for weight in self.master if weight.ndim > 1]
        plain = [weight for weight in self.master if weight.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.99), fused=True)
        self.alphas = scheduler.alphas_cumprod.float()
        self.generator = torch.Generator().manual_seed(seed)
        self.seen = 0

    def step(self, latents: torch.Tensor, tokens: torch.Tensor) -> float:
        """One batch: latents (B, C, H, W) and tokens (B, T, D). Answers the loss."""
        count = len(latents)
        spread = torch.randn(count, generator=self.generator) * self.plan.noise_spread + self.plan.noise_bias
        times = (spread.sigmoid() * len(self.alphas)).long().clamp(max=len(self.alphas) - 1)
        noise = torch.randn(latents.shape, generator=self.generator)
        alpha = self.alphas[times].sqrt()[:, None, None, None]
        sigma = (1 - self.alphas[times]).sqrt()[:, None, None, None]
        clean = latents.float()
        noisy = (alpha * clean + sigma * noise).to(torch.bfloat16).contiguous(memory_format=torch.channels_last)
        velocity = alpha * noise - sigma * clean
        device = self.unet.device
        guess = self.unet(noisy.to(device), times.to(device), tokens.to(device)).sample.float()
        loss = (guess - velocity.to(device)).square().mean()
        loss.backward()
        self._apply()
        self.seen += count
        return float(loss.detach())

    @torch.no_grad()
    def _apply(self) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = self.plan.rate_at(self.seen)
        weights = list(self.unet.parameters())
        for master, weight in zip(self.master, weights, strict=True):
            master.grad = weight.grad.float()
        torch.nn.utils.clip_grad_norm_(self.master, 1.0)
        self.optimiser.step()
        torch._foreach_lerp_(self.average, self.master, 1 - min(self.plan.average, (1 + self.seen) / (6400 + self.seen)))
        for master, weight in zip(self.master, weights, strict=True):
            weight.copy_(master)
            weight.grad = None

    def averaged(self) -> UNet2DConditionModel:
        """A float32 copy that holds the averaged weights."""
        copy = UNet2DConditionModel.from_config(self.unet.config)
        for weight, average in zip(copy.parameters(), self.average, strict=True):
            weight.data.copy_(average)
        return copy.eval()

    def state(self) -> dict[str, Any]:
        return {
            "plan": asdict(self.plan),
            "seen": self.seen,
            "master": self.master,
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "generator": self.generator.get_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on where `state()` stood; the plan is this run's own, so that a run can be made longer."""
        self.seen = state["seen"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.generator.set_state(state["generator"])
        with torch.no_grad():
            for mine, kept in zip(self.master, state["master"], strict=True):
                mine.copy_(kept)
            for mine, kept in zip(self.average, state["average"], strict=True):
                mine.copy_(kept)
            for weight, master in zip(self.unet.parameters(), self.master, strict=True):
                weight.copy_(master)


def train(run: Run, pool: Pool, report: Callable[[str], None], keep: Callable[[], None], every: float = 300.0) -> None:
    """Runs to the end of the plan. `keep` is called every `every` seconds and at the end."""
    kept, began, losses = time.monotonic(), time.monotonic(), []
    first = run.seen
    while run.seen < run.plan.samples:
        pool.renew(run.plan.renewed)
        losses.append(run.step(*pool.batch(run.plan.batch, run.generator)))
        if len(losses) == 50:
            speed = (run.seen - first) / (time.monotonic() - began)
            report(f"{run.seen} samples, loss {math.fsum(losses) / 50:.4f}, {speed:.1f}/s")
            losses.clear()
        if time.monotonic() - kept > every:
            keep()
            kept = time.monotonic()
    keep()


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Whole or not at all."""
    temporary = path.with_suffix(".part")
    torch.save(state, temporary)
    temporary.replace(path)


@torch.inference_mode()
def sheet(parts: StableDiffusionPipeline, prompts: list[str], *, guidance: float, steps: int, seed: int) -> list[Any]:
    """A picture for each prompt, all from the same seed."""
    return [
        parts(
            prompt,
            width=128,
            height=128,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=torch.Generator().manual_seed(seed),
        ).images[0]
        for prompt in prompts
    ]

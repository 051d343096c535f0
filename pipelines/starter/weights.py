"""bfloat16 weights with a float32 master copy, its moving average and its optimiser. Knows no model and no loss."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

CLIPPED = 1.0  # norm of all gradients together
AVERAGED_AFTER = 100  # steps until the moving average is as slow as asked


class Master:
    """Trains `weights`, which may be bfloat16: small updates would be lost in them, so they are kept in float32."""

    def __init__(self, weights: Iterable[nn.Parameter], rate: float) -> None:
        self.weights = list(weights)
        self.master = [weight.detach().float().clone() for weight in self.weights]
        self.average = [weight.clone() for weight in self.master]
        matrices = [weight for weight in self.master if weight.ndim > 1]
        vectors = [weight for weight in self.master if weight.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.99), fused=True)
        self.steps = 0

    @torch.no_grad()
    def apply(self, rate: float, keep: float) -> None:
        """One optimiser step from the gradients of `weights`, which are cleared. `keep` is the average's share."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        for master, weight in zip(self.master, self.weights, strict=True):
            master.grad = weight.grad.float()
        torch.nn.utils.clip_grad_norm_(self.master, CLIPPED)
        self.optimiser.step()
        self.steps += 1
        torch._foreach_lerp_(self.average, self.master, 1 - min(keep, self.steps / (AVERAGED_AFTER + self.steps)))
        for master, weight in zip(self.master, self.weights, strict=True):
            weight.copy_(master)
            weight.grad = None

    def state(self) -> dict[str, Any]:
        return {
            "master": self.master,
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
        }

    @torch.no_grad()
    def restore(self, state: dict[str, Any]) -> None:
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]
        for mine, kept in zip(self.master, state["master"], strict=True):
            mine.copy_(kept)
        for mine, kept in zip(self.average, state["average"], strict=True):
            mine.copy_(kept)
        for weight, master in zip(self.weights, self.master, strict=True):
            weight.copy_(master)

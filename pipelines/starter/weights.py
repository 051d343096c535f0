"""Weights in training, bfloat16 where that is fast: a float32 master copy, its moving average and its optimiser."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Any, TypeVar

import torch
from diffusers import ModelMixin
from torch import nn

from pipelines.device import fast_bfloat16

CLIPPED = 1.0  # norm of all gradients together
M = TypeVar("M", bound=ModelMixin)

NARROW = 32  # rows or columns; below that steps are those of AdamW
AVERAGED_AFTER = 100  # steps until the moving average is as slow as asked

MOMENTUM, DECAY = 0.95, 0.01
QUINTIC, ROUNDS = (3.4445, -4.7750, 2.0315), 5  # of Newton and Schulz, as Jordan et al. tuned them


@cache
def training_format() -> torch.dtype:
    """bfloat16 where this machine multiplies it natively; elsewhere it is many times slower than float32."""
    return torch.bfloat16 if torch.cuda.is_available() or fast_bfloat16() else torch.float32


class Muon(torch.optim.Optimizer):
    """As `torch.optim.Muon(adjust_lr_fn="match_rms_adamw")`, which takes one matrix after the other: here those of one
    shape go together, which leaves a GPU a tenth of the launches."""

    def __init__(self, weights: Iterable[nn.Parameter | torch.Tensor], rate: float) -> None:
        super().__init__(sorted(weights, key=shape_of), {"lr": rate})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """One step; `closure` is not called."""
        for group in self.param_groups:
            for shape, alike in groupby(group["params"], shape_of):
                weights = list(alike)
                gradients = [weight.grad for weight in weights if weight.grad is not None]
                momenta = [self.state[weight].setdefault("momentum", torch.zeros_like(weight)) for weight in weights]
                torch._foreach_lerp_(momenta, gradients, 1 - MOMENTUM)
                ahead = torch.stack(torch._foreach_lerp(gradients, momenta, MOMENTUM))
                steps = orthogonal(ahead).to(weights[0].dtype).unbind()
                torch._foreach_mul_(weights, 1 - group["lr"] * DECAY)
                torch._foreach_add_(weights, steps, alpha=-0.2 * max(shape) ** 0.5 * group["lr"])


def shape_of(weight: torch.Tensor) -> tuple[int, ...]:
    return tuple(weight.shape)


def orthogonal(matrices: torch.Tensor) -> torch.Tensor:
    """The nearly orthogonal matrices nearest to these (N, rows, columns), as exact as training asks."""
    narrow = matrices.to(training_format())
    wide = narrow if narrow.shape[1] <= narrow.shape[2] else narrow.mT
    wide = wide / wide.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    a, b, c = QUINTIC
    for _ in range(ROUNDS):
        gram = wide @ wide.mT
        wide = torch.baddbmm(wide, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), wide, beta=a)
    return wide if matrices.shape[1] <= matrices.shape[2] else wide.mT


class Master:
    """Trains `weights`, which may be bfloat16: small updates would be lost in them, so they are kept in float32.

    Matrices and convolutions go by Muon (Jordan et al. 2024), at AdamW's own size of steps (Liu et al. 2025): 2,000
    samples after the same start the denoiser's loss was 0.104, that of AdamW alone 0.110. The rest goes by AdamW.
    """

    def __init__(self, weights: Iterable[nn.Parameter], rate: float) -> None:
        self.weights = list(weights)
        self.master = [weight.detach().float().clone() for weight in self.weights]
        self.average = [weight.clone() for weight in self.master]
        self.flat = [flat(weight) if is_hidden(weight) else weight for weight in self.master]
        hidden = [weight for weight in self.flat if is_hidden(weight)]
        matrices = [weight for weight in self.flat if weight.ndim > 1 and not is_hidden(weight)]
        vectors = [weight for weight in self.flat if weight.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}]
        adam = torch.optim.AdamW([group for group in groups if group["params"]], lr=rate, betas=(0.9, 0.99), fused=True)
        self.optimisers: list[torch.optim.Optimizer] = [adam]
        if hidden:
            self.optimisers.append(Muon(hidden, rate))
        self.steps = 0

    @torch.no_grad()
    def apply(self, rate: float, keep: float) -> None:
        """One optimiser step from the gradients of `weights`, which are cleared. `keep` is the average's share."""
        for group in [group for optimiser in self.optimisers for group in optimiser.param_groups]:
            group["lr"] = rate
        for step, weight in zip(self.flat, self.weights, strict=True):
            step.grad = weight.grad.float() if step.shape == weight.shape else flat(weight.grad.float())
        torch.nn.utils.clip_grad_norm_(self.flat, CLIPPED)
        for optimiser in self.optimisers:
            optimiser.step()
        self.steps += 1
        torch._foreach_lerp_(self.average, self.master, 1 - min(keep, self.steps / (AVERAGED_AFTER + self.steps)))
        torch._foreach_copy_(self.weights, self.master)
        for weight in self.weights:
            weight.grad = None

    def state(self) -> dict[str, Any]:
        return {
            "master": self.master,
            "average": self.average,
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "steps": self.steps,
        }

    @torch.no_grad()
    def restore(self, state: dict[str, Any]) -> None:
        """Raises ValueError for the state of other optimisers."""
        if len(state.get("optimisers", ())) != len(self.optimisers):
            raise ValueError("checkpoint: made with other optimisers. Expected one of AdamW and Muon.")
        for optimiser, kept in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(kept)
        self.steps = state["steps"]
        for mine, kept in zip(self.master, state["master"], strict=True):
            mine.copy_(kept)
        for mine, kept in zip(self.average, state["average"], strict=True):
            mine.copy_(kept)
        for weight, master in zip(self.weights, self.master, strict=True):
            weight.copy_(master)


def averaged(model: M, weights: Master) -> M:
    """A float32 copy of the model that holds the averaged weights."""
    copy = type(model).from_config(model.config)
    for weight, average in zip(copy.parameters(), weights.average, strict=True):
        weight.data.copy_(average)
    return copy.eval()


def is_hidden(weight: torch.Tensor) -> bool:
    """Whether both sides of a matrix or convolution are wide."""
    return weight.ndim > 1 and min(len(weight), weight[0].numel()) >= NARROW


def flat(weight: torch.Tensor) -> torch.Tensor:
    """A matrix with a row for each output, sharing the memory of a convolution where channels are last in it."""
    return weight if weight.ndim == 2 else weight.movedim(1, -1).reshape(len(weight), -1)


def compiled(model: Any, device: torch.device) -> Any:
    """On a GPU as kernels of its own, which takes a minute and is then faster by half or more."""
    return torch.compile(model) if device.type == "cuda" else model

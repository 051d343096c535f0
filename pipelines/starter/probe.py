"""A small classifier that says which thing a picture shows. Trained on composites of the originals alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from pipelines.starter.autoencoder import to_tensor

SIDE = 32  # pixels; what the probe sees of a picture
GREY = 0.3  # share of training pictures that lose their colours, since things may be asked for in any


class Probe(nn.Module):
    """(N, 3, 32, 32) from -1 to 1 to logits (N, things)."""

    def __init__(self, things: int, channels: Sequence[int] = (32, 64, 128)) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 3
        for count in channels:
            layers += [
                nn.Conv2d(before, count, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(count),
                nn.ReLU(),
                nn.Conv2d(count, count, 3, padding=1, bias=False),
                nn.BatchNorm2d(count),
                nn.ReLU(),
            ]
            before = count
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, things))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.layers(pictures)

    @torch.inference_mode()
    def ranking(self, pixels: np.ndarray) -> np.ndarray:
        """The things of each picture (N, H, W, 3) uint8, most likely first: (N, things) indices."""
        self.eval()
        return torch.cat([self(part) for part in shrink(pixels).split(256)]).argsort(descending=True).numpy()


def train(pixels: np.ndarray, things: np.ndarray, count: int, *, epochs: int = 16, seed: int = 0) -> Probe:
    """From pictures (N, H, W, 3) uint8 and the thing in each (N,), of `count` in all."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    probe = Probe(count).to(memory_format=torch.channels_last).train()
    pictures, target = shrink(pixels), torch.from_numpy(things)
    optimiser = torch.optim.AdamW(probe.parameters(), lr=2e-3, weight_decay=0.05)
    batches = -(-len(pictures) // 128)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=epochs * batches)
    for _ in range(epochs):
        for part in torch.randperm(len(pictures), generator=generator).split(128):
            logits = probe(disturb(pictures[part], generator))
            loss = functional.cross_entropy(logits, target[part], label_smoothing=0.1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return probe.eval()


def disturb(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Softer, in other colours, mirrored, shifted: the probe should judge the thing, not how crisp the picture is."""
    blurred = int(torch.randint(SIDE // 2, SIDE + 1, (1,), generator=generator))
    small = functional.interpolate(pictures, size=blurred, mode="area")
    soft = functional.interpolate(small, size=SIDE, mode="bilinear", align_corners=False)
    gain = 1 + 0.2 * torch.randn(len(pictures), 3, 1, 1, generator=generator)
    grey = soft.mean(dim=1, keepdim=True) * gain - soft
    soft = soft + grey * (torch.rand(len(pictures), 1, 1, 1, generator=generator) < GREY)
    noise = 0.1 * torch.randn(pictures.shape, generator=generator)
    shift = [int(one) for one in torch.randint(-2, 3, (2,), generator=generator)]
    mixed = torch.roll(soft + noise, shift, dims=(2, 3))
    return mixed.flip(3) if torch.rand(1, generator=generator) < 0.5 else mixed


def shrink(pixels: np.ndarray) -> torch.Tensor:
    small = functional.interpolate(to_tensor(pixels), size=SIDE, mode="area")
    return small.contiguous(memory_format=torch.channels_last)

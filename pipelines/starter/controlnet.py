"""Trains a ControlNet (Zhang et al. 2023) that holds the frozen denoiser to the edges of a picture.

It has the denoiser's blocks without their attention: edges say where, the denoiser knows what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import (
    ControlNetModel,
    DDIMScheduler,
    StableDiffusionControlNetPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from PIL import Image, ImageFilter

from pipelines.maps import drawn_with
from pipelines.starter import loop, unet
from pipelines.starter.weights import averaged, training_format

ENLARGED = 4  # the studio draws maps of finished pictures, four times as large
HIGH = 200  # of Canny's two thresholds, as in the studio; the low one is half of it
SCALES = (16, 32, 64, 128)  # three halvings


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(unet.Plan):
    samples: int = 100_000
    cooldown: int = 40_000
    batch: int = 16
    rate: float = 1e-3
    warmup: int = 800
    average: float = 0.99
    renewed: int = 2
    noise_bias: float = 0.9  # shapes are settled early, in noise
    captionless: float = 0.5  # share of captions left empty, so that edges count for themselves


class Run(loop.Run[Plan]):
    def __init__(
        self,
        network: ControlNetModel,
        denoiser: UNet2DConditionModel,
        scheduler: DDIMScheduler,
        plan: Plan,
        seed: int = 0,
    ) -> None:
        frozen = denoiser.to(training_format()).to(memory_format=torch.channels_last).requires_grad_(False)
        self.unet = unet.plainly(frozen)
        self.network = network.to(frozen.device, training_format()).to(memory_format=torch.channels_last).train()
        super().__init__(plan, network.parameters(), seed)
        self.alphas = scheduler.alphas_cumprod.float().to(self.device)

    def step(self, latents: torch.Tensor, tokens: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
        """One batch: latents (B, C, H, W), tokens (B, T, D) and maps (B, 3, H, W) of bytes. Answers the loss."""
        times = self.plan.times(len(latents), len(self.alphas), self.generator)
        held = Held(self.unet, self.network, levels(maps))
        loss = unet.denoising_loss(held, self.alphas, (latents, tokens), times, self.generator)
        return self.learn(loss, len(latents))

    def averaged(self) -> ControlNetModel:
        return averaged(self.network, self.weights)


@dataclass(frozen=True, slots=True)
class Held:
    """A denoiser that a network holds to maps (B, 3, H, W) from 0 to 1; called like the denoiser."""

    unet: UNet2DConditionModel
    network: ControlNetModel
    maps: torch.Tensor

    @property
    def device(self) -> torch.device:
        return self.unet.device

    def __call__(self, noisy: torch.Tensor, times: torch.Tensor, tokens: torch.Tensor) -> Any:
        down, middle = self.network(
            noisy, times, encoder_hidden_states=tokens, controlnet_cond=self.maps, return_dict=False
        )
        return self.unet(
            noisy, times, tokens, down_block_additional_residuals=down, mid_block_additional_residual=middle
        )


def fresh(denoiser: UNet2DConditionModel, scales: Sequence[int] = SCALES) -> ControlNetModel:
    """A network that changes nothing yet; what it shares with the denoiser starts as the denoiser's.

    `scales` are channels on the way from pixels to latents; the sides are halved between two of them.
    """
    config = denoiser.config
    network = ControlNetModel(
        in_channels=config.in_channels,
        down_block_types=("DownBlock2D",) * len(config.block_out_channels),
        mid_block_type="UNetMidBlock2D",
        block_out_channels=config.block_out_channels,
        layers_per_block=config.layers_per_block,
        norm_num_groups=config.norm_num_groups,
        norm_eps=config.norm_eps,
        cross_attention_dim=config.cross_attention_dim,
        attention_head_dim=config.attention_head_dim,
        resnet_time_scale_shift=config.resnet_time_scale_shift,
        conditioning_embedding_out_channels=tuple(scales),
    )
    own = network.state_dict()
    shared = {name: weight for name, weight in denoiser.state_dict().items() if name in own}
    network.load_state_dict(
        {name: weight.float() for name, weight in shared.items() if weight.shape == own[name].shape}, strict=False
    )
    return network


@torch.no_grad()
def wake(network: ControlNetModel, maps: torch.Tensor) -> None:
    """Scales the layers that read maps (N, 3, H, W) so that each answers with a spread of 1 (Mishkin and Matas 2016).

    Edges are few and faint, and diffusers starts the last of these layers at zero, as it does those that speak to the
    denoiser: two zeros in a row hardly learn in thousands of steps.
    """
    reader = network.controlnet_cond_embedding
    heard = levels(maps).float()
    for layer in (reader.conv_in, *reader.blocks, reader.conv_out):
        torch.nn.init.orthogonal_(layer.weight)
        layer.bias.zero_()
        layer.weight /= layer(heard).std()
        heard = torch.nn.functional.silu(layer(heard))


def edges(pixels: np.ndarray, rng: np.random.Generator | None = None) -> np.ndarray:
    """The edges (H, W, 3) of a picture as the studio sees them: found at four times its size, then averaged.

    With `rng` sharpness and thresholds vary: pictures from elsewhere have more edges or fewer.
    """
    from controlnet_aux import CannyDetector  # takes seconds

    height, width = pixels.shape[:2]
    large = Image.fromarray(pixels).resize((width * ENLARGED, height * ENLARGED), Image.Resampling.BICUBIC)
    sharpness, high = (175, HIGH) if rng is None else (int(rng.integers(-50, 300)), int(rng.integers(120, 260)))
    if sharpness > 0:
        large = large.filter(ImageFilter.UnsharpMask(3, sharpness, 0))
    found = drawn_with(CannyDetector(), np.asarray(large), low_threshold=high // 2, high_threshold=high)
    return np.asarray(Image.fromarray(found).resize((width, height), Image.Resampling.BOX))


def levels(maps: torch.Tensor) -> torch.Tensor:
    """Bytes to levels from 0 to 1."""
    return (maps.to(training_format()) / 255).contiguous(memory_format=torch.channels_last)


def draw(
    parts: StableDiffusionPipeline, network: ControlNetModel, captions: Sequence[str], maps: np.ndarray
) -> np.ndarray:
    """Pictures (N, 128, 128, 3) of the captions, held to maps (N, 128, 128, 3); bytes. The place is the seed."""
    held = StableDiffusionControlNetPipeline(
        **parts.components, controlnet=network.to(parts.unet.device, parts.unet.dtype), requires_safety_checker=False
    )
    held.set_progress_bar_config(disable=True)
    drawn = unet.draw(held, captions, range(len(captions)), maps=[Image.fromarray(one) for one in maps])
    return np.stack([np.asarray(picture) for picture in drawn])

"""Teaches the denoiser one thing or a style from a few pictures: a low-rank adapter (Hu et al. 2021)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline, UNet2DConditionModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from PIL import Image, ImageOps
from safetensors.torch import save_file

from pipelines.starter.autoencoder import to_tensor
from pipelines.starter.backgrounds import SIDE
from pipelines.starter.unet import denoising_loss, plainly
from pipelines.starter.weights import training_format

SUFFIXES = (".png", ".webp", ".jpg", ".jpeg")
LAYERS = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "conv1", "conv2")
NAME = "default"
VIEWS = 8  # of each picture: a little larger, smaller, aside and mirrored


@dataclass(frozen=True, slots=True)
class Plan:
    steps: int = 300
    batch: int = 8
    rank: int = 8
    rate: float = 2e-3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    step: int
    of: int
    loss: float


def teach(
    parts: StableDiffusionPipeline, pictures: Sequence[Image.Image], prompts: str | Sequence[str], plan: Plan
) -> Iterator[Progress]:
    """Adds an adapter to `parts.unet` and trains it; stop iterating to cancel. Raises ValueError without pictures.

    `prompts` is one for all pictures, or one for each.
    """
    if not pictures:
        raise ValueError("pictures: none. Expected at least one, better ten to twenty.")
    trained = add_adapter(plainly(parts.unet), plan.rank)
    optimiser = torch.optim.AdamW(trained, lr=plan.rate, weight_decay=0.0)
    generator = torch.Generator().manual_seed(plan.seed)
    latents, tokens = encode(parts, pictures, prompts, plan.seed)
    alphas = parts.scheduler.alphas_cumprod.float()
    kind, narrow = parts.unet.device.type, training_format()
    for step in range(plan.steps):
        optimiser.param_groups[0]["lr"] = plan.rate * min(1.0, 2 * (1 - step / plan.steps))
        chosen = torch.randint(len(latents), (plan.batch,), generator=generator)
        times = torch.randint(len(alphas), (plan.batch,), generator=generator)
        batch = latents[chosen], tokens[chosen]
        with torch.autocast(kind, narrow, enabled=narrow != torch.float32):
            loss = denoising_loss(parts.unet, alphas, batch, times, generator)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        yield Progress(step + 1, plan.steps, float(loss.detach()))


def add_adapter(unet: UNet2DConditionModel, rank: int, layers: Sequence[str] = LAYERS) -> list[torch.nn.Parameter]:
    """A new adapter that changes nothing yet. Answers its weights, float32; all others are left alone."""
    unet.requires_grad_(False)
    unet.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=list(layers)), NAME)
    trained = [weight for weight in unet.parameters() if weight.requires_grad]
    for weight in trained:
        weight.data = weight.data.float()
    return trained


@torch.no_grad()
def encode(
    parts: StableDiffusionPipeline, pictures: Sequence[Image.Image], prompts: str | Sequence[str], seed: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Latents (N, C, h, w) of views of the pictures, and the tokens (N, T, D) of their prompts."""
    rng = np.random.default_rng(seed)
    views = np.stack([view(picture, rng) for picture in pictures for _ in range(VIEWS)])
    pixels = to_tensor(views).to(parts.vae.device, parts.vae.dtype)
    latents = parts.vae.encode(pixels).latents * parts.vae.config.scaling_factor
    each = [prompts] * len(pictures) if isinstance(prompts, str) else list(prompts)
    tokens, _ = parts.encode_prompt(each, parts.text_encoder.device, 1, False)
    return latents.cpu(), tokens.repeat_interleave(VIEWS, dim=0)


def view(picture: Image.Image, rng: np.random.Generator) -> np.ndarray:
    """The middle square (128, 128, 3), on white where the picture is transparent, mirrored half of the time."""
    opaque = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture.convert("RGBA")).convert("RGB")
    larger = int(SIDE * rng.uniform(1.0, 1.12))
    square = ImageOps.fit(opaque, (larger, larger), Image.Resampling.LANCZOS)
    x, y = rng.integers(larger - SIDE + 1, size=2)
    pixels = np.asarray(square)[y : y + SIDE, x : x + SIDE]
    return pixels[:, ::-1] if rng.random() < 0.5 else pixels


def save(
    parts: StableDiffusionPipeline, path: Path, facts: Mapping[str, str] | None = None, rank: int | None = None
) -> None:
    """Writes the adapter where `load_lora_weights` reads it: one safetensors file, float16, `facts` in its header.

    `rank` cuts it to a lower one than it was trained with.
    """
    trained = get_peft_model_state_dict(parts.unet, adapter_name=NAME)
    weights = {name: weight.half() for name, weight in (cut(trained, rank) if rank else trained).items()}
    path.parent.mkdir(parents=True, exist_ok=True)

    def write(layers: dict[str, torch.Tensor], file: str) -> None:
        save_file(layers, file, {"format": "pt", **(facts or {})})

    StableDiffusionPipeline.save_lora_weights(
        path.parent, unet_lora_layers=weights, weight_name=path.name, save_function=write
    )


def cut(weights: Mapping[str, torch.Tensor], rank: int) -> dict[str, torch.Tensor]:
    """The nearest adapter of a lower rank: of each product of its two matrices the largest singular values."""
    found: dict[str, torch.Tensor] = {}
    for name, down in weights.items():
        if "lora_A" not in name:
            continue
        down, up = down.cpu(), weights[name.replace("lora_A", "lora_B")].cpu()
        left, values, right = torch.linalg.svd(up.float().flatten(1) @ down.float().flatten(1), full_matrices=False)
        kept = min(rank, len(values))  # both sides of a product may be narrower
        root = values[:kept].sqrt()
        first, second = torch.zeros(rank, right.shape[1]), torch.zeros(len(left), rank)
        first[:kept], second[:, :kept] = root[:, None] * right[:kept], left[:, :kept] * root
        found[name] = first.view(rank, *down.shape[1:])
        found[name.replace("lora_A", "lora_B")] = second.view(len(left), rank, *up.shape[2:])
    return found

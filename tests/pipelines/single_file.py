"""A Stable Diffusion folder as one file, with the tensor names of the first release (CompVis, `ldm`)."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from safetensors.torch import save_file

Tensors = dict[str, torch.Tensor]

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
ENDS = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def write(pipe: StableDiffusionPipeline, path: Path) -> Path:
    """Safetensors, float32."""
    named = {f"model.diffusion_model.{unet_name(name, pipe)}": tensor for name, tensor in weights(pipe.unet)}
    named |= {f"first_stage_model.{vae_name(name, pipe)}": shaped(name, tensor) for name, tensor in weights(pipe.vae)}
    named |= {f"cond_stage_model.transformer.{text_name(name)}": tensor for name, tensor in weights(pipe.text_encoder)}
    save_file({name: tensor.contiguous() for name, tensor in named.items()}, path)
    return path


def weights(network: torch.nn.Module) -> list[tuple[str, torch.Tensor]]:
    return list(network.state_dict().items())


def unet_name(name: str, pipe: StableDiffusionPipeline) -> str:
    """`down_blocks.1.resnets.0.conv1.weight` -> `input_blocks.3.0.in_layers.2.weight` with one layer a block."""
    layers = pipe.unet.config.layers_per_block
    for ours, theirs in ENDS.items():
        if name.startswith(f"{ours}."):
            return name.replace(ours, theirs, 1)
    part, block, kind, layer, rest = name.split(".", 4)
    if part == "mid_block":
        _, kind, layer, rest = name.split(".", 3)
        return f"middle_block.{1 if kind == 'attentions' else 2 * int(layer)}.{inner(kind, rest)}"
    i, j = int(block), int(layer)
    if kind == "downsamplers":
        return f"input_blocks.{(layers + 1) * (i + 1)}.0.op.{rest.removeprefix('conv.')}"
    if kind == "upsamplers":
        attends = "CrossAttn" in pipe.unet.config.up_block_types[i]
        return f"output_blocks.{(layers + 1) * i + layers}.{2 if attends else 1}.{rest}"
    number = (layers + 1) * i + j
    place = f"input_blocks.{number + 1}" if part == "down_blocks" else f"output_blocks.{number}"
    return f"{place}.{1 if kind == 'attentions' else 0}.{inner(kind, rest)}"


def inner(kind: str, rest: str) -> str:
    if kind != "resnets":
        return rest
    layer, ending = rest.rsplit(".", 1)
    return f"{RESNET[layer]}.{ending}"


def vae_name(name: str, pipe: StableDiffusionPipeline) -> str:
    last = len(pipe.vae.config.block_out_channels) - 1
    for i in range(last + 1):
        for ours, theirs in (
            (f"encoder.down_blocks.{i}.resnets", f"encoder.down.{i}.block"),
            (f"encoder.down_blocks.{i}.downsamplers.0", f"encoder.down.{i}.downsample"),
            (f"decoder.up_blocks.{i}.resnets", f"decoder.up.{last - i}.block"),
            (f"decoder.up_blocks.{i}.upsamplers.0", f"decoder.up.{last - i}.upsample"),
        ):
            name = name.replace(ours, theirs)
    for i in range(2):
        name = name.replace(f"mid_block.resnets.{i}", f"mid.block_{i + 1}")
    name = name.replace("mid_block.attentions.0", "mid.attn_1").replace("conv_norm_out", "norm_out")
    if "attn_1" in name:
        for ours, theirs in ATTENTION.items():
            name = name.replace(f".{ours}.", f".{theirs}.")
    return name.replace("conv_shortcut", "nin_shortcut")


def text_name(name: str) -> str:
    return name if name.startswith("text_model.") else f"text_model.{name}"


def shaped(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """Attention there is made of convolutions of one pixel."""
    linear = "attentions" in name and tensor.ndim == 2
    return tensor[..., None, None] if linear else tensor

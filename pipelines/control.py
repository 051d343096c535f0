"""ControlNet (Zhang et al. 2023): a map of edges or the like that shapes a picture. Knows no batching.

Networks are diffusers folders: one comes with the studio, for its starter, others lie in the `controlnets` folder of
the models folder. See maps.py for the maps.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.files import Identity, detach, identity
from pipelines.image_to_image import shrunk
from pipelines.types import Control, RenderJob

if TYPE_CHECKING:
    import torch

    from pipelines.device import Device


SHIPPED = Path(__file__).parent / "starter" / "controlnets"


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A ControlNet in memory and the files that it was read from: written anew it is another one, whatever its name."""

    name: str
    files: Identity
    module: Any


@dataclass(frozen=True, slots=True)
class Steering:
    """What steers one step of B rows: `maps` (B, 3, H, W) from 0 to 1 and the `scales` (B,) of their influence."""

    network: Any
    maps: torch.Tensor
    scales: torch.Tensor

    def residuals(self, sample: torch.Tensor, times: torch.Tensor, tokens: torch.Tensor, added: Any) -> dict[str, Any]:
        """What the UNet adds to its blocks, in its own argument names."""
        down, middle = self.network(
            sample,
            times,
            encoder_hidden_states=tokens,
            controlnet_cond=self.maps,
            added_cond_kwargs=added,
            return_dict=False,
        )
        scales = self.scales.to(sample)[:, None, None, None]
        return {
            "down_block_additional_residuals": [residual * scales for residual in down],
            "mid_block_additional_residual": middle * scales,
        }


def available(models_dir: Path | None) -> dict[str, Path]:
    """Folders with a ControlNet and safetensors weights, by name; the shipped ones first."""
    folders = [SHIPPED, *([models_dir / "controlnets"] if models_dir else [])]
    return {path.name: path for folder in folders for path in sorted(folder.glob("*")) if is_network(path)}


def is_network(path: Path) -> bool:
    try:
        config = json.loads((path / "config.json").read_text())
    except (OSError, ValueError):
        return False
    known = isinstance(config, dict) and config.get("_class_name") == "ControlNetModel"
    return known and any(path.glob("*.safetensors"))


def fits(network: Path, model: Path | None) -> bool:
    """Whether it was made for models of this kind: both read words of the same width. A single file is taken on trust.

    The network's own steps would fail otherwise, with a message about shapes.
    """
    try:
        wanted = json.loads(((model or network) / "unet" / "config.json").read_text())["cross_attention_dim"]
        return bool(json.loads((network / "config.json").read_text())["cross_attention_dim"] == wanted)
    except (OSError, ValueError, KeyError):
        return model is not None and model.is_file()


def find(name: str, models_dir: Path | None) -> Path:
    """Raises FileNotFoundError with the names of those that are here."""
    known = available(models_dir)
    if name not in known:
        raise FileNotFoundError(f"control: {name!r} is not here. Expected {' or '.join(known)}.")
    return known[name]


def open_network(name: str, path: Path, device: Device) -> Network:
    import diffusers
    import torch

    files = identity(path)
    module = diffusers.ControlNetModel.from_pretrained(
        path, torch_dtype=device.dtype, local_files_only=True, use_safetensors=True
    )
    module.to(device.torch_device, memory_format=torch.channels_last)
    detach(module)
    return Network(name, files, module)


def together(residuals: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The sum of what several networks add, in the order in which they were asked for."""
    first, *others = residuals
    down, middle = first["down_block_additional_residuals"], first["mid_block_additional_residual"]
    for other in others:
        down = [one + more for one, more in zip(down, other["down_block_additional_residuals"], strict=True)]
        middle = middle + other["mid_block_additional_residual"]
    return {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}


def scale_at(control: Control, step: int, steps: int) -> float:
    """The weight at a step, 0 outside of `start` to `end`; as diffusers rounds."""
    return 0.0 if step / steps < control.start or (step + 1) / steps > control.end else control.scale


def native_map(job: RenderJob, control: Control) -> torch.Tensor:
    """A map at the drawn size, (1, 3, H, W) from 0 to 1. Raises ValueError for another size."""
    import torch

    wanted = (job.height * job.enlarge, job.width * job.enlarge, 3)
    if control.image.shape != wanted:
        raise ValueError(f"control: {control.image.shape} is not the size of the result. Expected {wanted}.")
    levels = shrunk(control.image, job).astype(np.float32) / 255
    return torch.from_numpy(levels).permute(2, 0, 1)[None]

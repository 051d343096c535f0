"""ControlNet (Zhang et al. 2023): a map of edges or the like that shapes a picture. Knows no batching.

Networks are diffusers folders in the `controlnets` folder of the models folder; maps are drawn by controlnet_aux.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipelines.image_to_image import shrunk
from pipelines.types import Pixels, RenderJob

if TYPE_CHECKING:
    import torch

    from pipelines.device import Device


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


def available(models_dir: Path) -> dict[str, Path]:
    """Folders with a ControlNet and safetensors weights, by name."""
    return {path.name: path for path in sorted((models_dir / "controlnets").glob("*")) if is_network(path)}


def is_network(path: Path) -> bool:
    try:
        config = json.loads((path / "config.json").read_text())
    except (OSError, ValueError):
        return False
    known = isinstance(config, dict) and config.get("_class_name") == "ControlNetModel"
    return known and any(path.glob("*.safetensors"))


def open_network(name: str, models_dir: Path | None, device: Device) -> Any:
    """Raises FileNotFoundError with the names of those that are here."""
    import diffusers
    import torch

    known = available(models_dir) if models_dir else {}
    if name not in known:
        expected = " or ".join(known) or "none: the folder has no networks yet"
        raise FileNotFoundError(f"control: {name!r} is not here. Expected {expected}.")
    network = diffusers.ControlNetModel.from_pretrained(
        known[name], torch_dtype=device.dtype, local_files_only=True, use_safetensors=True
    )
    return network.to(device.torch_device, memory_format=torch.channels_last)


def native_map(job: RenderJob) -> torch.Tensor:
    """The job's map at the drawn size, (1, 3, H, W) from 0 to 1. Raises ValueError for another size."""
    import torch

    assert job.control is not None
    wanted = (job.height * job.enlarge, job.width * job.enlarge, 3)
    if job.control.image.shape != wanted:
        raise ValueError(f"control: {job.control.image.shape} is not the size of the result. Expected {wanted}.")
    levels = shrunk(job.control.image, job).astype(np.float32) / 255
    return torch.from_numpy(levels).permute(2, 0, 1)[None]


def canny(pixels: Pixels) -> Pixels:
    """White edges on black (Canny 1986)."""
    from controlnet_aux import CannyDetector

    return drawn_with(CannyDetector(), pixels)


def shuffle(pixels: Pixels) -> Pixels:
    """The colours of a picture without its shapes."""
    from controlnet_aux import ContentShuffleDetector

    height, width = pixels.shape[:2]
    return drawn_with(ContentShuffleDetector(), pixels, h=height, w=width)


def drawn_with(detector: Callable[..., Any], pixels: Pixels, **options: int) -> Pixels:
    """(H, W, 3) in and out: detectors work at a size of their own."""
    from PIL import Image

    height, width = pixels.shape[:2]
    found = detector(pixels, detect_resolution=min(height, width), image_resolution=min(height, width), **options)
    return np.asarray(Image.fromarray(np.asarray(found)).convert("RGB").resize((width, height)))


# Maps that need no weights: id -> how it is drawn from a picture.
MAPS: Mapping[str, Callable[[Pixels], Pixels]] = {"canny": canny, "shuffle": shuffle}

"""Scores a picture as nsfwjs does: five classes that sum to 1. Gives numbers; what they mean is decided elsewhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.types import Pixels

if TYPE_CHECKING:
    import torch

WEIGHTS = Path(__file__).with_name("mobilenet_v2.safetensors")
SIDE = 224
EPSILON = 1e-3
HALVING = (1, 3, 6, 13)  # blocks that halve the sides
WIDENING = (1, 3, 6, 10, 13, 16)  # blocks whose output has more channels than their input: nothing is added to it


@dataclass(frozen=True, slots=True)
class Scores:
    """Each 0 to 1. `drawing` and `neutral` are harmless, `sexy` is suggestive, `porn` and `hentai` are explicit."""

    drawing: float
    hentai: float
    neutral: float
    porn: float
    sexy: float


def classify(pixels: Pixels) -> Scores:
    """Scores of (H, W, 3) bytes of any size, on the processor: about 20 ms on two cores."""
    import torch

    with torch.inference_mode():
        grey = torch.tensor(pixels).permute(2, 0, 1)[None].float() / 255
        # Without antialias and corner to corner, because that is how the network was taught to see.
        seen = torch.nn.functional.interpolate(grey, (SIDE, SIDE), mode="bilinear", align_corners=True)
        return Scores(*network().run(seen).tolist())


@cache
def network() -> Network:
    return Network(WEIGHTS)


class Network:
    """MobileNetV2 (Sandler et al. 2018) as Keras lays it out, and three dense layers on top."""

    def __init__(self, path: Path) -> None:
        from safetensors import safe_open

        with safe_open(path, "pt") as file:
            levels = json.loads(file.metadata()["levels"])
            stored = {name: file.get_tensor(name).float() for name in file.keys()}
        self._values = {name: tensor * levels[name][1] + levels[name][0] for name, tensor in stored.items()}
        self._ready: dict[str, Any] = {}

    def run(self, x: torch.Tensor) -> torch.Tensor:
        """(1, 3, 224, 224) from 0 to 1 -> (5,)."""
        import torch

        x = self._conv(x, "Conv1", "bn_Conv1", stride=2, relu=True)
        x = self._conv(x, "expanded_conv_depthwise", "expanded_conv_depthwise_BN", relu=True)
        x = self._conv(x, "expanded_conv_project", "expanded_conv_project_BN")
        for block in range(1, 17):
            x = self._block(x, block)
        x = self._conv(x, "Conv_1", "Conv_1_bn", relu=True).mean((2, 3))  # 7 x 7 -> 1 x 1
        for dense in ("dense_1", "dense_2"):
            x = torch.relu(self._dense(x, dense))
        return torch.softmax(self._dense(x, "dense_3"), 1)[0]

    def _block(self, x: torch.Tensor, block: int) -> torch.Tensor:
        name = f"block_{block}"
        y = self._conv(x, f"{name}_expand", f"{name}_expand_BN", relu=True)
        stride = 2 if block in HALVING else 1
        y = self._conv(y, f"{name}_depthwise", f"{name}_depthwise_BN", stride=stride, relu=True)
        y = self._conv(y, f"{name}_project", f"{name}_project_BN")
        return y if block in WIDENING else x + y

    def _conv(self, x: torch.Tensor, name: str, norm: str, stride: int = 1, relu: bool = False) -> torch.Tensor:
        import torch
        from torch.nn.functional import conv2d, pad

        weight, bias = self._folded(name, norm)
        if weight.shape[-1] == 3:
            x = pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
        groups = x.shape[1] if weight.shape[1] == 1 else 1
        x = conv2d(x, weight, bias, stride=stride, groups=groups)
        return torch.clamp(x, 0, 6) if relu else x

    def _folded(self, name: str, norm: str) -> tuple[torch.Tensor, torch.Tensor]:
        """The convolution's weights (out, in, h, w) and bias with its batch normalisation inside."""
        if name not in self._ready:
            value = self._values
            scale = value[f"{norm}/gamma"] / (value[f"{norm}/moving_variance"] + EPSILON).sqrt()
            if f"{name}/depthwise_kernel" in value:
                weight = value[f"{name}/depthwise_kernel"].permute(2, 3, 0, 1)  # (h, w, in, 1) -> (in, 1, h, w)
            else:
                weight = value[f"{name}/kernel"].permute(3, 2, 0, 1)
            bias = value[f"{norm}/beta"] - value[f"{norm}/moving_mean"] * scale
            self._ready[name] = (weight * scale[:, None, None, None]).contiguous(), bias
        weight, bias = self._ready[name]
        return weight, bias

    def _dense(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return x @ self._values[f"{name}/kernel"] + self._values[f"{name}/bias"]

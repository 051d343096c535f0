"""How fast and how exact: the choices of a home that change speed, and by how much they change pixels. Knows no steps.

Always on, because a test shows that they keep what they promise: channels_last, bfloat16 where the processor
multiplies it, remembered prompts. The rest is chosen here and written into the facts of every picture. What they do to
pixels is tested with a small Stable Diffusion in float32 on a CPU: attention in another way, fused projections and
compiled blocks move none by more than 1 of 255 levels, parts that come layer by layer none at all. A tiny decoder is
another network, so its results differ visibly in fine detail.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

logger = logging.getLogger(__name__)

Attention = Literal["auto", "flash", "efficient", "cudnn", "math"]
Offload = Literal["auto", "none", "model", "group"]

# id -> torch's name of a way to compute attention. What a way cannot do is left to `math`.
BACKENDS = {
    "flash": "FLASH_ATTENTION",
    "efficient": "EFFICIENT_ATTENTION",
    "cudnn": "CUDNN_ATTENTION",
    "math": "MATH",
}


@dataclass(frozen=True, slots=True)
class Speed:
    """The choices, plain data. `compiled_dir` keeps what the compiler made for the next start."""

    attention: Attention = "auto"
    offload: Offload = "auto"
    fuse_qkv: bool = False
    compile: bool = False
    tiny_decoder: bool = False
    previews: bool = True
    compiled_dir: Path | None = None


@contextmanager
def attention(speed: Speed) -> Iterator[None]:
    """For the whole process: torch's switch knows no threads."""
    if speed.attention == "auto":
        yield
        return
    from torch.nn.attention import SDPBackend, sdpa_kernel

    wanted = getattr(SDPBackend, BACKENDS[speed.attention])
    with sdpa_kernel([wanted, SDPBackend.MATH], set_priority=True):
        yield


def network_of(parts: Any) -> Any:
    """The part that is called in every step."""
    return parts.unet if getattr(parts, "unet", None) is not None else parts.transformer


def tune(parts: Any, speed: Speed) -> tuple[str, ...]:
    """Applies what this model can take to its network. Answers what was done, for the facts of its pictures."""
    network, done = network_of(parts), []
    if speed.fuse_qkv and can_fuse(network):
        network.fuse_qkv_projections()
        done.append("fused_qkv")
    if speed.compile and can_compile(network):
        if speed.compiled_dir is not None:
            os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(speed.compiled_dir))
        network.compile_repeated_blocks()
        done.append("compiled")
    return tuple(done)


def can_fuse(network: Any) -> bool:
    return hasattr(network, "fuse_qkv_projections")


def can_compile(network: Any) -> bool:
    """The compiler writes C++ or Triton, so it needs one of the usual compilers."""
    if not getattr(network, "_repeated_blocks", None):
        return False
    if not any(shutil.which(name) for name in ("g++", "clang++", "cl")):
        logger.warning("compile: no C++ compiler is here, so blocks run as they are. Expected g++ or clang++.")
        return False
    return True

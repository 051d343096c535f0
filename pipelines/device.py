"""Where models run: the device, its number format and its memory. Asked once, on the device's own thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Device:
    """`buckets` are the batch sizes that steps are padded to, so that company never changes a picture."""

    torch_device: torch.device
    dtype: torch.dtype
    buckets: tuple[int, ...]
    words: str

    @property
    def cuda(self) -> bool:
        return self.torch_device.type == "cuda"

    def memory(self) -> tuple[int, int]:
        """Bytes in use by this process and in all: of the GPU, or of the machine."""
        if self.cuda:
            import torch

            free, total = torch.cuda.mem_get_info(self.torch_device)
            return total - free, total
        import psutil

        return psutil.Process().memory_info().rss, psutil.virtual_memory().total

    def free(self) -> int:
        """Bytes that new tensors may still take: of the GPU, its cache included, or of the machine."""
        if self.cuda:
            import torch

            cached = torch.cuda.memory_reserved(self.torch_device) - torch.cuda.memory_allocated(self.torch_device)
            return int(torch.cuda.mem_get_info(self.torch_device)[0]) + cached
        import psutil

        return int(psutil.virtual_memory().available)

    def host_memory(self) -> int:
        """Bytes of the machine's memory, which weights pass through on their way to any device."""
        import psutil

        return psutil.virtual_memory().total


def choose(wanted: str = "auto") -> Device:
    """`auto` takes a GPU when there is one. Raises RuntimeError when the wanted one is missing."""
    import torch

    if wanted == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("device: 'cuda' is not here. Expected an NVIDIA GPU with its driver, or 'cpu'.")
    if wanted != "cpu" and torch.cuda.is_available():
        dtype = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
        return Device(torch.device("cuda"), dtype, (1, 2, 4, 8, 16), f"{torch.cuda.get_device_name()}, {short(dtype)}")
    if fast_bfloat16():
        dtype, buckets = torch.bfloat16, (1, 2, 4, 8)
    else:
        # In float32 the size of a batch changes the last bits, so pictures are drawn one at a time.
        dtype, buckets = torch.float32, (1,)
    return Device(torch.device("cpu"), dtype, buckets, f"CPU, {torch.get_num_threads()} threads, {short(dtype)}")


def fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 natively; elsewhere it is slower than float32."""
    import torch

    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, name, lambda: False)() for name in checks)


def short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")

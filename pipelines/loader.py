"""Opens a model's files from disk, onto the device, in its number format. Safetensors only; knows no steps."""

from __future__ import annotations

import json
import logging
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.adapters import Wardrobe
from pipelines.device import Device
from pipelines.failures import is_out_of_memory
from pipelines.models import SD15, SDXL, Model
from pipelines.pipeline_call import Pipeline
from pipelines.text_to_image import Loaded, weights_size

if TYPE_CHECKING:
    from collections.abc import Iterator

RESIDENT = 0.8  # share of a GPU's memory that the weights of one model may fill


def load(model: Model, device: Device, models_dir: Path | None = None) -> Loaded | Pipeline:
    """`models_dir` is where adapters are looked for.

    Raises FileNotFoundError or ValueError with the model's name when its files cannot be used.
    """
    import torch

    if model.path is None:
        raise FileNotFoundError(f"{model.name} is not on this machine yet. Expected `python app.py fetch {model.id}`.")
    try:
        with quiet():
            parts = open_parts(model, model.path, device)
    except (OSError, ValueError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise
        raise ValueError(f"{model.name}: its files cannot be used ({error}).") from error
    size = weights_size([part for part in parts.components.values() if isinstance(part, torch.nn.Module)])
    place(parts, size, device)
    if not model.shares_steps:
        parts.set_progress_bar_config(disable=True)
        return Pipeline(model, device, parts, size)
    for part in (parts.unet, parts.vae):
        part.to(memory_format=torch.channels_last)
    return Loaded(model, device, parts, size, Wardrobe(parts, models_dir, model.name))


def open_parts(model: Model, path: Path, device: Device) -> Any:
    """A diffusers pipeline with the parts in the device's number format; safetensors only."""
    import diffusers

    if path.is_file():
        return open_file(model, path, device)
    options: dict[str, Any] = {}
    if "safety_checker" in json.loads((path / "model_index.json").read_text()):
        options = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    halves = "fp16" if any(path.rglob("*.fp16.safetensors")) else None
    return diffusers.DiffusionPipeline.from_pretrained(
        path, torch_dtype=device.dtype, local_files_only=True, use_safetensors=True, variant=halves, **options
    )


def open_file(model: Model, path: Path, device: Device) -> Any:
    """A single checkpoint. It has no configuration of its own: that of its family's listed model serves."""
    import diffusers

    listed = SDXL if model.family == "sdxl" else SD15
    known = path.parent / listed.id
    if not known.is_dir():
        raise ValueError(f"its configuration is missing. Expected {listed.name}: `python app.py fetch {listed.id}`")
    kind = diffusers.StableDiffusionXLPipeline if model.family == "sdxl" else diffusers.StableDiffusionPipeline
    return kind.from_single_file(path, config=str(known), torch_dtype=device.dtype, local_files_only=True)


def place(parts: Any, size: int, device: Device) -> None:
    """On the device; or, where a GPU cannot hold all parts at once, each one only while it works."""
    if device.cuda and size > RESIDENT * device.memory()[1]:
        parts.enable_model_cpu_offload(device=device.torch_device)
    else:
        parts.to(device.torch_device)


@contextmanager
def quiet() -> Iterator[None]:
    """The libraries' progress bars and notes about types are not for the people of the studio."""
    import diffusers
    import transformers

    levels = diffusers.utils.logging.get_verbosity(), transformers.utils.logging.get_verbosity()
    diffusers.utils.logging.set_verbosity(logging.CRITICAL)
    transformers.utils.logging.set_verbosity(logging.CRITICAL)
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        diffusers.utils.logging.set_verbosity(levels[0])
        transformers.utils.logging.set_verbosity(levels[1])

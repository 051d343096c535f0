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
from pipelines.speed import Offload, Speed, tune
from pipelines.text_to_image import Loaded, weights_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

RESIDENT = 0.8  # share of a GPU's memory that weights may fill; steps and decoding need the rest


def load(model: Model, device: Device, models_dir: Path | None = None, speed: Speed | None = None) -> Loaded | Pipeline:
    """`models_dir` is where adapters, control networks and tiny decoders are looked for.

    Raises FileNotFoundError or ValueError with the model's name when its files cannot be used.
    """
    import torch

    if model.path is None:
        raise FileNotFoundError(f"{model.name} is not on this machine yet. Expected `python app.py fetch {model.id}`.")
    try:
        with quiet():
            parts = open_parts(model, model.path, device)
            if model.adapter is not None:
                lay_on(parts, model.adapter)
    except (OSError, ValueError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise
        raise ValueError(f"{model.name}: its files cannot be used ({error}).") from error
    speed = speed or Speed()
    sizes = [weights_size([part]) for part in parts.components.values() if isinstance(part, torch.nn.Module)]
    if model.shares_steps:
        for part in (parts.unet, parts.vae):
            part.to(memory_format=torch.channels_last)
    tuned = tune(parts, speed)
    offload = placement(sizes, device, speed.offload)
    place(parts, offload, device)
    made = (*tuned, *([f"offload:{offload}"] if offload != "none" else []))
    if not model.shares_steps:
        parts.set_progress_bar_config(disable=True)
        return Pipeline(model, device, parts, sum(sizes), made)
    tiny = tiny_decoder(model, models_dir, device)
    wardrobe = Wardrobe(parts, models_dir, model.name, fused="fused_qkv" in tuned)
    loaded = Loaded(model, device, parts, sum(sizes), wardrobe, made, tiny, speed.tiny_decoder)
    if speed.previews:
        loaded.prepare_previews()
    return loaded


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


def lay_on(parts: Any, adapter: Path) -> None:
    """Adds a LoRA file to the weights themselves: no step pays for it."""
    parts.load_lora_weights(adapter.parent, weight_name=adapter.name, local_files_only=True)
    parts.fuse_lora()
    parts.unload_lora_weights()


def open_file(model: Model, path: Path, device: Device) -> Any:
    """A single checkpoint. It has no configuration of its own: that of its family's listed model serves."""
    import diffusers

    listed = SDXL if model.family == "sdxl" else SD15
    known = path.parent / listed.id
    if not known.is_dir():
        raise ValueError(f"its configuration is missing. Expected {listed.name}: `python app.py fetch {listed.id}`")
    kind = diffusers.StableDiffusionXLPipeline if model.family == "sdxl" else diffusers.StableDiffusionPipeline
    return kind.from_single_file(path, config=str(known), torch_dtype=device.dtype, local_files_only=True)


def tiny_decoder(model: Model, models_dir: Path | None, device: Device) -> Any:
    """An AutoencoderTiny of this family's latents (TAESD) in the `decoders` folder, or None."""
    import diffusers
    import torch

    folder = models_dir / "decoders" / model.family if models_dir else None
    if folder is None or not any(folder.glob("*.safetensors")):
        return None
    tiny = diffusers.AutoencoderTiny.from_pretrained(folder, dtype=device.dtype, local_files_only=True)
    return tiny.to(device.torch_device, memory_format=torch.channels_last)


def placement(sizes: Sequence[int], device: Device, wanted: Offload = "auto") -> Offload:
    """Where parts of these bytes live: all on the device ("none"), each there only while it works ("model"), or layer
    by layer ("group") where not even the largest part fits."""
    if wanted != "auto":
        return wanted
    room = RESIDENT * device.memory()[1]
    if not device.cuda or sum(sizes) <= room:
        return "none"
    return "model" if max(sizes) <= room else "group"


def place(parts: Any, offload: Offload, device: Device) -> None:
    """Raises ValueError for an offload that this device has no use for."""
    if offload == "none":
        parts.to(device.torch_device)
    elif offload == "group":
        parts.enable_group_offload(device.torch_device, offload_type="leaf_level", use_stream=device.cuda)
    elif device.cuda:
        parts.enable_model_cpu_offload(device=device.torch_device)
    else:
        raise ValueError("offload: 'model' moves parts off a GPU, and there is none. Expected 'auto' or 'none'.")


def silence() -> None:
    """For good: what the libraries note while they draw may quote the prompt, such as its words that were cut off."""
    import diffusers
    import transformers

    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity(logging.CRITICAL)
        library.utils.logging.disable_progress_bar()


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

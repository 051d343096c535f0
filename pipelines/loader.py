"""Opens a model's files from disk, onto the device, in its number format. Safetensors only; knows no steps."""

from __future__ import annotations

import importlib
import json
import logging
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.adapters import Wardrobe
from pipelines.device import Device
from pipelines.failures import Unwanted, is_out_of_memory
from pipelines.files import detach, identity, networks
from pipelines.models import SD15, SDXL, Model
from pipelines.pipeline_call import Pipeline
from pipelines.speed import Offload, Speed, tune
from pipelines.text_to_image import Loaded, weights_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

RESIDENT = 0.8  # share of a GPU's memory that weights may fill; steps and decoding need the rest


def always() -> bool:
    return True


def load(
    model: Model,
    device: Device,
    models_dir: Path | None = None,
    speed: Speed | None = None,
    wanted: Callable[[], bool] = always,
) -> Loaded | Pipeline:
    """`models_dir` is where adapters, control networks and tiny decoders are looked for.

    `wanted` is asked now and then. Raises Unwanted once it says no, and FileNotFoundError or ValueError with the
    model's name when its files cannot be used.
    """
    import torch

    files = identity(*sources(model, models_dir))
    parts = opened(model, device, wanted)
    speed = speed or Speed()
    sizes = [weights_size([part]) for part in networks(parts)]
    if model.shares_steps:
        for part in (parts.unet, parts.vae):
            part.to(memory_format=torch.channels_last)
    tuned = tune(parts, speed)
    offload = placement(sizes, device, speed.offload)
    place(parts, offload, device)
    made = (*tuned, *([f"offload:{offload}"] if offload != "none" else []))
    if not model.shares_steps:
        parts.set_progress_bar_config(disable=True)
        return Pipeline(model, device, parts, sum(sizes), made, files=files)
    tiny = tiny_decoder(model, models_dir, device)
    wardrobe = Wardrobe(parts, models_dir, model.name, fused="fused_qkv" in tuned)
    loaded = Loaded(model, device, parts, sum(sizes), wardrobe, made, tiny, speed.tiny_decoder, files=files)
    if speed.previews:
        loaded.prepare_previews()
    return loaded


def opened(model: Model, device: Device, wanted: Callable[[], bool]) -> Any:
    """The parts in the machine's memory. Raises as `load`."""
    if model.path is None:
        raise FileNotFoundError(f"{model.name} is not on this machine yet. Expected `python app.py fetch {model.id}`.")
    try:
        with quiet():
            parts = open_parts(model, model.path, device, wanted)
            go_on(wanted)
            if model.adapter is not None:
                lay_on(parts, model.adapter)
            return parts
    except (OSError, ValueError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise
        raise ValueError(f"{model.name}: its files cannot be used ({error}).") from error


def go_on(wanted: Callable[[], bool]) -> None:
    if not wanted():
        raise Unwanted


def sources(model: Model, models_dir: Path | None) -> tuple[Path | None, ...]:
    """Everything that a model is read from; what is not there may appear."""
    configuration = None
    if model.path is not None and model.path.suffix == ".safetensors":
        configuration = model.path.parent / listed(model).id / "model_index.json"
    return model.path, model.adapter, configuration, decoders(model, models_dir)


def open_parts(model: Model, path: Path, device: Device, wanted: Callable[[], bool] = always) -> Any:
    """A diffusers pipeline with the parts in the device's number format; safetensors only."""
    import diffusers

    if path.is_file():
        return open_file(model, path, device)
    index = json.loads((path / "model_index.json").read_text())
    options: dict[str, Any] = {}
    if "safety_checker" in index:
        options = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
        index = {name: about for name, about in index.items() if name not in options}
    for name, kind in kinds_of(index, path):
        go_on(wanted)
        options[name] = open_part(kind, path, name, device)
    return diffusers.DiffusionPipeline.from_pretrained(
        path, torch_dtype=device.dtype, local_files_only=True, use_safetensors=True, **options
    )


def kinds_of(index: dict[str, Any], path: Path) -> Iterator[tuple[str, Any]]:
    """The networks of a diffusers folder with their classes: one by one, so that opening can end between two of them.

    A library beyond these two is left to diffusers, which knows what it may trust.
    """
    for name, about in index.items():
        known = isinstance(about, list) and about[0] in ("diffusers", "transformers")
        if known and any((path / name).glob("*.safetensors")):
            yield name, getattr(importlib.import_module(about[0]), about[1])


def open_part(kind: Any, path: Path, name: str, device: Device) -> Any:
    halves = "fp16" if any((path / name).glob("*.fp16.safetensors")) else None
    named = {"torch_dtype" if kind.__module__.startswith("diffusers") else "dtype": device.dtype}
    return kind.from_pretrained(
        path, subfolder=name, local_files_only=True, use_safetensors=True, variant=halves, **named
    )


def lay_on(parts: Any, adapter: Path) -> None:
    """Adds a LoRA file to the weights themselves: no step pays for it."""
    parts.load_lora_weights(adapter.parent, weight_name=adapter.name, local_files_only=True)
    parts.fuse_lora()
    parts.unload_lora_weights()


def listed(model: Model) -> Model:
    """The hub's model whose configuration a single file of this family takes."""
    return SDXL if model.family == "sdxl" else SD15


def open_file(model: Model, path: Path, device: Device) -> Any:
    """A single checkpoint. It has no configuration of its own: that of its family's listed model serves."""
    import diffusers

    family = listed(model)
    known = path.parent / family.id
    if not known.is_dir():
        raise ValueError(f"its configuration is missing. Expected {family.name}: `python app.py fetch {family.id}`")
    kind = diffusers.StableDiffusionXLPipeline if model.family == "sdxl" else diffusers.StableDiffusionPipeline
    return kind.from_single_file(path, config=str(known), torch_dtype=device.dtype, local_files_only=True)


def tiny_decoder(model: Model, models_dir: Path | None, device: Device) -> Any:
    """An AutoencoderTiny of this family's latents (TAESD) in the `decoders` folder, or None."""
    import diffusers
    import torch

    folder = decoders(model, models_dir)
    if folder is None or not any(folder.glob("*.safetensors")):
        return None
    tiny = diffusers.AutoencoderTiny.from_pretrained(folder, dtype=device.dtype, local_files_only=True)
    detach(tiny)
    return tiny.to(device.torch_device, memory_format=torch.channels_last)


def decoders(model: Model, models_dir: Path | None) -> Path | None:
    return models_dir / "decoders" / model.family if models_dir else None


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
    if offload != "none" or not device.cuda:
        for part in networks(parts):
            detach(part)
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

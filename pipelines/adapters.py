"""Low-rank adapters (LoRA, Hu et al. 2021) that a prompt names as `<lora:name:0.8>`: found, worn, taken off.

Files are safetensors in the `loras` folder of the models folder; one comes with the studio, for its starter. Knows no
jobs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from pipelines.files import Identity, detach, identity, networks

TAG = re.compile(r"<lora:([^:<>]+)(?::([+-]?(?:\d+\.?\d*|\.\d+)))?>")

SHIPPED = Path(__file__).parent / "starter" / "loras"

Worn = tuple[tuple[str, float], ...]  # names with their weights


@dataclass(frozen=True, slots=True)
class Adapter:
    """A file as it is at one moment: one that was written anew is another adapter, whatever its name."""

    name: str
    path: Path
    files: Identity


Chosen = tuple[tuple[Adapter, float], ...]


def split(prompt: str) -> tuple[str, Worn]:
    """`a fox <lora:clay:0.8>` -> ("a fox ", (("clay", 0.8),)); without a number the weight is 1."""
    worn = {name.strip(): float(weight or 1) for name, weight in TAG.findall(prompt)}
    return TAG.sub("", prompt), tuple(sorted(worn.items()))


TAUGHT_BY = "pixcosmos.taught_by"  # in the header of an adapter that was taught here
WORDS = "pixcosmos.words"


def facts(path: Path) -> dict[str, str]:
    """What the header of a file says about it; nothing for one that cannot be read."""
    try:
        with safe_open(path, framework="np") as file:
            return dict(file.metadata() or {})
    except (OSError, SafetensorError):
        return {}


def folder(models_dir: Path) -> Path:
    return models_dir / "loras"


def available(models_dir: Path | None) -> dict[str, Path]:
    """Files by name; the shipped ones first."""
    folders = [SHIPPED, *([folder(models_dir)] if models_dir else [])]
    return {path.stem: path for place in folders for path in sorted(place.glob("*.safetensors"))}


def choose(worn: Worn, models_dir: Path | None) -> Chosen:
    """The files behind the names. Raises FileNotFoundError for one that is not in the folder."""
    known = available(models_dir) if worn else {}
    return tuple((as_it_is(name, known), weight) for name, weight in worn)


def told(chosen: Chosen) -> list[str]:
    """For the facts of a picture."""
    return [f"{adapter.name}:{weight:g}" for adapter, weight in chosen]


def as_it_is(name: str, known: Mapping[str, Path]) -> Adapter:
    files = identity(known[name]) if name in known else ()
    if not files:
        raise FileNotFoundError(f"lora: {name!r} is not here. Expected {' or '.join(known)}.")
    return Adapter(name, known[name], files)


@dataclass(slots=True)
class Wardrobe:
    """The adapters of one model's `parts`, a diffusers pipeline. A loaded one rests until it is worn or let go."""

    parts: Any
    models_dir: Path | None
    model_name: str
    fused: bool = False  # whether attention uses one projection for three, which adapters do not know
    _here: dict[Adapter, str] = field(default_factory=dict)  # what the layers call each
    _loads: int = 0
    _worn: Chosen | None = ()  # None when it is not known which of them the layers wear

    def wear(self, wanted: Chosen) -> None:
        """Raises ValueError for one of another family."""
        if wanted == self._worn:
            return
        for adapter, _ in wanted:
            if adapter not in self._here:
                self._load(adapter)
        if wanted:
            self.parts.set_adapters([self._here[adapter] for adapter, _ in wanted], [weight for _, weight in wanted])
            self.parts.enable_lora()
        elif self._here:
            self.parts.disable_lora()
        self._worn = wanted

    def keep(self, wanted: Collection[Adapter]) -> None:
        """Lets go of those that are not needed; without any, layers are as they were opened."""
        unused = [adapter for adapter in self._here if adapter not in wanted]
        if unused and len(unused) == len(self._here):
            self._let_go_of_all()
        elif unused:
            self.parts.delete_adapters([self._here.pop(adapter) for adapter in unused])
            self._worn = None

    def _let_go_of_all(self) -> None:
        self.parts.unload_lora_weights()
        if self.fused:
            self.parts.unet.fuse_qkv_projections()
        self._here, self._worn = {}, ()

    def _load(self, adapter: Adapter) -> None:
        if self.fused and not self._here:
            self.parts.unet.unfuse_qkv_projections()
        self._loads += 1
        inner = f"adapter_{self._loads}"  # not the file's name: of those, two may differ by a dot alone
        try:
            self.parts.load_lora_weights(
                adapter.path.parent, weight_name=adapter.path.name, adapter_name=inner, local_files_only=True
            )
        except Exception as error:  # Other families' files fail in many ways; what was half laid on is taken off.
            self._let_go_of_all()
            reason = f"does not fit {self.model_name}. Expected one of its family."
            raise ValueError(f"lora: {adapter.name!r} {reason}") from error
        for network in networks(self.parts):
            detach(network, f".{inner}.")
        self._here[adapter] = inner

"""Low-rank adapters (LoRA, Hu et al. 2021) that a prompt names as `<lora:name:0.8>`: found, worn, taken off.

Files are safetensors in the `loras` folder of the models folder; one comes with the studio, for its starter. Knows no
jobs.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

TAG = re.compile(r"<lora:([^:<>]+)(?::([+-]?(?:\d+\.?\d*|\.\d+)))?>")

SHIPPED = Path(__file__).parent / "starter" / "loras"

Worn = tuple[tuple[str, float], ...]  # names with their weights


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


@dataclass(slots=True)
class Wardrobe:
    """The adapters of one model's `parts`, a diffusers pipeline. A loaded one rests until it is worn or let go."""

    parts: Any
    models_dir: Path | None
    model_name: str
    fused: bool = False  # whether attention uses one projection for three, which adapters do not know
    _here: set[str] = field(default_factory=set)
    _worn: Worn | None = ()  # None when it is not known which of them the layers wear

    def wear(self, wanted: Worn) -> None:
        """Raises FileNotFoundError for one that is not in the folder, ValueError for one of another family."""
        if wanted == self._worn:
            return
        for name, _ in wanted:
            if name not in self._here:
                self._load(name)
        if wanted:
            self.parts.set_adapters([inner(name) for name, _ in wanted], [weight for _, weight in wanted])
            self.parts.enable_lora()
        elif self._here:
            self.parts.disable_lora()
        self._worn = wanted

    def keep(self, names: Collection[str]) -> None:
        """Lets go of those that are not needed; without any, layers are as they were opened."""
        unused = self._here.difference(names)
        if unused and unused == self._here:
            self._let_go_of_all()
        elif unused:
            self.parts.delete_adapters([inner(name) for name in sorted(unused)])
            self._here -= unused
            self._worn = None

    def _let_go_of_all(self) -> None:
        self.parts.unload_lora_weights()
        if self.fused:
            self.parts.unet.fuse_qkv_projections()
        self._here, self._worn = set(), ()

    def _load(self, name: str) -> None:
        known = available(self.models_dir)
        if name not in known:
            raise FileNotFoundError(f"lora: {name!r} is not here. Expected {' or '.join(known)}.")
        if self.fused and not self._here:
            self.parts.unet.unfuse_qkv_projections()
        try:
            self.parts.load_lora_weights(
                known[name].parent, weight_name=known[name].name, adapter_name=inner(name), local_files_only=True
            )
        except Exception as error:  # Other families' files fail in many ways; what was half laid on is taken off.
            self._let_go_of_all()
            raise ValueError(f"lora: {name!r} does not fit {self.model_name}. Expected one of its family.") from error
        self._here.add(name)


def inner(name: str) -> str:
    """Module names have no dots."""
    return name.replace(".", "_")

"""Which models there are: the shipped ones, the models folder, the hub's list. Loads nothing, imports no torch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from pipelines.hub import HubUnreachable, Interrupted, download
from pipelines.models import FAMILIES, HUB, SD15, SDXL, Model

__all__ = ["SCHEDULERS", "Catalogue", "HubUnreachable", "Interrupted", "Model", "UnknownModel", "starter"]

HERE = Path(__file__).parent
STARTER = HERE / "starter" / "model"
QUICK = HERE / "starter" / "quick.safetensors"

# id -> the name that the field uses
SCHEDULERS: Mapping[str, str] = {
    "euler": "Euler",
    "euler_a": "Euler a",
    "dpmpp_2m": "DPM++ 2M",
    "dpmpp_2m_karras": "DPM++ 2M Karras",
    "ddim": "DDIM",
    "unipc": "UniPC",
    "lcm": "LCM",
    "tcd": "TCD",
}


class UnknownModel(KeyError):
    """Names the model and those that are here."""

    def __str__(self) -> str:
        return str(self.args[0])


class Catalogue:
    """The starter, the models folder and the hub's list. Looks anew each time: files may be dropped in."""

    def __init__(self, models_dir: Path) -> None:
        self.models_dir = models_dir

    def list(self) -> tuple[Model, ...]:
        local = {model.id: model for model in self._local()}
        hub = [local.pop(model.id, None) or replace(model, state="available") for model in HUB]
        return (*shipped(), *local.values(), *hub)

    def get(self, model_id: str) -> Model:
        """Raises UnknownModel."""
        found = self._find(model_id)
        if found is None:
            here = " or ".join(model.id for model in self.list())
            raise UnknownModel(f"model: {model_id!r} is not here. Expected {here}.")
        return found

    def _find(self, model_id: str) -> Model | None:
        """Looks at this model's files alone: every picture on a page asks for the name of its model."""
        if found := next((model for model in shipped() if model.id == model_id), None):
            return found
        if Path(model_id).name != model_id:
            return None  # a name, never a way to somewhere else
        single, folder = self.models_dir / f"{model_id}.safetensors", self.models_dir / model_id
        listed = (replace(model, state="available") for model in HUB if model.id == model_id)
        return of_file(single) or of_folder(folder) or next(listed, None)

    def fetch(self, model_id: str, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> Path:
        """Downloads a model of the hub into the models folder, going on where an earlier try stopped.

        `progress` is told bytes so far and in all. Raises HubUnreachable or Interrupted.
        """
        model = self.get(model_id)
        if model.state == "ready" and model.path is not None:
            return model.path
        return download(model, self.models_dir / model.id, progress, cancelled)

    def _local(self) -> Iterator[Model]:
        if not self.models_dir.is_dir():
            return
        for path in sorted(self.models_dir.iterdir()):
            found = of_folder(path) if path.is_dir() else of_file(path)
            if found is not None:
                yield found


@cache
def starter() -> Model:
    """Shipped, so it stays as it is while the studio runs."""
    known = (STARTER.parent / "objects.txt").read_text().splitlines()
    return Model(
        id="starter",
        name="Starter",
        family="sd",
        licence="Apache-2.0",
        path=STARTER,
        sizes=((512, 512),),
        steps=20,
        guidance=3.0,
        scheduler="ddim",
        size_bytes=weights_size(STARTER),
        enlarge=4,
        min_side=128,
        max_side=128,
        knows=tuple(label for label in known if label),
        steady=True,
    )


@cache
def shipped() -> tuple[Model, ...]:
    """The starter, and the same distilled to a few steps: guidance is inside, so there is none to ask for."""
    few = replace(
        starter(),
        id="starter-quick",
        name="Starter, quick",
        adapter=QUICK,
        steps=4,
        guidance=1.0,
        size_bytes=starter().size_bytes + QUICK.stat().st_size,
    )
    return starter(), few


def of_folder(path: Path) -> Model | None:
    """A diffusers folder with safetensors weights of a family that is known; anything else is not listed.

    Nor is one that is being taken away at this moment, or whose weights are links to nowhere.
    """
    index = path / "model_index.json"
    try:
        family = FAMILIES.get(json.loads(index.read_text())["_class_name"])
        size = weights_size(path)
        if family is None or not any(path.rglob("*.safetensors")):
            return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    listed = next((model for model in HUB if model.id == path.name), None)
    named = listed or replace(family, id=path.name, name=path.name, licence="your own", repo="", revision=None)
    return replace(named, path=path, state="ready", size_bytes=size)


def weights_size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.safetensors"))


def of_file(path: Path) -> Model | None:
    """A single checkpoint; its family is read from the names of its tensors."""
    if path.suffix != ".safetensors":
        return None
    try:
        names = tensor_names(path)
        size = path.stat().st_size
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    if not any(name.startswith("model.diffusion_model.") for name in names):
        return None
    family = SDXL if any(name.startswith("conditioner.") for name in names) else SD15
    named = replace(family, id=path.stem, name=path.stem, licence="your own", repo="", revision=None)
    return replace(named, path=path, size_bytes=size)


def tensor_names(path: Path) -> tuple[str, ...]:
    """From the header alone: eight bytes of length, then JSON. Raises ValueError for another kind of file."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length < 100 * 2**20:
            raise ValueError(f"{path.name}: not a safetensors file")
        return tuple(json.loads(file.read(length)))

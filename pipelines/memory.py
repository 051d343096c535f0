"""What is in memory: models within a bound, those used longest ago leaving first, and upscalers. Knows no jobs."""

from __future__ import annotations

import gc
from collections import OrderedDict
from collections.abc import Callable, Collection

from pipelines.adapters import Adapter
from pipelines.catalogue import Catalogue
from pipelines.device import Device
from pipelines.failures import TooLarge, is_out_of_memory
from pipelines.files import Identity, identity
from pipelines.loader import always, load, sources
from pipelines.models import Model
from pipelines.pipeline_call import Pipeline
from pipelines.speed import Speed
from pipelines.text_to_image import Loaded
from pipelines.upscale import SHIPPED, Upscaler, available

MODELS_SHARE = 0.6  # of the device's memory that models may fill
UPSCALERS = 2
LOADABLE = 0.9  # of the machine's memory that one model may need


def settle() -> None:
    """The libraries' own objects live as long as the process, so they are not looked through whenever a model goes."""
    import diffusers  # noqa: F401
    import transformers  # noqa: F401

    gc.collect()
    gc.freeze()


class Memory:
    """Used on the device's thread alone, except for `names`."""

    def __init__(self, catalogue: Catalogue, device: Device, speed: Speed | None = None) -> None:
        self._catalogue = catalogue
        self._device = device
        self._speed = speed or Speed()
        self.loads = self.evictions = 0
        self._models: OrderedDict[str, Loaded | Pipeline] = OrderedDict()
        self._upscalers: OrderedDict[str, tuple[Identity, Upscaler]] = OrderedDict()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._models)

    def model(
        self, model_id: str, busy: Collection[str] = (), wanted: Callable[[], bool] = always
    ) -> Loaded | Pipeline:
        """From memory, or from disk after others made room, but for `busy` ones.

        One whose files were replaced is read anew. Raises UnknownModel, TooLarge and what `load` raises.
        """
        if model_id in self._models and model_id not in busy and not self.holds(model_id):
            self._evict(model_id)
        if model_id not in self._models:
            model = self._catalogue.get(model_id)
            self._refuse_too_large(model)
            self._make_room(model.size_bytes, busy)
            self._models[model_id] = self._load(model, busy, wanted)
            self.loads += 1
        self._models.move_to_end(model_id)
        return self._models[model_id]

    def holds(self, model_id: str) -> bool:
        """Whether it is in memory as it is on disk: not when its files are others by now, or gone."""
        if model_id not in self._models:
            return False
        loaded = self._models[model_id]
        return loaded.files == identity(*sources(loaded.model, self._catalogue.models_dir))

    def fits_beside(self, model_id: str, busy: Collection[str]) -> bool:
        """Whether a model may be opened now, or had better wait until the `busy` ones are done with their pictures."""
        if not busy or self.holds(model_id):
            return True
        if model_id in busy:
            return False  # those at work are drawn to the end with what they began with
        held = sum(self._models[name].size_bytes for name in busy if name in self._models)
        return held + self._catalogue.get(model_id).size_bytes <= self._allowed

    def tidy(self, wanted: Collection[Adapter]) -> None:
        """Takes off adapters that none of the `wanted` ones are."""
        for loaded in self._models.values():
            if isinstance(loaded, Loaded):
                loaded.wardrobe.keep(wanted)

    def enlarger(self, name: str = SHIPPED.stem) -> Upscaler:
        """The shipped one or one of the models folder; the last two are kept. Raises FileNotFoundError, ValueError."""
        known = {found.id: found.path for found in available(self._catalogue.models_dir)}
        if name not in known:
            raise FileNotFoundError(f"upscaler: {name!r} is not here. Expected {' or '.join(known)}.")
        files = identity(known[name])
        if name not in self._upscalers or self._upscalers[name][0] != files:
            self._upscalers.pop(name, None)
            self._upscalers[name] = (
                files,
                Upscaler.load(known[name], self._device.torch_device, self._device.dtype),
            )
            if len(self._upscalers) > UPSCALERS:
                self._upscalers.popitem(last=False)
        self._upscalers.move_to_end(name)
        return self._upscalers[name][1]

    def free(self) -> None:
        """Gives back what nothing refers to any more."""
        gc.collect()
        if self._device.cuda:
            import torch

            torch.cuda.empty_cache()

    def clear(self) -> None:
        self._models.clear()
        self._upscalers.clear()
        self.free()

    def _refuse_too_large(self, model: Model) -> None:
        """Weights pass through the machine's memory also on their way to a GPU; too many would end the process."""
        there = self._device.host_memory()
        if model.size_bytes > LOADABLE * there:
            sizes = f"{model.size_bytes / 1e9:.0f} GB of memory. This machine has {there / 1e9:.0f} GB"
            raise TooLarge(f"{model.name} needs {sizes}.")

    @property
    def _allowed(self) -> float:
        return MODELS_SHARE * self._device.memory()[1]

    def _make_room(self, needed: int, busy: Collection[str]) -> None:
        for model_id in list(self._models):
            if sum(loaded.size_bytes for loaded in self._models.values()) + needed <= self._allowed:
                return
            if model_id not in busy:
                self._evict(model_id)

    def _load(self, model: Model, busy: Collection[str], wanted: Callable[[], bool]) -> Loaded | Pipeline:
        """When memory runs out although the bound allowed it, once more without the others."""
        place = self._device, self._catalogue.models_dir, self._speed
        try:
            return load(model, *place, wanted)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        for model_id in [name for name in self._models if name not in busy]:
            self._evict(model_id)
        self.free()
        return load(model, *place, wanted)

    def _evict(self, model_id: str) -> None:
        del self._models[model_id]
        self.evictions += 1
        self.free()

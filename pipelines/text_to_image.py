"""A diffusion model in memory, used step by step: prompts to embeddings, one guess for many rows, latents to pixels."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from pipelines import embeddings, steady
from pipelines.adapters import Chosen, Wardrobe
from pipelines.control import Network, Steering, find, open_network, together
from pipelines.decoding import FILLED, decoding_bytes
from pipelines.device import Device
from pipelines.failures import is_out_of_memory
from pipelines.files import Identity, identity
from pipelines.models import Model
from pipelines.prompts import tokenise, weighted
from pipelines.types import Pixels, RenderJob

if TYPE_CHECKING:
    import torch

REMEMBERED_PROMPTS = 128
SKETCH_SIDE = 128  # pixels that a sketch is enlarged to


@dataclass(frozen=True, slots=True)
class Words:
    """A prompt as the UNet takes it: `tokens` (1, T, D), and for SDXL `pooled` (1, P)."""

    tokens: torch.Tensor
    pooled: torch.Tensor | None = None


@dataclass(slots=True)
class Loaded:
    """One model in memory. Used on the device's thread alone."""

    model: Model
    device: Device
    parts: Any  # a diffusers pipeline, used as a bag of parts: its own __call__ keeps state and is not used
    size_bytes: int
    wardrobe: Wardrobe
    tuned: tuple[str, ...] = ()
    tiny: Any = None  # a small decoder of the same latents, for previews and, where the home wants it, for results
    tiny_results: bool = False
    look_seconds: float = 0.0  # what a look took while the model was opened
    tiled: bool = False  # whether the last picture was decoded in tiles
    files: Identity = ()  # what it was read from
    _controls: dict[str, Network] = field(default_factory=dict)
    _words: OrderedDict[tuple[str, Chosen, Identity], Words] = field(default_factory=OrderedDict)
    _sketch: torch.Tensor | None = None
    _steady: bool | None = None  # not known until company is thought of

    @property
    def scale(self) -> int:
        """Pixels of a side to one of the latents."""
        return int(self.parts.vae_scale_factor)

    @property
    def buckets(self) -> tuple[int, ...]:
        """Batch sizes in which company never changes a picture (on a GPU: by at most 2 of 255)."""
        if self.device.cuda or len(self.device.buckets) == 1:
            return self.device.buckets
        if self._steady is None:
            self._steady = self.model.steady and steady.holds(self.parts.unet)
        return self.device.buckets if self._steady else (1,)

    @property
    def scheduler_config(self) -> dict[str, Any]:
        return dict(self.parts.scheduler.config)

    def latent_shape(self, job: RenderJob) -> tuple[int, int, int, int]:
        return 1, self.parts.unet.config.out_channels, job.height // self.scale, job.width // self.scale

    @property
    def takes_mask(self) -> bool:
        """Whether the UNet has inputs for a mask and the latents of what is kept, beside those of the picture."""
        config = self.parts.unet.config
        return int(config.in_channels) == 2 * config.out_channels + 1

    def starts_from(self, job: RenderJob) -> bool:
        """Whether the latents of the job's picture are needed: a mask's own inputs replace them at full strength."""
        return job.image is not None and not (self.takes_mask and job.mask is not None and job.strength == 1)

    def words(self, prompt: str, worn: Chosen = ()) -> Words:
        """The last prompts are remembered: a batch of one prompt is encoded once.

        Adapters and learned words decide what it means, and a file of theirs may be another one by now.
        """
        known = (prompt, worn, identity(*embeddings.named(prompt, self.wardrobe.models_dir).values()))
        if known not in self._words:
            self.wardrobe.wear(worn)
            self._words[known] = self._encode(prompt)
            if len(self._words) > REMEMBERED_PROMPTS:
                self._words.popitem(last=False)
        self._words.move_to_end(known)
        return self._words[known]

    def learned(self, prompt: str) -> list[str]:
        """The names of learned words in it."""
        return list(embeddings.named(prompt, self.wardrobe.models_dir))

    def without(self, negative_prompt: str, worn: Chosen = ()) -> Words:
        """What guidance leads away from. SDXL was trained with zeros where there is no prompt."""
        import torch

        words = self.words(negative_prompt, worn)
        if negative_prompt or not self.parts.config.get("force_zeros_for_empty_prompt", False):
            return words
        pooled = None if words.pooled is None else torch.zeros_like(words.pooled)
        return Words(torch.zeros_like(words.tokens), pooled)

    def control(self, name: str) -> Network:
        """A ControlNet, kept as long as the model is, or until its files are others. Raises FileNotFoundError."""
        path = find(name, self.wardrobe.models_dir)
        known = self._controls.get(name)
        if known is not None and known.files == identity(path):
            return known
        if known is not None:
            del self._controls[name]
            self.size_bytes -= weights_size([known.module])
        opened = self._controls[name] = open_network(name, path, self.device)
        self.size_bytes += weights_size([opened.module])
        return opened

    def guess(
        self,
        latents: torch.Tensor,
        times: torch.Tensor,
        words: list[Words],
        size: tuple[int, int],
        steering: tuple[Steering, ...] = (),
    ) -> Any:
        """One UNet call: latents (B, C, h, w), times (B,), one Words a row, `size` (height, width) in pixels."""
        import torch

        tokens = torch.cat([one.tokens for one in words])
        added = None
        if words[0].pooled is not None:
            ids = torch.tensor([[*size, 0, 0, *size]], dtype=tokens.dtype, device=tokens.device)
            pooled = torch.cat([one.pooled for one in words if one.pooled is not None])
            added = {"text_embeds": pooled, "time_ids": ids.repeat(len(words), 1)}
        sample = latents.to(self.device.torch_device, self.device.dtype, memory_format=torch.channels_last)
        times = times.to(self.device.torch_device)
        residuals: dict[str, Any] = {}
        if steering:
            picture = sample[:, : self.parts.unet.config.out_channels]  # without the inputs for a mask
            residuals = together([one.residuals(picture, times, tokens, added) for one in steering])
        return self.parts.unet(sample, times, encoder_hidden_states=tokens, added_cond_kwargs=added, **residuals).sample

    def encode(self, picture: np.ndarray, generator: torch.Generator) -> torch.Tensor:
        """(H, W, 3) bytes, or floats from -1 to 1, to (1, C, h, w); a variational encoder draws from the generator."""
        import torch

        vae = self.parts.vae
        levels = picture.astype(np.float32) / 127.5 - 1 if picture.dtype == np.uint8 else picture
        sample = torch.from_numpy(levels).permute(2, 0, 1)[None].contiguous()
        answer = vae.encode(sample.to(self.device.torch_device, vae.dtype))
        found = answer.latent_dist.sample(generator) if hasattr(answer, "latent_dist") else answer.latents
        shift = getattr(vae.config, "shift_factor", None) or 0.0
        return (found.float().cpu() - shift) * vae.config.scaling_factor

    @property
    def decoder(self) -> Any:
        return self.tiny if self.tiny is not None and self.tiny_results else self.parts.vae

    def decode(self, latents: torch.Tensor) -> Pixels:
        """(1, C, h, w) to (H, W, 3), in tiles where the memory is too small to decode at once."""
        pixels = latents.shape[-2] * latents.shape[-1] * self.scale**2
        self.tiled = decoding_bytes(self.decoder, pixels) > FILLED * self.device.free()
        if not self.tiled:
            try:
                return self._decoded(latents, self.decoder, tiled=False)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            self.tiled = True
        return self._decoded(latents, self.decoder, tiled=True)

    def _decoded(self, latents: torch.Tensor, vae: Any, *, tiled: bool) -> Pixels:
        if tiled:
            vae.enable_tiling()
        else:
            vae.disable_tiling()
        scaled = latents / vae.config.scaling_factor + (getattr(vae.config, "shift_factor", None) or 0.0)
        return to_pixels(vae.decode(scaled.to(self.device.torch_device, vae.dtype)).sample[0])

    def look(self, latents: torch.Tensor) -> Pixels:
        """What the picture looks like now, by a tiny decoder; by the sketch where there is none."""
        tiny = self.parts.vae if type(self.parts.vae).__name__ == "AutoencoderTiny" else self.tiny
        return self.sketch(latents) if tiny is None else self._decoded(latents, tiny, tiled=False)

    def sketch(self, latents: torch.Tensor) -> Pixels:
        """A linear map from latents to colours, smoothly enlarged: blurred, at next to no cost."""
        self.prepare_previews()
        assert self._sketch is not None
        colours = latents[0].float().cpu().permute(1, 2, 0)
        small = Image.fromarray(to_pixels((colours @ self._sketch[:-1] + self._sketch[-1]).permute(2, 0, 1)))
        times = max(1, SKETCH_SIDE // max(small.size))
        return np.asarray(small.resize((small.width * times, small.height * times), Image.Resampling.BICUBIC))

    def prepare_previews(self) -> None:
        """Once, while the model is opened: it costs a small picture, which no step should have to wait for."""
        import torch

        if self._sketch is None:
            with torch.inference_mode():
                self._sketch = self._fit_sketch()
                width, height = self.model.sizes[0]
                sides = height // self.model.enlarge // self.scale, width // self.model.enlarge // self.scale
                began = time.perf_counter()
                self.look(torch.zeros(1, self.parts.unet.config.out_channels, *sides))
                self.look_seconds = time.perf_counter() - began

    def _fit_sketch(self) -> torch.Tensor:
        """Least squares (C + 1, 3) between random latents and the mean colours that the decoder makes of them."""
        import torch

        channels = self.parts.unet.config.out_channels
        latents = torch.randn(1, channels, 16, 16, generator=torch.Generator().manual_seed(0))
        latents = torch.nn.functional.avg_pool2d(latents, 3, 1, 1) * 3
        drawn = torch.from_numpy(self.decode(latents)).float().permute(2, 0, 1) / 127.5 - 1
        colours = torch.nn.functional.avg_pool2d(drawn[None], self.scale)[0].flatten(1).T
        known = torch.cat([latents[0].flatten(1).T, torch.ones(len(colours), 1)], dim=1)
        return torch.linalg.lstsq(known, colours).solution

    def _encode(self, prompt: str) -> Words:
        with embeddings.spoken(self.parts, prompt, self.wardrobe.models_dir, self.model.name) as prompts:
            return self._encoded(prompts)

    def _encoded(self, prompts: list[str]) -> Words:
        """One prompt for each text encoder."""
        import torch

        states, pooled = [], None
        for (tokenizer, encoder), prompt in zip(embeddings.encoders(self.parts), prompts, strict=True):
            ids, mask, weights = tokenise(tokenizer, prompt)
            masked = mask.to(self.device.torch_device) if getattr(encoder.config, "use_attention_mask", False) else None
            if self.model.family == "sdxl":
                answer = encoder(ids.to(self.device.torch_device), output_hidden_states=True)
                pooled, found = answer[0], answer.hidden_states[-2]
            else:
                found = encoder(ids.to(self.device.torch_device), attention_mask=masked)[0]
            states.append(weighted(found, weights))
        return Words(torch.cat(states, dim=-1), pooled)


def weights_size(networks: list[torch.nn.Module]) -> int:
    return sum(weight.numel() * weight.element_size() for network in networks for weight in network.parameters())


def to_pixels(picture: torch.Tensor) -> Pixels:
    """(3, H, W) from -1 to 1 -> (H, W, 3) uint8."""
    array: np.ndarray = ((picture.float() / 2 + 0.5).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    return np.ascontiguousarray(array)

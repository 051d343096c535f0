"""Models as data: what each is good at, what it may be asked, where it comes from. Knows no folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Size = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """`sizes` are offered to people, in finished pixels; sides and their `multiple` are those of what is drawn.

    That is enlarged `enlarge` times afterwards. `knows` lists the labels of a small model's training, or is
    empty for one that saw the world. A `steady` one draws the same bits in a batch of any bucket on a CPU that
    was seen to multiply so; the others are drawn one at a time there. `revision` is a commit of `repo`; None
    takes the newest. `adapter` is a LoRA file that belongs to the model: it becomes part of the weights
    when they are opened.
    """

    id: str
    name: str
    family: str
    licence: str
    sizes: tuple[Size, ...]
    steps: int
    guidance: float
    scheduler: str
    path: Path | None = None
    adapter: Path | None = None
    repo: str = ""
    revision: str | None = None
    size_bytes: int = 0
    enlarge: int = 1
    multiple: int = 8
    min_side: int = 256
    max_side: int = 1024
    knows: tuple[str, ...] = ()
    steady: bool = False
    state: Literal["ready", "available"] = "ready"

    @property
    def shares_steps(self) -> bool:
        """Whether our loop draws it. The others bring a pipeline, a scheduler and a way with guidance of their own."""
        return self.family in ("sd", "sdxl")

    @property
    def starts_from_pictures(self) -> bool:
        return self.shares_steps or self.family in ("sd3", "flux", "z-image", "qwen")

    @property
    def step_caches(self) -> tuple[str, ...]:
        """Ways to leave out work that hardly changes between steps, for a job that asks for one."""
        return ("none", "first_block", "taylorseer") if self.family in ("flux", "qwen") else ("none",)


SQUARE_512 = ((512, 512), (512, 768), (768, 512), (640, 512), (512, 640))
SQUARE_1024 = ((1024, 1024), (832, 1216), (1216, 832), (896, 1152), (1152, 896))

SD15 = Model(
    id="sd15",
    name="Stable Diffusion 1.5",
    family="sd",
    licence="CreativeML OpenRAIL-M",
    repo="stable-diffusion-v1-5/stable-diffusion-v1-5",
    revision="451f4fe16113bff5a5d2269ed5ad43b0592e9a14",
    sizes=SQUARE_512,
    steps=25,
    guidance=7.5,
    scheduler="dpmpp_2m_karras",
    size_bytes=2_740_000_000,
)
SDXL = Model(
    id="sdxl",
    name="Stable Diffusion XL",
    family="sdxl",
    licence="CreativeML OpenRAIL++-M",
    repo="stabilityai/stable-diffusion-xl-base-1.0",
    revision="462165984030d82259a11f4367a4eed129e94a7b",
    sizes=SQUARE_1024,
    steps=30,
    guidance=6.0,
    scheduler="dpmpp_2m_karras",
    size_bytes=6_940_000_000,
    min_side=512,
    max_side=2048,
)
SDXL_TURBO = Model(
    id="sdxl-turbo",
    name="SDXL Turbo",
    family="sdxl",
    licence="Stability AI Community License",
    repo="stabilityai/sdxl-turbo",
    revision="71153311d3dbb46851df1931d3ca6e939de83304",
    sizes=SQUARE_512,
    steps=2,
    guidance=0.0,
    scheduler="euler_a",
    size_bytes=6_940_000_000,
)
SD35 = Model(
    id="sd35-medium",
    name="Stable Diffusion 3.5 Medium",
    family="sd3",
    licence="Stability AI Community License",
    repo="stabilityai/stable-diffusion-3.5-medium",
    revision="b940f670f0eda2d07fbb75229e779da1ad11eb80",
    sizes=SQUARE_1024,
    steps=40,
    guidance=4.5,
    scheduler="euler",
    size_bytes=16_300_000_000,
    multiple=16,
    min_side=512,
    max_side=1440,
)
FLUX_SCHNELL = Model(
    id="flux-schnell",
    name="FLUX.1 schnell",
    family="flux",
    licence="Apache-2.0",
    repo="black-forest-labs/FLUX.1-schnell",
    revision="741f7c3ce8b383c54771c7003378a50191e9efe9",
    sizes=SQUARE_1024,
    steps=4,
    guidance=0.0,
    scheduler="euler",
    size_bytes=33_700_000_000,
    multiple=16,
    max_side=2048,
)
FLUX_DEV = Model(
    id="flux-dev",
    name="FLUX.1 dev",
    family="flux",
    licence="FLUX.1 [dev] Non-Commercial License",
    repo="black-forest-labs/FLUX.1-dev",
    revision="3de623fc3c33e44ffbe2bad470d0f45bccf2eb21",
    sizes=SQUARE_1024,
    steps=28,
    guidance=3.5,
    scheduler="euler",
    size_bytes=33_700_000_000,
    multiple=16,
    max_side=2048,
)
Z_IMAGE_TURBO = Model(
    id="z-image-turbo",
    name="Z-Image Turbo",
    family="z-image",
    licence="Apache-2.0",
    repo="Tongyi-MAI/Z-Image-Turbo",
    revision="f332072aa78be7aecdf3ee76d5c247082da564a6",
    sizes=SQUARE_1024,
    steps=9,
    guidance=0.0,
    scheduler="euler",
    size_bytes=32_900_000_000,
    multiple=16,
    min_side=512,
    max_side=2048,
)
QWEN_IMAGE = Model(
    id="qwen-image",
    name="Qwen-Image",
    family="qwen",
    licence="Apache-2.0",
    repo="Qwen/Qwen-Image",
    revision="75e0b4be04f60ec59a75f475837eced720f823b6",
    sizes=((1328, 1328), (1104, 1472), (1472, 1104)),
    steps=50,
    guidance=4.0,
    scheduler="euler",
    size_bytes=57_700_000_000,
    multiple=16,
    min_side=512,
    max_side=2048,
)
SANA_SPRINT = Model(
    id="sana-sprint",
    name="SANA-Sprint 1.6B",
    family="sana",
    licence="NVIDIA Open Model License; text encoder: Gemma Terms of Use",
    repo="Efficient-Large-Model/Sana_Sprint_1.6B_1024px_diffusers",
    revision="19683c58b7ea290e55cedd8950ae1d86ada7ef96",
    sizes=((1024, 1024),),
    steps=2,
    guidance=4.5,
    scheduler="euler",
    size_bytes=9_700_000_000,
    multiple=32,
    min_side=512,
)

HUB = (SD15, SDXL, SDXL_TURBO, SD35, FLUX_SCHNELL, FLUX_DEV, Z_IMAGE_TURBO, QWEN_IMAGE, SANA_SPRINT)

# pipeline class in model_index.json -> the listed model whose family, sizes and defaults a local folder of it takes
FAMILIES: Mapping[str, Model] = {
    "StableDiffusionPipeline": SD15,
    "StableDiffusionInpaintPipeline": SD15,
    "StableDiffusionXLPipeline": SDXL,
    "StableDiffusionXLInpaintPipeline": SDXL,
    "StableDiffusion3Pipeline": SD35,
    "FluxPipeline": FLUX_DEV,
    "ZImagePipeline": Z_IMAGE_TURBO,
    "QwenImagePipeline": QWEN_IMAGE,
    "SanaSprintPipeline": SANA_SPRINT,
}

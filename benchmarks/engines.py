"""Our engine against another one on the same processor, with the same weights."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.ratio import Ratio, interleave
from benchmarks.sharing import run
from pipelines.catalogue import Catalogue
from pipelines.engine import LocalEngine
from pipelines.types import RenderJob

SIDE, STEPS = 256, 4
JOB = RenderJob(
    id="one", model="sd", prompt="a fox", width=SIDE, height=SIDE, steps=STEPS, seed=7, guidance=1.0, scheduler="euler"
)


def against_cpp(turns: int) -> list[Ratio]:
    """A Stable Diffusion 1.5 of full size with random weights: ours in the device's format, theirs in float16."""
    try:
        from stable_diffusion_cpp import StableDiffusion
    except ImportError:
        print("against-cpp: not measured, because stable-diffusion-cpp-python is not installed")
        return []
    with tempfile.TemporaryDirectory() as folder:
        path = make(Path(folder))
        ours = LocalEngine(Catalogue(path.parent / "models"), device="cpu")
        theirs = StableDiffusion(model_path=str(path), wtype="f16", verbose=False)

        def draw_there() -> None:
            (picture,) = theirs.generate_image(
                prompt=JOB.prompt,
                width=SIDE,
                height=SIDE,
                sample_steps=STEPS,
                cfg_scale=1.0,
                seed=7,
                sample_method="euler",
            )
            assert picture.size == (SIDE, SIDE)

        name = f"Stable Diffusion 1.5, {SIDE} x {SIDE}, {STEPS} steps / stable-diffusion.cpp"
        try:
            return [interleave(name, lambda: run(ours, JOB), draw_there, turns, "at most 1")]
        finally:
            ours.close()


def make(folder: Path) -> Path:
    """The model as `models/sd` for us; answers the same weights as one file, which is what the other engine reads."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    from tests.pipelines import single_file, tiny

    torch.manual_seed(0)
    blocks = ("DownEncoderBlock2D",) * 4, ("UpDecoderBlock2D",) * 4
    text = CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_attention_heads=12, projection_dim=768)
    pipe = StableDiffusionPipeline(
        vae=AutoencoderKL(
            down_block_types=blocks[0],
            up_block_types=blocks[1],
            block_out_channels=(128, 256, 512, 512),
            layers_per_block=2,
        ),
        text_encoder=CLIPTextModel(text),
        tokenizer=tiny.tokenizer(),
        unet=UNet2DConditionModel(sample_size=64, cross_attention_dim=768),
        scheduler=DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear"),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.save_pretrained(folder / "models" / "sd")
    return single_file.write(pipe, folder / "one.safetensors")

"""`python -m pipelines.starter.train`: fetches the data and trains the parts of the starter model, resumably."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from diffusers import StableDiffusionPipeline
from PIL import Image

from pipelines.starter import autoencoder, loop, lora, sheets, things, unet
from pipelines.starter.dataset import Composer
from pipelines.starter.pool import Pool

HERE = Path(__file__).parent
SHEET = (
    *("a fox in a purple nebula", "a red apple on a white background", "a cat face on a meadow", "a rocket at night"),
    *("a heart on pink", "a sailboat on the sea", "a panda in the snow", "a cute octopus on turquoise"),
    *("an owl in the night sky", "a birthday cake on a yellow background", "a blue butterfly on white", "a dog face"),
    *("a strawberry on mint green", "a guitar on an orange background", "a penguin in the snow", "a turtle on sand"),
    *("a unicorn in a pink galaxy", "a cactus in the desert", "a fox and a rocket in the night sky", "three cherries"),
    *("a tulip on a meadow", "a frog on a green background", "a crown on purple", "a flying saucer in a city at night"),
)

app = typer.Typer(add_completion=False, help=__doc__)

Data = Annotated[Path, typer.Option(help="Folder of the npm packages.")]
Out = Annotated[Path, typer.Option(help="Folder for checkpoints and sheets.")]
Stages = Annotated[int, typer.Option(help="How many stages of things are taught.")]
Flat = Annotated[float, typer.Option(help="Share of things drawn in the flat style.")]


@app.command()
def fetch(data: Data = Path("starter-data")) -> None:
    """Download the pictures and names (three npm packages, all MIT) and draw the flat ones as pixels."""
    things.fetch(data)


@app.command("autoencoder")
def train_autoencoder(
    data: Data = Path("starter-data"),
    out: Out = Path("starter-run"),
    samples: Annotated[int, typer.Option(help="Crops of the whole run.")] = 400_000,
    afresh: Annotated[bool, typer.Option(help="Start untrained; the denoiser must then, too.")] = False,
    seed: int = 0,
) -> None:
    """Train the decoder of the shipped autoencoder on, or with --afresh a whole new one."""
    out.mkdir(parents=True, exist_ok=True)
    plan = autoencoder.Plan(samples=samples, decoder_only=not afresh)
    run = autoencoder.Run(autoencoder.fresh() if afresh else open_parts().vae, plan, seed)
    loop.resume(run, out / "vae.pt")
    composer = Composer(things.load(data, range(len(things.STAGES))))
    crops = autoencoder.Crops(composer, seed + run.seen)
    rng = np.random.default_rng(2**32 - 1)  # no training run starts from here
    kept_back = np.stack([composer.draw(rng, holdout=True).pixels for _ in range(64)])

    def keep() -> None:
        loop.save(run, out / "vae.pt")
        guess = autoencoder.reconstruct(run.averaged(), kept_back)
        say(f"{run.seen} crops, {autoencoder.psnr(guess, kept_back):.2f} dB on held-out composites")
        pairs = np.stack([kept_back[:12], guess[:12]], axis=1).reshape(24, *guess.shape[1:])
        sheets.sheet([Image.fromarray(one) for one in pairs]).save(out / "vae.png")

    loop.train(run, lambda: run.step(crops.batch(plan.batch, plan.crop)), keep, say)
    trained = run.averaged()
    if afresh:
        autoencoder.set_scale(trained, kept_back)
    trained.half().save_pretrained(out / "vae")


@app.command("unet")
def train_unet(
    data: Data = Path("starter-data"),
    out: Out = Path("starter-run"),
    samples: Annotated[int, typer.Option(help="Samples of the whole run, those before a resume included.")] = 1_000_000,
    cooldown: Annotated[int, typer.Option(help="Samples at the end over which the rate falls to nothing.")] = 60_000,
    stages: Stages = 1,
    flat: Flat = 0.0,
    average: Annotated[float, typer.Option(help="Of averaged weights; less for a short run.")] = 0.999,
    seed: int = 0,
) -> None:
    """Train the denoiser, from the last checkpoint in `out` or else from the shipped weights."""
    out.mkdir(parents=True, exist_ok=True)
    parts = open_parts()
    plan = replace(unet.Plan(), samples=samples, cooldown=cooldown, average=average)
    run = unet.Run(parts.unet, parts.scheduler, plan, seed)
    loop.resume(run, out / "unet.pt")
    composer = taught(data, stages, flat)
    say(f"{len(composer.things)} things, from {run.seen} to {samples} samples")
    pool = Pool.fill(parts, composer, seed + run.seen)

    def step() -> float:
        pool.renew(plan.renewed)
        return run.step(*pool.batch(plan.batch, run.generator))

    def keep() -> None:
        loop.save(run, out / "unet.pt")
        draw_sheet(parts, run, out / f"sheet-{run.seen:08d}.png")

    loop.train(run, step, keep, say)
    run.averaged().half().save_pretrained(out / "unet", max_shard_size="20MB")
    (out / "objects.txt").write_text("".join(f"{label}\n" for label in sorted({one.label for one in composer.things})))


@app.command("lora")
def train_lora(
    images: Annotated[Path, typer.Option(help="Folder of ten to twenty pictures of one thing.")],
    prompt: Annotated[str, typer.Option(help='What they show, with a name of its own: "a zorblax figurine".')],
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("lora.safetensors"),
    steps: Annotated[int, typer.Option(help="Training steps; 300 take minutes.")] = 300,
    seed: int = 0,
) -> None:
    """Teach the shipped model one thing from a few pictures: a low-rank adapter."""
    pictures = [Image.open(path) for path in sorted(images.iterdir()) if path.suffix.lower() in lora.SUFFIXES]
    if not pictures:
        raise typer.BadParameter(f"{images}: no pictures. Expected some of {', '.join(lora.SUFFIXES)}.")
    parts = open_parts()
    for progress in lora.teach(parts, pictures, prompt, replace(lora.Plan(), steps=steps, seed=seed)):
        if progress.step % 25 == 0:
            say(f"step {progress.step} of {progress.of}, loss {progress.loss:.4f}")
    lora.save(parts, out)
    say(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


def say(line: str) -> None:
    print(line, flush=True)


def open_parts(model: Path = HERE / "model") -> StableDiffusionPipeline:
    parts = StableDiffusionPipeline.from_pretrained(model, dtype=torch.bfloat16)
    parts.set_progress_bar_config(disable=True)
    return parts.to("cuda") if torch.cuda.is_available() else parts


def taught(data: Path, stages: int, flat: float = 0.0) -> Composer:
    """What the shipped model knows is drawn twice as often as what is new, so that it is not forgotten."""
    known = set((HERE / "objects.txt").read_text().splitlines())
    solid = things.load(data, range(stages), known)
    weights = [(1 - flat) * (2.0 if thing.label in known else 1.0) for thing in solid]
    drawn = things.load(data, range(stages), known, style="flat") if flat else ()
    return Composer([*solid, *drawn], weights + [flat * len(solid) / len(drawn) for _ in drawn])


def draw_sheet(parts: StableDiffusionPipeline, run: unet.Run, path: Path) -> None:
    """The averaged weights on prompts that stay the same, so that sheets can be laid side by side."""
    training: Any = parts.unet
    parts.unet = run.averaged().to(training.device, torch.bfloat16)
    pictures = unet.draw(parts, list(SHEET), [7] * len(SHEET))
    parts.unet = training
    sheets.sheet(pictures).save(path)


if __name__ == "__main__":
    app()

"""`python -m pipelines.starter.train`: fetches the data and trains the parts of the starter model, resumably."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer
from diffusers import StableDiffusionPipeline
from PIL import Image

from pipelines.starter import things, unet
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


@app.command()
def fetch(data: Data = Path("starter-data")) -> None:
    """Download the pictures and names (two npm packages, both MIT)."""
    things.fetch(data)


@app.command("unet")
def train_unet(
    data: Data = Path("starter-data"),
    out: Out = Path("starter-run"),
    samples: Annotated[int, typer.Option(help="Samples of the whole run, those before a resume included.")] = 1_000_000,
    cooldown: Annotated[int, typer.Option(help="Samples at the end over which the rate falls to nothing.")] = 60_000,
    stages: Annotated[int, typer.Option(help="How many stages of things are taught.")] = 1,
    pool: Annotated[int, typer.Option(help="Examples kept encoded.")] = 8192,
    seed: int = 0,
) -> None:
    """Train the denoiser, from the last checkpoint in `out` or else from the shipped weights."""
    torch.set_num_threads(2 if not torch.cuda.is_available() else 1)
    out.mkdir(parents=True, exist_ok=True)
    parts = open_parts()
    plan = replace(unet.Plan(), samples=samples, cooldown=cooldown)
    run = unet.Run(parts.unet, parts.scheduler, plan, seed)
    checkpoint = out / "unet.pt"
    if checkpoint.exists():
        run.restore(torch.load(checkpoint, weights_only=True))
    known = set((HERE / "objects.txt").read_text().splitlines())
    taught = things.load(data, range(stages), known)
    composer = Composer(taught, [2.0 if thing.label in known else 1.0 for thing in taught])
    print(f"{len(taught)} things, from {run.seen} to {samples} samples", flush=True)

    def keep() -> None:
        unet.save_checkpoint(checkpoint, run.state())
        draw_sheet(parts, run, out / f"sheet-{run.seen:08d}.png")

    filled = Pool.fill(parts, composer, seed + run.seen, pool)
    unet.train(run, filled, lambda line: print(line, flush=True), keep)
    run.averaged().half().save_pretrained(out / "unet", max_shard_size="20MB")
    (out / "objects.txt").write_text("\n".join(thing.label for thing in taught) + "\n")


def open_parts() -> StableDiffusionPipeline:
    parts = StableDiffusionPipeline.from_pretrained(HERE / "model", torch_dtype=torch.bfloat16)
    parts.set_progress_bar_config(disable=True)
    return parts.to("cuda") if torch.cuda.is_available() else parts


def draw_sheet(parts: StableDiffusionPipeline, run: unet.Run, path: Path) -> None:
    """The averaged weights on prompts that stay the same, so that sheets can be laid side by side."""
    training = parts.unet
    parts.unet = run.averaged().to(training.device, torch.bfloat16)
    pictures = unet.sheet(parts, list(SHEET), guidance=3.0, steps=20, seed=7)
    parts.unet = training
    canvas = Image.new("RGB", (6 * 132, 4 * 132), "white")
    for place, picture in enumerate(pictures):
        canvas.paste(picture, (place % 6 * 132 + 2, place // 6 * 132 + 2))
    canvas.save(path)


if __name__ == "__main__":
    app()

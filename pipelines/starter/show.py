"""`python -m pipelines.starter.show`: sheets of what a model draws, to be looked at beside the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from queue import Queue
from typing import Annotated

import numpy as np
import typer
from diffusers import ControlNetModel, StableDiffusionPipeline
from PIL import Image

from pipelines.catalogue import Catalogue
from pipelines.engine import LocalEngine
from pipelines.masks import Mask
from pipelines.starter import controlnet, evaluate, sheets, things, unet
from pipelines.starter.dataset import Composer, Example
from pipelines.starter.train import HERE, Data, Stages, open_parts, say
from pipelines.types import Done, Event, Failed, Pixels, RenderJob

CAPTIONS, SEEDS, TRACED, STYLED = 60, 2, 16, 24
# What is drawn, and what takes the place of its right half.
REPAINTED = (
    ("an apple on white", "a pineapple on white"),
    ("a fox in the snow", "a penguin in the snow"),
    ("a rocket in the night sky", "a full moon in the night sky"),
    ("a sailboat on the sea", "a whale on the sea"),
    ("a cactus in the desert", "a camel in the desert"),
    ("a tulip in a meadow", "a mushroom in a meadow"),
)
MARBLE = "a purple balloon on a yellow background"  # along the edges of anything
NEON = HERE / "loras" / "starter-neon.safetensors"
MOST_BYTES = 300_000


def main(
    data: Data = Path("starter-data"),
    objects: Annotated[Path, typer.Option(help="The things it was taught, a line each.")] = HERE / "objects.txt",
    out: Annotated[Path, typer.Option(help="Folder for the sheets.")] = Path("docs/starter"),
    stages: Stages = 1,
) -> None:
    """Draw held-out captions, in many and few steps, along edges and in a style, and repaint halves of pictures."""
    out.mkdir(parents=True, exist_ok=True)
    composer = Composer(things.load(data, range(stages), objects.read_text().splitlines()))
    rng = np.random.default_rng(2**32 - 3)
    asked = evaluate.cases(composer, objects.read_text().splitlines(), CAPTIONS, rng)["unseen"]
    captions = [one.caption for one in asked for _ in range(SEEDS)]
    seeds = list(range(SEEDS)) * len(asked)
    parts, quick = open_parts(), open_parts(adapter=evaluate.QUICK)
    keep(sheets.sheet(unet.draw(parts, captions, seeds), captions, 12), out / "held-out.webp")
    keep(sheets.sheet(unet.draw(quick, captions, seeds, **evaluate.FEW), captions, 12), out / "four-steps.webp")
    keep(sheets.sheet([Image.fromarray(one) for one in traced(parts, asked[:TRACED])], columns=8), out / "canny.webp")
    keep(sheets.sheet(styled(parts, captions[: STYLED * SEEDS : SEEDS]), columns=8), out / "lora.webp")
    keep(sheets.sheet([Image.fromarray(one) for one in repainted()], columns=6), out / "inpainting.webp")


def traced(parts: StableDiffusionPipeline, asked: Sequence[Example]) -> list[Pixels]:
    """For each composite its edges, the caption drawn along them, and another thing along them."""
    network = ControlNetModel.from_pretrained(evaluate.CANNY)
    originals, captions = evaluate.pixels_of(asked), [one.caption for one in asked]
    edges = evaluate.edges(originals)
    columns = [originals, edges]
    columns += [controlnet.draw(parts, network, told, edges) for told in (captions, [MARBLE] * len(asked))]
    return [picture for row in zip(*columns, strict=True) for picture in row]


def styled(parts: StableDiffusionPipeline, captions: Sequence[str]) -> list[Image.Image]:
    """Each caption with and without the shipped adapter, from the same noise."""
    told = [f"{caption}, neon sign" for caption in captions]
    plain = unet.draw(parts, told, [1] * len(told))
    glowing = unet.draw(open_parts(adapter=NEON), told, [1] * len(told))
    return [picture for pair in zip(plain, glowing, strict=True) for picture in pair]


def repainted() -> list[Pixels]:
    """For each pair the picture, its right half marked, and four halves drawn anew."""
    engine, shown = LocalEngine(Catalogue(Path("no-models")), device="auto"), []
    half = np.zeros((128, 128), np.uint8)
    half[:, 64:] = 255
    for before, after in REPAINTED:
        (picture,) = drawn(engine, RenderJob(id=before, model="starter", prompt=before, width=128, height=128, seed=5))
        marked = picture.copy()
        marked[:, 64:] = marked[:, 64:] // 3 + np.array((110, 60, 170), np.uint8)
        job = RenderJob(id=after, model="starter", prompt=after, width=128, height=128, seed=1, count=4)
        shown += [picture, marked, *drawn(engine, job, picture, half)]
    engine.close()
    return shown


def drawn(engine: LocalEngine, job: RenderJob, image: Pixels | None = None, mask: Mask | None = None) -> list[Pixels]:
    ends: Queue[Event] = Queue()
    engine.submit(replace(job, image=image, mask=mask), ends.put)
    while not isinstance(event := ends.get(), Done):
        if isinstance(event, Failed):
            raise RuntimeError(event.reason)
    return [one.pixels for one in event.renders]


def keep(sheet: Image.Image, path: Path) -> None:
    """As good as 300 kB allow."""
    for quality in range(92, 20, -6):
        sheet.save(path, quality=quality, method=6)
        if path.stat().st_size <= MOST_BYTES:
            break
    say(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    typer.run(main)

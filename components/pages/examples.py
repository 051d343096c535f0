"""The six prompts that an empty studio offers. `python -m components.pages.examples` draws their pictures anew."""

from __future__ import annotations

import queue
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "examples"
SIDE = 256


@dataclass(frozen=True, slots=True)
class Example:
    """`seed` is the one whose picture is shown; the prompt alone is offered."""

    file: str
    prompt: str
    seed: int


EXAMPLES = (
    Example("fox.webp", "a fox in a nebula", 8),
    Example("rocket.webp", "a rocket in the night sky", 3),
    Example("panda.webp", "a panda in the snow", 5),
    Example("cactus.webp", "a cactus in the desert", 3),
    Example("crown.webp", "a crown on purple", 3),
    Example("mushroom.webp", "a mushroom in a meadow", 5),
)


def draw(folder: Path = FOLDER, examples: tuple[Example, ...] = EXAMPLES, side: int = SIDE) -> None:
    """Writes one picture for each example, drawn by the starter model with its own defaults, shown at `side` pixels."""
    from pipelines import images
    from pipelines.catalogue import Catalogue, starter
    from pipelines.engine import LocalEngine
    from pipelines.types import Done, Event, Failed, RenderJob

    model = starter()
    engine = LocalEngine(Catalogue(folder))
    ends: queue.Queue[Event] = queue.Queue()
    native = model.max_side
    for example in examples:
        job = RenderJob(
            id=example.file,
            model=model.id,
            prompt=example.prompt,
            seed=example.seed,
            width=native,
            height=native,
            steps=model.steps,
            guidance=model.guidance,
            scheduler=model.scheduler,
            enlarge=model.enlarge,
        )
        engine.submit(job, ends.put)
    drawn = 0
    while drawn < len(examples):
        event = ends.get()
        if isinstance(event, Failed):
            raise RuntimeError(f"{event.job_id}: {event.reason}")
        if isinstance(event, Done):
            (folder / event.job_id).write_bytes(images.thumbnail(event.renders[0].pixels, side))
            drawn += 1
    engine.close()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    draw()

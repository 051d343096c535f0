"""`python -m pipelines.starter.evaluate`: how well a model draws what it is asked for, judged from the pixels.

The judges (a probe for things, neighbours for grounds, centres for colours) learn from composites of the originals,
never from generated pictures. They judge fresh composites of the same captions too: a model's upper bound.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from diffusers import ControlNetModel, StableDiffusionPipeline
from PIL import Image

from pipelines.starter import autoencoder, controlnet, measures, probe, sheets, things, unet
from pipelines.starter.dataset import Composer, Example
from pipelines.starter.things import Thing
from pipelines.starter.train import HERE, Data, Stages, open_parts, say

PORTRAITS = 30  # composites of each thing that the judges learn from
RECOLOURED = 40  # prompts for things in a colour that is not theirs
VARIED, SEEDS = 12, 4  # prompts drawn from several seeds
FEW: dict[str, Any] = {"steps": 4, "guidance": 1.0}  # as the adapter of few steps was taught
QUICK, CANNY = HERE / "quick.safetensors", HERE / "controlnets" / "starter-canny"
Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class Judges:
    """What they learnt from is kept in `pixels` (N, 128, 128, 3); `labels` are the probe's things in its order."""

    labels: list[str]
    things: probe.Probe
    grounds: measures.Grounds
    tints: measures.Tints
    pixels: np.ndarray

    @classmethod
    def learn(cls, composer: Composer, rng: np.random.Generator) -> Judges:
        examples = [composer.portrait(rng, thing) for thing in composer.things for _ in range(PORTRAITS)]
        pixels = pixels_of(examples)
        tinted = [place for place, one in enumerate(examples) if has_judged_tint(one)]
        return cls(
            [thing.label for thing in composer.things],
            probe.train(pixels, np.repeat(np.arange(len(composer.things)), PORTRAITS), len(composer.things)),
            measures.Grounds(pixels, [one.ground.kind for one in examples]),
            measures.Tints(pixels[tinted], [str(examples[place].subject.tint) for place in tinted]),
            pixels,
        )

    def scores(self, pixels: np.ndarray, asked: Sequence[Example]) -> Scores:
        """Shares of pictures (N, 128, 128, 3) that show what was asked for, and how near they are to known ones."""
        ranking = self.things.ranking(pixels)
        wanted = np.array([self.labels.index(one.subject.labels[0]) for one in asked])[:, None]
        kinds = self.grounds.kinds_of(pixels)
        plain = [place for place, one in enumerate(asked) if one.ground.kind == "plain"]
        tinted = [place for place, one in enumerate(asked) if has_judged_tint(one)]
        colours, tints = measures.plain_colours(pixels), self.tints.tints_of(pixels)
        return {
            "object top-1": share(ranking[:, :1] == wanted),
            "object top-5": share((ranking[:, :5] == wanted).any(axis=1)),
            "ground": share([kind == one.ground.kind for kind, one in zip(kinds, asked, strict=True)]),
            "colour of plain grounds": share([colours[place] == asked[place].ground.colours[0] for place in plain]),
            "colour of the object": share([tints[place] == asked[place].subject.tint for place in tinted]),
            "edges in place": measures.edges_in_place(edges(pixels), edges(pixels_of(asked))),
            "distance to the nearest composite": float(np.median(measures.nearest(pixels, self.pixels))),
        }


def pixels_of(examples: Sequence[Example]) -> np.ndarray:
    return np.stack([one.pixels for one in examples])


def edges(pixels: np.ndarray) -> np.ndarray:
    return np.stack([controlnet.edges(one) for one in pixels])


def has_own_colours(example: Example) -> bool:
    return example.subject.tint is None


def has_judged_tint(example: Example) -> bool:
    tint, ground = example.subject.tint, example.ground
    return tint is not None and ground.kind == "plain" and tint not in ground.colours


def share(hits: Sequence[bool] | np.ndarray) -> float:
    return float(np.mean(hits)) if len(hits) else float("nan")


def cases(composer: Composer, known: Sequence[str], count: int, rng: np.random.Generator) -> dict[str, list[Example]]:
    """What is asked for: things on grounds as in training, on grounds held out for them, and in other colours."""
    taught = [thing for thing in composer.things if thing.label in known]
    chosen = [taught[place] for place in rng.permutation(len(taught))[:count]]

    def until(fits: Callable[[Example], bool], thing: Thing, *, holdout: bool = False) -> Example:
        while not fits(example := composer.portrait(rng, thing, holdout=holdout)):
            pass
        return example

    return {
        "seen": [until(has_own_colours, thing) for thing in chosen],
        "unseen": [until(has_own_colours, thing, holdout=True) for thing in chosen],
        "recoloured": [until(has_judged_tint, taught[rng.integers(len(taught))]) for _ in range(RECOLOURED)],
    }


def draw(parts: StableDiffusionPipeline, asked: Sequence[Example], seed: int, **options: Any) -> np.ndarray:
    captions, seeds = [one.caption for one in asked], [seed + place for place in range(len(asked))]
    return np.stack([np.asarray(picture) for picture in unet.draw(parts, captions, seeds, **options)])


def draw_along_edges(parts: StableDiffusionPipeline, asked: Sequence[Example]) -> np.ndarray:
    network = ControlNetModel.from_pretrained(CANNY)
    return controlnet.draw(parts, network, [one.caption for one in asked], edges(pixels_of(asked)))


def varieties(parts: StableDiffusionPipeline, asked: Sequence[Example]) -> float:
    """The mean difference between seeds of one prompt."""
    return float(np.mean([measures.variety(draw(parts, [one] * SEEDS, 1000)) for one in asked[:VARIED]]))


def seconds_a_picture(parts: StableDiffusionPipeline, **options: Any) -> float:
    """The median of five, drawn one at a time."""
    taken = []
    for seed in range(6):
        began = time.perf_counter()
        unet.draw(parts, ["a red apple on a white background"], [seed], **options)
        taken.append(time.perf_counter() - began)
    return float(np.median(taken[1:]))


def table(columns: dict[str, Scores]) -> str:
    """Markdown: a row a measure, a column a set of pictures."""
    rows = ["| measure | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for measure in next(iter(columns.values())):
        values = [scores[measure] for scores in columns.values()]
        shown = [f"{value:.1f}" if measure.startswith("distance") else f"{value:.1%}" for value in values]
        rows.append(f"| {measure} | " + " | ".join("–" if text.startswith("nan") else text for text in shown) + " |")
    return "\n".join(rows)


def main(
    data: Data = Path("starter-data"),
    model: Annotated[Path, typer.Option(help="A diffusers folder.")] = HERE / "model",
    objects: Annotated[Path, typer.Option(help="The things it was taught, a line each.")] = HERE / "objects.txt",
    out: Annotated[Path, typer.Option(help="Folder for the numbers and the sheets.")] = Path("starter-evaluation"),
    stages: Stages = 1,
    prompts: Annotated[int, typer.Option(help="Things asked for, each on a seen and on an unseen ground.")] = 120,
) -> None:
    """Draw held-out and other prompts with a model and judge the pictures."""
    out.mkdir(parents=True, exist_ok=True)
    known = objects.read_text().splitlines()
    composer = Composer(things.load(data, range(stages), known))
    rng = np.random.default_rng(2**32 - 2)  # no training run starts from here
    judges = Judges.learn(composer, rng)
    say(f"judges have learnt {len(judges.labels)} things")
    parts = open_parts(model)
    asked = cases(composer, known, prompts, rng)
    columns, more = {}, {"autoencoder PSNR, dB": reconstruction(parts, asked["unseen"])}
    for name, examples in asked.items():
        pictures = draw(parts, examples, 0)
        columns[name] = judges.scores(pictures, examples)
        columns[f"originals: {name}"] = judges.scores(pixels_of(examples), examples)
        captions = [one.caption for one in examples[:60]]
        sheets.sheet([Image.fromarray(one) for one in pictures[:60]], captions, 10).save(out / f"{name}.png")
    more["difference between seeds"] = varieties(parts, asked["unseen"])
    more["seconds a picture, 20 guided steps"] = seconds_a_picture(parts)
    ways = {"seen, along edges": (draw_along_edges(parts, asked["seen"]), asked["seen"])}
    quick = open_parts(model, QUICK)
    ways |= {f"{name}, four steps": (draw(quick, asked[name], 0, **FEW), asked[name]) for name in asked}
    more["seconds a picture, four steps"] = seconds_a_picture(quick, **FEW)
    for name, (pictures, examples) in ways.items():
        columns[name] = judges.scores(pictures, examples)
        sheets.sheet([Image.fromarray(one) for one in pictures[:60]], columns=10).save(out / f"{name}.png")
    (out / "scores.json").write_text(json.dumps(columns | {"more": more}, indent=2))
    say(table(columns))
    say("\n".join(f"{name}: {value:.2f}" for name, value in more.items()))


def reconstruction(parts: StableDiffusionPipeline, examples: Sequence[Example]) -> float:
    originals = pixels_of(examples)
    return autoencoder.psnr(autoencoder.reconstruct(parts.vae, originals), originals)


if __name__ == "__main__":
    typer.run(main)

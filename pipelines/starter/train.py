"""`python -m pipelines.starter.train`: fetches the data and trains the parts of the starter model, resumably."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
import torch
import typer
from diffusers import AutoencoderTiny, StableDiffusionInpaintPipeline, StableDiffusionPipeline
from PIL import Image, ImageFilter

from pipelines import adapters
from pipelines.loader import lay_on
from pipelines.starter import autoencoder, controlnet, inpaint, loop, lora, quick, sheets, things, unet
from pipelines.starter.dataset import Composer, Example
from pipelines.starter.pool import Composing, Encoder, Pool
from pipelines.starter.weights import training_format

HERE = Path(__file__).parent
SHEET = (
    *("a fox in a purple nebula", "a red apple on a white background", "a cat face on a meadow", "a rocket at night"),
    *("a heart on pink", "a sailboat on the sea", "a panda in the snow", "a cute octopus on turquoise"),
    *("an owl in the night sky", "a birthday cake on a yellow background", "a blue butterfly on white", "a dog face"),
    *("a strawberry on mint green", "a guitar on an orange background", "a penguin in the snow", "a turtle on sand"),
    *("a unicorn in a pink galaxy", "a cactus in the desert", "a fox and a rocket in the night sky", "three cherries"),
    *("a tulip on a meadow", "a frog on a green background", "a crown on purple", "a flying saucer in a city at night"),
)

P = TypeVar("P", autoencoder.Plan, unet.Plan, controlnet.Plan, inpaint.Plan, quick.Plan)

VAE, UNET, INPAINT, CONTROL, QUICK = autoencoder.Plan(), unet.Plan(), inpaint.Plan(), controlnet.Plan(), quick.Plan()
TETHER = 0.3  # lets the latents of composites move by 6% of their spread

app = typer.Typer(add_completion=False, help=__doc__)

Data = Annotated[Path, typer.Option(help="Folder of the npm packages.")]
Out = Annotated[Path, typer.Option(help="Folder for checkpoints and sheets.")]
Stages = Annotated[int, typer.Option(help="How many stages of things are taught.")]
Flat = Annotated[float, typer.Option(help="Share of things drawn in the flat style.")]
Samples = Annotated[int, typer.Option(help="Samples of the whole run, those before a resume included.")]
Cooldown = Annotated[int, typer.Option(help="Samples at the end over which the rate falls to nothing.")]
Minutes = Annotated[float, typer.Option(help="Make the run as long as fits into this time, in place of --samples.")]
Batch = Annotated[int, typer.Option(help="Samples of a step: 512 on a large GPU; 0 for what a CPU likes.")]
Rate = Annotated[float, typer.Option(help="The highest learning rate; 0 for one that suits the batch.")]
Workers = Annotated[int, typer.Option(help="Processes that compose examples beside the training, for a GPU.")]
Average = Annotated[float, typer.Option(help="Of averaged weights; less for a short run.")]


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
    tether: Annotated[float, typer.Option(help="How strongly latents are held to those that are known.")] = TETHER,
    crop: Annotated[int, typer.Option(help="Side of a crop, in pixels.")] = VAE.crop,
    batch: Batch = 0,
    rate: Rate = 0.0,
    minutes: Minutes = 0.0,
    workers: Workers = 0,
    seed: int = 0,
) -> None:
    """Train the shipped autoencoder on, its latents tethered to what the denoiser knows, or with --afresh a new one."""
    out.mkdir(parents=True, exist_ok=True)
    plan = paced(autoencoder.Plan(samples=samples, cooldown=samples, crop=crop), batch, rate, workers)
    plan = replace(plan, tether=0.0 if afresh else tether)
    vae = autoencoder.fresh() if afresh else AutoencoderTiny.from_pretrained(HERE / "model" / "vae")
    run = autoencoder.Run(vae.to(device()), plan, seed)
    loop.resume(run, out / "vae.pt")
    composer = Composer(things.load(data, range(len(things.STAGES))))
    source = Composing(composer, plan.renewed, seed + run.seen)
    pool = Pool(source, autoencoder.pictures(run.device), 2048, workers=workers)
    kept_back = np.stack([one.pixels for one in held_back(composer, 64)])

    def step() -> torch.Tensor:
        (pictures,) = pool.next(plan.batch, run.generator)
        return run.step(autoencoder.cropped(pictures, plan.crop, run.generator))

    def keep() -> None:
        loop.save(run, out / "vae.pt")
        guess = autoencoder.reconstruct(run.averaged().to(run.device), kept_back)
        say(f"{run.seen} crops, {autoencoder.psnr(guess, kept_back):.2f} dB on held-out composites")
        pairs = np.stack([kept_back[:12], guess[:12]], axis=1).reshape(24, *guess.shape[1:])
        sheets.sheet([Image.fromarray(one) for one in pairs]).save(out / "vae.png")

    loop.train(run, step, keep, say, minutes)
    trained = run.averaged().to(run.device)
    if afresh:
        autoencoder.set_scale(trained, kept_back)
    trained.half().save_pretrained(out / "vae")


@app.command("unet")
def train_unet(
    data: Data = Path("starter-data"),
    out: Out = Path("starter-run"),
    samples: Samples = 1_000_000,
    cooldown: Cooldown = 60_000,
    stages: Stages = 1,
    flat: Flat = 0.0,
    average: Average = UNET.average,
    batch: Batch = 0,
    rate: Rate = 0.0,
    minutes: Minutes = 0.0,
    workers: Workers = 0,
    seed: int = 0,
) -> None:
    """Train the denoiser, from the last checkpoint in `out` or else from the shipped weights."""
    out.mkdir(parents=True, exist_ok=True)
    parts = open_parts()
    plan = paced(unet.Plan(samples=samples, cooldown=cooldown, average=average), batch, rate, workers)
    run = unet.Run(parts.unet, parts.scheduler, plan, seed)
    loop.resume(run, out / "unet.pt")
    composer = taught(data, stages, flat)
    say(f"{len(composer.things)} things, from {run.seen} samples")
    source = Composing(composer, plan.renewed, seed + run.seen, parts.tokenizer)
    pool = Pool(source, Encoder(parts), pool_size(batch), workers=workers)

    def keep() -> None:
        loop.save(run, out / "unet.pt")
        draw_sheet(parts, run, out / f"sheet-{run.seen:08d}.png")

    loop.train(run, lambda: run.step(*pool.next(plan.batch, run.generator)), keep, say, minutes)
    run.averaged().half().save_pretrained(out / "unet", max_shard_size="20MB")
    (out / "objects.txt").write_text("".join(f"{label}\n" for label in sorted({one.label for one in composer.things})))


@app.command("inpaint")
def train_inpaint(
    data: Data = Path("starter-data"),
    out: Out = Path("starter-run"),
    samples: Samples = INPAINT.samples,
    cooldown: Cooldown = INPAINT.cooldown,
    stages: Stages = 1,
    average: Average = INPAINT.average,
    batch: Batch = 0,
    rate: Rate = 0.0,
    minutes: Minutes = 0.0,
    workers: Workers = 0,
    seed: int = 0,
) -> None:
    """Train a denoiser with inputs for a mask, from the last checkpoint in `out` or else from the shipped one.

    At the end `out/inpaint` is a model of its own; put it into the studio's folder of models.
    """
    out.mkdir(parents=True, exist_ok=True)
    parts = open_parts()
    plan = paced(inpaint.Plan(samples=samples, cooldown=cooldown, average=average), batch, rate, workers)
    run = inpaint.Run(inpaint.widened(parts.unet), parts.scheduler, plan, seed)
    loop.resume(run, out / "inpaint.pt")
    composer = taught(data, stages)
    asked = held_back(composer, 12)
    pixels = np.stack([one.pixels for one in asked])
    rng = np.random.default_rng(seed)
    masks = np.stack([inpaint.masked(one, rng) for one in pixels])
    source = Composing(composer, plan.renewed, seed + run.seen, parts.tokenizer, seen_as=inpaint.masked)
    pool = Pool(source, inpaint.MaskedEncoder(Encoder(parts)), pool_size(batch), workers=workers)
    say(f"{len(composer.things)} things, from {run.seen} samples")

    def keep() -> None:
        loop.save(run, out / "inpaint.pt")
        drawn = inpaint.draw(parts, run.averaged(), [one.caption for one in asked], pixels, masks)
        shown = np.stack([pixels, np.where(masks >= inpaint.MARKED, 128, pixels), drawn], axis=1)
        pictures = [Image.fromarray(one) for one in shown.reshape(-1, *pixels.shape[1:]).astype(np.uint8)]
        sheets.sheet(pictures).save(out / f"inpaint-{run.seen:08d}.png")

    loop.train(run, lambda: run.step(*pool.next(plan.batch, run.generator)), keep, say, minutes)
    parts.unet = run.averaged()
    parts.to(dtype=torch.float16)
    StableDiffusionInpaintPipeline(**parts.components, requires_safety_checker=False).save_pretrained(out / "inpaint")


@app.command("controlnet")
def train_controlnet(
    data: Data = Path("starter-data"),
    out: Out = Path("starter-run"),
    samples: Samples = CONTROL.samples,
    cooldown: Cooldown = CONTROL.cooldown,
    stages: Stages = 1,
    average: Average = CONTROL.average,
    batch: Batch = 0,
    rate: Rate = 0.0,
    minutes: Minutes = 0.0,
    workers: Workers = 0,
    seed: int = 0,
) -> None:
    """Train a ControlNet for Canny edges, from the last checkpoint in `out` or else from the denoiser's own blocks."""
    out.mkdir(parents=True, exist_ok=True)
    parts = open_parts()
    plan = paced(controlnet.Plan(samples=samples, cooldown=cooldown, average=average), batch, rate, workers)
    composer = taught(data, stages)
    asked = held_back(composer, 12)
    maps = np.stack([controlnet.edges(one.pixels) for one in asked])
    network = controlnet.fresh(parts.unet)
    controlnet.wake(network, torch.from_numpy(maps).permute(0, 3, 1, 2))
    run = controlnet.Run(network, parts.unet, parts.scheduler, plan, seed)
    loop.resume(run, out / "controlnet.pt")
    rest = parts.tokenizer, plan.captionless, controlnet.edges
    source = Composing(composer, plan.renewed, seed + run.seen, *rest)
    pool = Pool(source, Encoder(parts), 2048, workers=workers)
    say(f"{len(composer.things)} things, from {run.seen} samples")

    def keep() -> None:
        loop.save(run, out / "controlnet.pt")
        drawn = controlnet.draw(parts, run.averaged(), [one.caption for one in asked], maps)
        rows = [[one.pixels, seen, picture] for one, seen, picture in zip(asked, maps, drawn, strict=True)]
        shown = [Image.fromarray(picture) for row in rows for picture in row]
        sheets.sheet(shown).save(out / f"controlnet-{run.seen:08d}.png")

    loop.train(run, lambda: run.step(*pool.next(plan.batch, run.generator)), keep, say, minutes)
    run.averaged().half().save_pretrained(out / "canny", max_shard_size="20MB")


@app.command("quick")
def train_quick(
    data: Data = Path("starter-data"),
    out: Out = Path("starter-run"),
    samples: Samples = QUICK.samples,
    cooldown: Cooldown = QUICK.cooldown,
    stages: Stages = 1,
    average: Average = QUICK.average,
    batch: Batch = 0,
    rate: Rate = 0.0,
    minutes: Minutes = 0.0,
    workers: Workers = 0,
    seed: int = 0,
) -> None:
    """Teach the shipped denoiser to draw in four steps: an adapter, from the last checkpoint in `out` or else anew."""
    out.mkdir(parents=True, exist_ok=True)
    parts = open_parts()
    plan = paced(quick.Plan(samples=samples, cooldown=cooldown, average=average), batch, rate, workers)
    run = quick.Run(parts.unet, parts.scheduler, plan, seed)
    loop.resume(run, out / "quick.pt")
    composer = taught(data, stages)
    source = Composing(composer, plan.renewed, seed + run.seen, parts.tokenizer, captionless=0.0)
    pool = Pool(source, Encoder(parts), 4096, workers=workers)
    without, _ = parts.encode_prompt("", run.device, 1, False)
    say(f"{len(composer.things)} things, from {run.seen} samples")

    def keep() -> None:
        loop.save(run, out / "quick.pt")
        with run.averaged():
            pictures = unet.draw(parts, list(SHEET), [7] * len(SHEET), guidance=1.0, steps=plan.phases)
            sheets.sheet(pictures).save(out / f"quick-{run.seen:08d}.png")
            lora.save(parts, out / "quick.safetensors", rank=plan.kept)

    loop.train(run, lambda: run.step(*pool.next(plan.batch, run.generator), without), keep, say, minutes)


@app.command("lora")
def train_lora(
    images: Annotated[Path, typer.Option(help="Folder of ten to twenty pictures, of one thing or in one style.")],
    prompt: Annotated[str, typer.Option(help='What they show, with a name of its own: "a zorblax figurine".')] = "",
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("lora.safetensors"),
    steps: Annotated[int, typer.Option(help="Training steps; 300 take minutes.")] = 300,
    words: Annotated[str, typer.Option(help="What a prompt says to call for it; kept in the file.")] = "",
    rank: Annotated[int, typer.Option(help="Of the matrices: how much it can learn, and how large the file is.")] = 8,
    seed: int = 0,
) -> None:
    """Teach the shipped model a thing or a style: a low-rank adapter. `fox.txt` beside `fox.png` is its own prompt."""
    paths = [path for path in sorted(images.iterdir()) if path.suffix.lower() in lora.SUFFIXES]
    if not paths:
        raise typer.BadParameter(f"{images}: no pictures. Expected some of {', '.join(lora.SUFFIXES)}.")
    prompts = [own.read_text().strip() if (own := one.with_suffix(".txt")).exists() else prompt for one in paths]
    if not all(prompts):
        untold = paths[prompts.index("")].name
        raise typer.BadParameter(f"{untold}: no prompt. Expected --prompt, or a text file of its name beside it.")
    parts, plan = open_parts(), replace(lora.Plan(), steps=steps, rank=rank, seed=seed)
    for progress in lora.teach(parts, [Image.open(path) for path in paths], prompts, plan):
        if progress.step % 25 == 0:
            say(f"step {progress.step} of {progress.of}, loss {progress.loss:.4f}")
    lora.save(parts, out, {adapters.WORDS: words or prompt})
    say(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


@app.command("examples")
def write_examples(
    data: Data = Path("starter-data"),
    out: Annotated[Path, typer.Option(help="The folder to write.")] = Path("neon-signs"),
    count: Annotated[int, typer.Option(help="Pictures.")] = 60,
    seed: int = 0,
) -> None:
    """Write neon signs with their captions beside them: what the shipped adapter was taught from."""
    out.mkdir(parents=True, exist_ok=True)
    composer = taught(data, 1)
    rng = np.random.default_rng(seed)
    for number in range(count):
        example = composer.portrait(rng, composer.things[rng.integers(len(composer.things))])
        Image.fromarray(neon(example.pixels)).save(out / f"{number:03}.png")
        (out / f"{number:03}.txt").write_text(f"{example.caption}, neon sign\n")


def neon(pixels: np.ndarray) -> np.ndarray:
    """The outlines of a picture (H, W, 3) as glowing tubes in its colours, in the dark."""
    picture = Image.fromarray(pixels)
    even = np.asarray(picture.filter(ImageFilter.GaussianBlur(2)), float)
    hue, _, _ = picture.filter(ImageFilter.GaussianBlur(1)).convert("HSV").split()
    full = Image.new("L", picture.size, 255)
    colours = np.asarray(Image.merge("HSV", (hue, full, full)).convert("RGB"), float)
    tubes = np.clip(np.abs(pixels - even).max(axis=-1) / 40 - 0.25, 0, 1)
    glow = np.asarray(Image.fromarray((tubes * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(4)), float) / 255
    lit = colours * (0.75 * tubes + glow)[..., None] + 90 * (tubes**2)[..., None]
    return np.clip(lit + (14, 10, 30), 0, 255).astype(np.uint8)


def say(line: str) -> None:
    print(line, flush=True)


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def held_back(composer: Composer, count: int) -> list[Example]:
    """Examples that are never trained on, the same for every run: what its sheets show."""
    rng = np.random.default_rng(2**32 - 1)  # no training run starts from here
    return [composer.draw(rng, holdout=True) for _ in range(count)]


def pool_size(batch: int) -> int:
    return max(8192, 32 * batch)


def paced(plan: P, batch: int, rate: float, workers: int) -> P:
    """The plan with this batch and the rate or one that suits it. Processes beside keep a quarter of it fresh."""
    if batch:
        larger = batch / plan.batch
        fresh = max(1, batch // 4 if workers else round(plan.renewed * larger))
        warmup = round(plan.warmup * larger)
        plan = replace(plan, batch=batch, renewed=fresh, warmup=warmup, rate=plan.rate * larger**0.5)
    return replace(plan, rate=rate) if rate else plan


def open_parts(model: Path = HERE / "model", adapter: Path | None = None) -> StableDiffusionPipeline:
    parts = StableDiffusionPipeline.from_pretrained(model, dtype=training_format())
    if adapter is not None:
        lay_on(parts, adapter)
    parts.set_progress_bar_config(disable=True)
    return parts.to(device())


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
    parts.unet = run.averaged().to(training.device, training_format())
    pictures = unet.draw(parts, list(SHEET), [7] * len(SHEET))
    parts.unet = training
    sheets.sheet(pictures).save(path)


if __name__ == "__main__":
    app()

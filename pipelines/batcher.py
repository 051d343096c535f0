"""Rows and the steps they share. A row is one picture with its own noise, scheduler and place; rows of one key step
together in one UNet call, join and leave between steps, and are drawn the same alone or in company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from pipelines import adapters, control, image_to_image, inpaint, schedulers
from pipelines.failures import NotFinite
from pipelines.files import Identity
from pipelines.pipeline_call import Call, Pipeline
from pipelines.text_to_image import Loaded, Words
from pipelines.types import Pixels, RenderJob

if TYPE_CHECKING:
    import torch

    from pipelines.enlarging import Enlargement

AnyRow: TypeAlias = "Row | Call | Enlargement"
BatchKey = tuple[str, int, int, adapters.Chosen, tuple[tuple[str, Identity], ...]]
Failures = list[tuple["AnyRow", Exception]]


@dataclass(slots=True)
class Row:
    """One picture being drawn. `estimate` is what the model thinks it will look like, for previews."""

    job: RenderJob
    index: int
    loaded: Loaded
    scheduler: Any
    generator: torch.Generator
    latents: torch.Tensor
    times: torch.Tensor
    words: Words
    without: Words | None
    worn: adapters.Chosen = ()
    kept: inpaint.Kept | None = None
    maps: tuple[torch.Tensor, ...] = ()
    networks: tuple[control.Network, ...] = ()  # one for each map
    step: int = 0
    bucket: int = 1
    halved: int = 0
    estimate: torch.Tensor | None = None
    phase: str = "drawing"

    @classmethod
    def begin(cls, job: RenderJob, index: int, loaded: Loaded, chosen: adapters.Chosen | None = None) -> Row:
        """Noise from a generator of its own, so that nobody else's picture can shift it.

        `chosen` are the prompt's adapters where they are known already: a file may change meanwhile.
        """
        import torch

        if job.step_cache != "none":
            raise ValueError(f"step_cache: {job.step_cache!r} is not for {loaded.model.name}. Expected none.")
        # Opened now: a missing one fails before anything is drawn, and one that changes meanwhile is not drawn with.
        networks = tuple(loaded.control(one.model) for one in job.controls)
        prompt, named = adapters.split(job.prompt)
        worn = adapters.choose(named, loaded.wardrobe.models_dir) if chosen is None else chosen
        negative_prompt, _ = adapters.split(job.negative_prompt)
        scheduler = schedulers.make(job.scheduler, loaded.scheduler_config, job.steps)
        scheduler.set_timesteps(job.steps)
        times = image_to_image.begin_at(scheduler, image_to_image.first_step(job))
        generator = torch.Generator().manual_seed(job.seed + index)
        # The order of these draws on the generator is that of diffusers' own pipelines.
        clean = loaded.encode(image_to_image.native(job), generator) if loaded.starts_from(job) else None
        noise = torch.randn(loaded.latent_shape(job), generator=generator)
        pure = clean is None or (job.mask is not None and job.strength == 1)
        return cls(
            job=job,
            index=index,
            loaded=loaded,
            scheduler=scheduler,
            generator=generator,
            latents=noise * scheduler.init_noise_sigma if pure else scheduler.add_noise(clean, noise, times[:1]),
            times=times,
            words=loaded.words(prompt, worn),
            without=loaded.without(negative_prompt, worn) if job.guidance > 1 else None,
            worn=worn,
            maps=tuple(control.native_map(job, one) for one in job.controls),
            networks=networks,
            kept=None if job.mask is None else inpaint.keep(job, loaded, clean, noise, generator),
        )

    @property
    def key(self) -> BatchKey:
        steered = tuple((one.name, one.files) for one in self.networks)
        return self.loaded.model.id, self.job.height, self.job.width, self.worn, steered

    @property
    def buckets(self) -> tuple[int, ...]:
        """Adapters and control are not shown to be steady, so on a CPU rows that have some are drawn one at a time."""
        return (1,) if (self.worn or self.job.controls) and not self.loaded.device.cuda else self.loaded.buckets

    @property
    def drawn(self) -> bool:
        return self.step >= len(self.times)

    @property
    def waiting(self) -> bool:
        return not self.drawn

    @property
    def ways(self) -> tuple[str, ...]:
        """In which ways it was made, beyond those of its model."""
        tiny = self.loaded.decoder is not self.loaded.parts.vae
        found = {"tiny_decoder": tiny, "vae_tiles": self.loaded.tiled, "halved": self.halved > 0}
        return tuple(name for name, yes in found.items() if yes)

    def input(self) -> torch.Tensor:
        import torch

        scaled: torch.Tensor = self.scheduler.scale_model_input(self.latents, self.times[self.step])
        hints = self.kept.hints if self.kept else None
        return scaled if hints is None else torch.cat([scaled, hints], dim=1)

    def finished(self) -> Pixels:
        """(H, W, 3); raises NotFinite."""
        import torch

        if not torch.isfinite(self.latents).all():
            raise NotFinite
        return inpaint.laid_back(self.job, self.loaded.decode(self.latents))

    @property
    def facts(self) -> dict[str, Any]:
        """What decided the pixels beside the job."""
        return {
            "bucket": self.bucket,
            "speed": [*self.loaded.tuned, *self.ways],
            "adapters": adapters.told(self.worn),
            "embeddings": self.loaded.learned(f"{self.job.prompt} {self.job.negative_prompt}"),
            "scheduler_class": type(self.scheduler).__name__,
            "revision": self.loaded.model.revision,
        }

    def close(self) -> None:
        """Nothing of a row outlives it."""

    def advance(self, guess: torch.Tensor) -> None:
        """Takes the guided guess (1, C, h, w) for this step; latents stay float32 on the CPU."""
        options = {"generator": self.generator} if takes_generator(self.scheduler) else {}
        result = self.scheduler.step(guess, self.times[self.step], self.latents, **options)
        self.latents = result.prev_sample
        self.estimate = estimate_of(self.scheduler, result)
        self.step += 1
        if self.kept is not None:
            next_time = None if self.drawn else self.times[self.step]
            self.latents = self.kept.blend(self.latents, self.scheduler, next_time)


def begin(job: RenderJob, index: int, loaded: Loaded | Pipeline) -> AnyRow:
    return Call(job, index, loaded) if isinstance(loaded, Pipeline) else Row.begin(job, index, loaded)


def pick(rows: Sequence[AnyRow]) -> list[AnyRow]:
    """The rows of the next step: those that share the key of the row that is furthest behind, as many as go together.

    Where there are more, those furthest behind go first, so that one that came late to a full device is not left out.
    """
    waiting = [row for row in rows if row.waiting]
    if not waiting:
        return []
    behind = min(waiting, key=share_done)
    if behind.job.exact:
        return [behind]
    alike = [row for row in waiting if row.key == behind.key and not row.job.exact]
    most = behind.buckets[-1]
    return alike if len(alike) <= most else sorted(alike, key=share_done)[:most]


def share_done(row: AnyRow) -> float:
    return row.step / len(row.times)


def step(rows: Sequence[AnyRow], *, halves: bool = False) -> Failures:
    """One step of what was picked: rows together, or alone what goes its own way.

    Answers the rows that failed by themselves, which is no matter of the others. Raises what fails them all.
    """
    if isinstance(rows[0], Row):
        return step_together([row for row in rows if isinstance(row, Row)], halves=halves)
    rows[0].advance()
    return []


def step_together(rows: Sequence[Row], *, halves: bool = False) -> Failures:
    """One step of all rows in one UNet call, or with `halves` in two of half the size.

    A row with guidance asks for two guesses, one without its prompt; a row without guidance asks for one. The guesses
    of a call are padded to the next bucket by repeating the last.
    """
    inputs, failures = inputs_of(rows)
    rows = [row for row, _ in inputs]
    if not rows:
        return failures
    bucket, guesses_in_all = bucket_of(rows)
    rows[0].loaded.wardrobe.wear(rows[0].worn)
    without = [(row, given, row.without) for row, given in inputs if row.without is not None]
    asked = [*without, *((row, given, row.words) for row, given in inputs)]
    padded = [*asked, *[asked[-1]] * (guesses_in_all - len(asked))]
    guesses = guesses_of(padded, halves=halves)
    for place, row in enumerate(rows):
        guess = guesses[len(without) + place : len(without) + place + 1]
        if row.without is not None:
            bare = next(number for number, (other, _, _) in enumerate(without) if other is row)
            guess = guesses[bare : bare + 1] + row.job.guidance * (guess - guesses[bare : bare + 1])
        row.bucket = max(row.bucket, bucket)
        row.halved += halves
        try:
            row.advance(guess)
        except Exception as error:
            failures.append((row, error))
    return failures


def inputs_of(rows: Sequence[Row]) -> tuple[list[tuple[Row, torch.Tensor]], Failures]:
    """What the UNet is given for each row, and the rows whose schedulers have nothing to give."""
    inputs: list[tuple[Row, torch.Tensor]] = []
    failures: Failures = []
    for row in rows:
        try:
            inputs.append((row, row.input()))
        except Exception as error:
            failures.append((row, error))
    return inputs, failures


def bucket_of(rows: Sequence[Row]) -> tuple[int, int]:
    """Pictures of the bucket, and how many guesses its call makes: two a picture where any row is guided."""
    guided = sum(row.without is not None for row in rows)
    each = 2 if guided else 1
    bucket = next(size for size in rows[0].buckets if size * each >= len(rows) + guided)
    return bucket, bucket * each


def guesses_of(asked: Sequence[tuple[Row, torch.Tensor, Words]], *, halves: bool) -> torch.Tensor:
    """(B, C, h, w) on the CPU: the UNet's guess for each row from the input and the words beside it."""
    import torch

    if halves:
        if len(asked) == 1:
            raise MemoryError
        middle = len(asked) // 2
        return torch.cat([guesses_of(part, halves=False) for part in (asked[:middle], asked[middle:])])
    rows = [row for row, _, _ in asked]
    inputs = torch.cat([given for _, given, _ in asked])
    times = torch.stack([row.times[row.step].float() for row in rows])
    size = (rows[0].job.height, rows[0].job.width)
    guesses = rows[0].loaded.guess(inputs, times, [words for _, _, words in asked], size, steering_of(rows))
    return guesses.float().cpu()  # type: ignore[no-any-return]


def steering_of(rows: Sequence[Row]) -> tuple[control.Steering, ...]:
    """One for each control network that the rows share, with a map for each guess."""
    return tuple(filter(None, (steered_by(number, rows) for number in range(len(rows[0].job.controls)))))


def steered_by(number: int, rows: Sequence[Row]) -> control.Steering | None:
    """None where none of the rows is at a step that this network has a say in."""
    import torch

    scales = [control.scale_at(row.job.controls[number], row.step, len(row.times)) for row in rows]
    if not any(scales):
        return None
    loaded = rows[0].loaded
    maps = torch.cat([row.maps[number] for row in rows])
    placed = maps.to(loaded.device.torch_device, loaded.device.dtype)
    return control.Steering(rows[0].networks[number].module, placed, torch.tensor(scales))


def takes_generator(scheduler: Any) -> bool:
    """Schedulers that add noise of their own draw it from the row's generator."""
    import inspect

    return "generator" in inspect.signature(scheduler.step).parameters


def estimate_of(scheduler: Any, result: Any) -> torch.Tensor:
    """The clean latents that the scheduler has in mind after a step, or the noisy ones where it tells nothing."""
    for name in ("pred_original_sample", "denoised"):
        found = getattr(result, name, None)
        if found is not None:
            return found  # type: ignore[no-any-return]
    outputs = getattr(scheduler, "model_outputs", None)
    return outputs[-1] if outputs and outputs[-1] is not None else result.prev_sample

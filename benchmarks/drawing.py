"""What the studio adds to a picture: the whole action against a bare diffusers call, and company against turns."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.ratio import Ratio, interleave
from components.actions import generate
from components.actions.models import defaults
from components.jobs import Dispatcher
from components.studio import Studio, open_studio
from policies.draft import Draft
from store.jobs import Job
from store.settings import Settings

DRAFT = Draft(prompt="a fox in a purple nebula", seed=7, steps=20, guidance=3.0, scheduler="ddim")
LONG = replace(DRAFT, steps=100)
USERS = 8


def end_to_end(turns: int) -> list[Ratio]:
    """From the action to the encrypted, committed picture, against pipeline, enlarging and PNG in a bare script."""
    with studio() as (ours, owner):
        bare = Bare()
        return [
            interleave(
                f"end to end / bare pipeline, {draft.steps} steps",
                lambda draft=draft: wait(ours, generate.start(ours, owner, draft)),  # type: ignore[misc]
                lambda draft=draft: bare(draft),  # type: ignore[misc]
                turns,
                goal,
            )
            for draft, goal in ((DRAFT, "at most 1.05"), (LONG, "at most 1.02"))
        ]


def company(turns: int, model: str = "starter") -> list[Ratio]:
    """Eight people with a picture each, drawn together and drawn one after the other."""
    with studio() as (ours, owner):
        draft = DRAFT if model == DRAFT.model else replace(defaults(ours, model), prompt=DRAFT.prompt)

        def together() -> None:
            jobs = [generate.start(ours, owner, replace(draft, seed=seed)) for seed in range(USERS)]
            for job in jobs:
                wait(ours, job)

        def in_turns() -> None:
            for seed in range(USERS):
                wait(ours, generate.start(ours, owner, replace(draft, seed=seed)))

        name = f"{USERS} pictures together / one by one, {model}"
        return [interleave(name, together, in_turns, turns, "at most 0.63")]


@contextmanager
def studio() -> Iterator[tuple[Studio, object]]:
    with tempfile.TemporaryDirectory() as folder:
        opened = open_studio(Settings(data=Path(folder) / "data", open_browser=False))
        dispatcher = Dispatcher(opened)
        dispatcher.start()
        try:
            yield opened, opened.owner
        finally:
            dispatcher.stop()
            opened.close()


def wait(opened: Studio, job: Job) -> None:
    changed = threading.Event()
    with opened.live.watch(job.subject_id, changed.set):
        while (now := opened.stores.jobs.get(job.subject_id, job.id)).state in ("queued", "running"):
            changed.wait(0.2)
            changed.clear()
    assert now.state == "done", now.error_reason


class Bare:
    """The script that a person would write: pipeline, enlarging and encoding, nothing else."""

    def __init__(self) -> None:
        import torch
        from diffusers import DDIMScheduler, StableDiffusionPipeline

        from pipelines.catalogue import STARTER
        from pipelines.device import choose
        from pipelines.upscale import SHIPPED, Upscaler

        device = choose("cpu")
        self.pipe = StableDiffusionPipeline.from_pretrained(STARTER, torch_dtype=device.dtype, local_files_only=True)
        self.pipe.scheduler = DDIMScheduler.from_config(self.pipe.scheduler.config)
        self.pipe.set_progress_bar_config(disable=True)
        self.pipe.unet.to(memory_format=torch.channels_last)
        self.pipe.vae.to(memory_format=torch.channels_last)
        self.upscaler = Upscaler.load(SHIPPED, device.torch_device, device.dtype)

    def __call__(self, draft: Draft) -> bytes:
        import numpy as np
        import torch

        from pipelines import images
        from pipelines.upscale import finish

        native = self.pipe(
            draft.prompt,
            width=128,
            height=128,
            num_inference_steps=draft.steps,
            guidance_scale=draft.guidance,
            generator=torch.Generator().manual_seed(draft.seed or 0),
        ).images[0]
        return images.png(finish(self.upscaler.enlarge(np.asarray(native))))

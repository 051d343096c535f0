"""A denoiser that is told what to keep: it starts as the one it was made from, and the studio draws with it."""

from __future__ import annotations

from pathlib import Path
from queue import Queue

import numpy as np
import torch
from diffusers import StableDiffusionInpaintPipeline

from pipelines.catalogue import Catalogue
from pipelines.engine import LocalEngine
from pipelines.starter import inpaint, loop
from pipelines.starter.dataset import Composer
from pipelines.starter.pool import Composing, Encoder
from pipelines.starter.train import open_parts
from pipelines.starter.weights import training_format
from pipelines.types import Done, Event, RenderJob
from tests.pipelines.starter.test_resume import BATCHES, SCHEDULER, small_unet

PLAN = inpaint.Plan(samples=8, cooldown=4, batch=2, warmup=2)


def small_run() -> inpaint.Run:
    return inpaint.Run(inpaint.widened(small_unet()), SCHEDULER, PLAN)


def test_a_widened_denoiser_does_not_listen_yet_and_learns_to() -> None:
    plain = small_unet().to(training_format())
    run, told = small_run(), torch.randn(2, 5, 8, 8)
    noisy, tokens, times = (one.to(training_format()) for one in (*BATCHES[0], torch.tensor([900.0, 20.0])))
    with torch.no_grad():
        before = inpaint.Told(run.unet, told)(noisy, times, tokens).sample
        assert torch.allclose(before, plain(noisy, times, tokens).sample, atol=1e-2)
    for batch in BATCHES:
        run.step(*batch, told)
    with torch.no_grad():
        after = [inpaint.Told(run.unet, one)(noisy, times, tokens).sample for one in (told, -told)]
    assert not torch.equal(*after)


def test_a_run_resumed_from_its_checkpoint_takes_the_same_steps(tmp_path: Path) -> None:
    told = torch.randn(2, 5, 8, 8)
    whole, first, second = (small_run() for _ in range(3))
    losses = [whole.step(*batch, told) for batch in BATCHES]
    for batch in BATCHES[:2]:
        first.step(*batch, told)
    loop.save(first, tmp_path / "inpaint.pt")
    loop.resume(second, tmp_path / "inpaint.pt")
    assert [second.step(*batch, told) for batch in BATCHES[2:]] == losses[2:]


def test_masks_mark_something_and_are_black_or_white() -> None:
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(200):
        mask = inpaint.masked(np.zeros((128, 128, 3), np.uint8), rng)
        assert mask.shape == (128, 128, 3) and set(np.unique(mask)) <= {0, 255}
        shares.append(float((mask > 0).mean()))
    assert min(shares) > 0.005 and 0.05 < shares.count(1.0) / 200 < 0.2 and 0.2 < float(np.mean(shares)) < 0.6


def test_the_denoiser_is_told_the_mask_and_the_rest_as_the_studio_tells_it(composer: Composer) -> None:
    parts = open_parts()
    source = Composing(composer, 2, 0, parts.tokenizer, 0.0, inpaint.masked)
    pixels, words, masks = source.next(np.random.default_rng(2))
    latents, _, told = inpaint.MaskedEncoder(Encoder(parts))(pixels, words, masks)
    assert told.shape == (2, 9, 16, 16) and set(told[:, 0].unique().tolist()) <= {0.0, 1.0}
    assert not torch.equal(told[:, 1:], latents)
    untouched = torch.zeros_like(masks)
    _, _, all_kept = inpaint.MaskedEncoder(Encoder(parts))(pixels, words, untouched)
    assert torch.equal(all_kept[:, 1:], latents) and not all_kept[:, 0].any()


def test_the_studio_draws_with_a_widened_starter(tmp_path: Path) -> None:
    parts = open_parts()
    parts.unet = inpaint.widened(parts.unet)
    parts.to(dtype=torch.float16)
    StableDiffusionInpaintPipeline(**parts.components, requires_safety_checker=False).save_pretrained(
        tmp_path / "painter"
    )
    picture = np.full((128, 128, 3), 200, np.uint8)
    mask = np.zeros((128, 128), np.uint8)
    mask[:, 64:] = 255
    engine, ends = LocalEngine(Catalogue(tmp_path), device="cpu"), Queue[Event]()
    job = RenderJob(
        id="one", model="painter", prompt="a fox", width=128, height=128, seed=1, steps=2, image=picture, mask=mask
    )
    engine.submit(job, ends.put)
    while not isinstance(event := ends.get(timeout=300), Done):
        assert not hasattr(event, "reason"), event
    engine.close()
    drawn = event.renders[0].pixels
    assert np.array_equal(drawn[:, :64], picture[:, :64]) and not np.array_equal(drawn[:, 64:], picture[:, 64:])

"""Examples reach a training run as tensors, whoever composes them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline

from pipelines.starter import autoencoder, controlnet, unet
from pipelines.starter.dataset import Composer
from pipelines.starter.pool import Composing, Encoder, Pool, ids
from pipelines.starter.train import open_parts, paced
from pipelines.starter.weights import training_format


@pytest.fixture(scope="module")
def parts() -> Iterator[StableDiffusionPipeline]:
    yield open_parts()


def test_two_processes_compose_other_examples_than_each_other_and_the_same_ones_again(composer: Composer) -> None:
    source = Composing(composer, 2, seed=3)
    first, again = (list(islice(source.started(2), 4)) for _ in range(2))
    assert all(torch.equal(one[0], other[0]) for one, other in zip(first, again, strict=True))
    assert not torch.equal(first[0][0], first[1][0])


def test_what_is_encoded_is_what_the_pipeline_is_told(composer: Composer, parts: StableDiffusionPipeline) -> None:
    source = Composing(composer, 3, tokenizer=parts.tokenizer, captionless=0.0)
    pixels, words = source.next(np.random.default_rng(5))
    rng = np.random.default_rng(5)
    examples = [composer.draw(rng) for _ in range(3)]
    told, _ = parts.encode_prompt([one.caption for one in examples], parts.device, 1, False)
    latents, tokens = Encoder(parts)(pixels, words)
    assert torch.equal(tokens, told.to(training_format()))
    assert (tuple(latents.shape), latents.dtype) == ((3, 8, 16, 16), training_format())
    assert np.array_equal(pixels[1].numpy(), examples[1].pixels)


def test_a_share_goes_without_a_caption_and_maps_come_with_the_rest(
    composer: Composer, parts: StableDiffusionPipeline
) -> None:
    source = Composing(composer, 40, 0, parts.tokenizer, 0.5, controlnet.edges)
    pixels, words, maps = source.next(np.random.default_rng(0))
    empty = ids(parts.tokenizer, [""])
    assert 8 < int((words == empty).all(dim=1).sum()) < 32
    assert maps.shape == pixels.shape and 0 < int((maps > 0).sum()) < maps.numel() // 2


def test_the_oldest_rows_are_renewed_and_rows_stay_together(composer: Composer) -> None:
    counted = iter(range(100))

    def numbered(pixels: torch.Tensor, *_: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        numbers = torch.tensor([next(counted) for _ in pixels])
        return numbers, -numbers

    pool = Pool(Composing(composer, 2), numbered, 5)
    assert pool.columns[0].tolist() == [0, 1, 2, 3, 4, 5]
    for _ in range(4):
        pool.renew()
    assert pool.columns[0].tolist() == [12, 13, 8, 9, 10, 11]
    one, other = pool.batch(32, torch.Generator().manual_seed(0))
    assert torch.equal(one, -other) and set(one.tolist()) == {8, 9, 10, 11, 12, 13}


def test_a_crop_is_a_part_of_its_picture() -> None:
    pictures = torch.arange(2 * 3 * 8 * 8).reshape(2, 3, 8, 8).to(torch.uint8)
    crops = ((autoencoder.cropped(pictures, 4, torch.Generator().manual_seed(1)) + 1) * 127.5).round().to(torch.uint8)
    for crop, picture in zip(crops, pictures, strict=True):
        places = [(y, x) for y in range(5) for x in range(5) if torch.equal(picture[:, y : y + 4, x : x + 4], crop)]
        assert len(places) == 1


def test_a_larger_batch_gets_more_fresh_examples_and_a_higher_rate() -> None:
    plan = unet.Plan()
    alone, beside = paced(plan, 4 * plan.batch, 0.0, 0), paced(plan, 4 * plan.batch, 0.0, 8)
    assert (alone.batch, alone.renewed, alone.rate) == (256, 4 * plan.renewed, 2 * plan.rate)
    assert (beside.renewed, paced(plan, 0, 0.5, 0).rate) == (64, 0.5)
    assert paced(plan, 0, 0.0, 8) == plan

"""Pictures share a call only where the processor was seen to give each the bits that it has alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from pipelines import steady
from pipelines.catalogue import starter
from pipelines.device import Device
from pipelines.loader import load
from pipelines.text_to_image import Loaded

SHARED = (1, 2, 4, 8)


@pytest.fixture(autouse=True)
def unasked() -> Iterator[None]:
    steady.steady.cache_clear()
    yield
    steady.steady.cache_clear()


@pytest.mark.parametrize(("bent", "buckets"), [(0.0, SHARED), (1e-3, (1,))])
def test_a_routine_that_minds_the_size_of_a_batch_is_found_out(
    bent: float, buckets: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def multiply(layer: torch.nn.Linear, batch: torch.Tensor) -> torch.Tensor:
        """Each value by itself, and a little of the size of the batch."""
        return batch.new_full((*batch.shape[:-1], layer.out_features), bent * len(batch))

    loaded = load(starter(), Device(torch.device("cpu"), torch.bfloat16, SHARED, "CPU"))
    assert isinstance(loaded, Loaded)
    monkeypatch.setattr(torch.nn.Linear, "forward", multiply)
    assert loaded.buckets == buckets

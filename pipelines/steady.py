"""Whether this processor multiplies the same bits whatever the size of a batch: asked of it, not believed.

A matrix routine may split its work by the number of rows and then add in another order. On one processor with AMX about
one value in ten thousand differs in its last bit between calls of 2 and of 4 pictures: enough to change a pixel.
"""

from __future__ import annotations

from functools import cache
from typing import Any

TOKENS = (16, 64, 256)  # of a picture, in the depths of a network
TRIES = 3


def holds(network: Any) -> bool:
    """Whether its linear layers answer for two pictures, and for one, as they do for four together."""
    import torch

    layers = [layer for layer in network.modules() if type(layer) is torch.nn.Linear]
    shapes = {(layer.in_features, layer.out_features, layer.weight.dtype) for layer in layers}
    return all(steady(*shape) for shape in sorted(shapes, key=str))


@cache
def steady(wide: int, out: int, dtype: Any) -> bool:
    import torch

    random = torch.Generator().manual_seed(0)
    layer = torch.nn.Linear(wide, out, dtype=dtype)
    with torch.inference_mode():
        for tokens in TOKENS * TRIES:
            four = torch.randn(4, tokens, wide, generator=random).to(dtype)
            together = layer(four)
            if any(not torch.equal(together, torch.cat([layer(few) for few in four.split(size)])) for size in (1, 2)):
                return False
    return True

"""How much memory it takes to decode latents at once, so that larger pictures are decoded in tiles. Decodes nothing."""

from __future__ import annotations

from typing import Any

FILLED = 0.8  # share of the free memory that decoding a picture at once may fill
FEATURES = 6  # tensors as wide as the decoder's last but one block that are there at full size while it works
WIDEST = 256  # channels of that block where the configuration does not say


def decoding_bytes(vae: Any, pixels: int) -> int:
    """At its peak, for a picture of so many pixels."""
    widths = getattr(vae.config, "block_out_channels", None) or getattr(vae.config, "decoder_block_out_channels", None)
    widest = 2 * min(widths) if widths else WIDEST
    return int(FEATURES * widest * pixels * vae.dtype.itemsize)

"""Speed options: each does something, says so in the facts of its pictures, and moves pixels as little as it claims."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny

from pipelines import batcher
from pipelines.device import Device
from pipelines.loader import load, placement
from pipelines.speed import Speed, attention
from pipelines.text_to_image import Loaded
from tests.pipelines import tiny
from tests.pipelines.test_parity import FLOAT32, draw, folder, job

ASKED = job(scheduler="euler", guidance=4.0, seed=3)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("models")
    tiny.sd(made / "sd")
    torch.manual_seed(1)
    AutoencoderTiny(
        encoder_block_out_channels=(8, 8), decoder_block_out_channels=(8, 8), num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1), upsampling_scaling_factor=2,
    ).save_pretrained(made / "decoders" / "sd")  # fmt: skip
    return made


def opened(models: Path, device: Device = FLOAT32, **options: Any) -> Loaded:
    found = load(folder(lambda path: None, models / "sd"), device, models, Speed(**options))
    assert isinstance(found, Loaded)
    return found


def apart(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


OPEN = "import pipelines.engine, torch"


@pytest.mark.parametrize(
    ("own", "found"), [({}, "1000"), ({"GOMP_SPINCOUNT": "77"}, "77"), ({"OMP_WAIT_POLICY": "PASSIVE"}, "0")]
)
def test_threads_that_wait_spin_for_a_moment_alone(own: dict[str, str], found: str) -> None:
    """As the threads' library tells it when it is loaded."""
    known = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    told = subprocess.run(
        [sys.executable, "-c", OPEN],
        env=known | own | {"OMP_DISPLAY_ENV": "VERBOSE"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    ).stderr
    if "GOMP_SPINCOUNT" not in told:
        pytest.skip("this torch brings another library for threads")
    assert f"GOMP_SPINCOUNT = '{found}'" in told


@pytest.mark.parametrize("backend", ["math", "flash"])
def test_attention_is_computed_as_it_was_asked(models: Path, backend: Any) -> None:
    loaded = opened(models)
    (plain,) = draw(loaded, ASKED)
    with attention(Speed(attention=backend)):
        flags = torch.backends.cuda.flash_sdp_enabled(), torch.backends.cuda.mem_efficient_sdp_enabled()
        (picture,) = draw(loaded, ASKED)
    assert flags == (backend == "flash", False)
    assert torch.backends.cuda.mem_efficient_sdp_enabled(), "afterwards everything is as it was"
    assert apart(plain, picture) <= 1


def test_fused_projections_are_fused_and_change_no_level(models: Path) -> None:
    (plain,) = draw(opened(models), ASKED)
    fused = opened(models, fuse_qkv=True)
    assert fused.tuned == ("fused_qkv",)
    assert any("to_qkv" in name for name, _ in fused.parts.unet.named_modules())
    (picture,) = draw(fused, ASKED)
    assert apart(plain, picture) <= 1


@pytest.mark.skipif(shutil.which("g++") is None, reason="the compiler of torch needs one for C++")
def test_blocks_are_compiled_and_what_was_made_is_kept(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TORCHINDUCTOR_CACHE_DIR", raising=False)
    (plain,) = draw(opened(models), ASKED)
    compiled = opened(models, compile=True, compiled_dir=tmp_path / "compiled")
    assert compiled.tuned == ("compiled",)
    (picture,) = draw(compiled, replace(ASKED, steps=5))
    assert apart(plain, picture) <= 1
    assert any((tmp_path / "compiled").rglob("*.so")), "the next start finds the code there"


def test_a_tiny_decoder_draws_previews_and_on_request_results(models: Path) -> None:
    normal, quick = opened(models), opened(models, tiny_decoder=True)
    with torch.inference_mode():
        row, other = (batcher.Row.begin(ASKED, 0, loaded) for loaded in (normal, quick))
        assert np.array_equal(normal.look(row.latents), quick.decode(row.latents))
        assert apart(normal.decode(row.latents), quick.decode(row.latents)) > 10
    assert row.ways == ()
    assert other.ways == ("tiny_decoder",)


def test_a_family_without_step_caches_says_so(models: Path) -> None:
    with pytest.raises(ValueError, match="step_cache: 'first_block' is not for sd. Expected none."):
        batcher.Row.begin(replace(ASKED, step_cache="first_block"), 0, opened(models))


class Gpu(Device):
    """Stands in for a GPU of 100 bytes where only its numbers are asked."""

    @property
    def cuda(self) -> bool:
        return True

    def memory(self) -> tuple[int, int]:
        return 0, 100


@pytest.mark.parametrize(
    ("sizes", "wanted", "found"),
    [
        ([40, 20, 20], "auto", "none"),
        ([60, 20, 20], "auto", "model"),
        ([90, 20], "auto", "group"),
        ([90, 20], "none", "none"),
    ],
)
def test_memory_decides_where_parts_live(sizes: list[int], wanted: Any, found: str) -> None:
    gpu = Gpu(torch.device("cpu"), torch.float32, (1,), "a GPU of 100 bytes")
    assert placement(sizes, gpu, wanted) == found
    assert placement(sizes, FLOAT32) == "none"


def test_parts_that_come_layer_by_layer_draw_the_same_pixels(models: Path) -> None:
    (plain,) = draw(opened(models), ASKED)
    grouped = opened(models, offload="group")
    assert grouped.tuned == ("offload:group",)
    (picture,) = draw(grouped, ASKED)
    assert np.array_equal(plain, picture)


class Tight(Device):
    """A machine with hardly any memory left."""

    def free(self) -> int:
        return 1000


def test_a_picture_too_large_to_decode_at_once_is_decoded_in_tiles(models: Path) -> None:
    wide, tight = opened(models), opened(models, Tight(torch.device("cpu"), torch.float32, (1,), "tight"))
    large = replace(ASKED, width=128, height=128, steps=2)
    with torch.inference_mode():
        row = batcher.Row.begin(large, 0, tight)
        tiles, whole = tight.decode(row.latents), wide.decode(row.latents)
        assert row.ways == ("vae_tiles",)
        assert tiles.shape == whole.shape
        assert np.abs(tiles.astype(int) - whole).mean() < 20, "tiles see less of the picture, not another one"
        assert batcher.Row.begin(large, 0, wide).ways == ()

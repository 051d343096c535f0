"""Enlarging with the shipped network: sizes, seams, memory, cancelling, and files that are refused."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from pipelines.types import Pixels
from pipelines.upscale import OVERLAP, SHIPPED, Upscaler, available, fade, finish, starts

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def upscaler() -> Upscaler:
    return Upscaler.load(SHIPPED, CPU, torch.float32)


def picture(height: int, width: int) -> Pixels:
    """Rings with hard edges on a colour slope."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    rings = np.sin(np.hypot(x - width / 3, y - height / 2) / 6) > 0
    slope = np.stack([200 * x / max(width, 2), 200 * y / max(height, 2), np.full_like(x, 90)], -1)
    return (slope + 50 * rings[..., None]).astype(np.uint8)


def tiled(upscaler: Upscaler, tile: int) -> Upscaler:
    return Upscaler(upscaler.network, upscaler.scale, upscaler.device, upscaler.dtype, tile)


def test_a_small_picture_becomes_four_times_as_large_and_stays_the_same_picture(upscaler: Upscaler) -> None:
    small = picture(96, 128)
    large = finish(upscaler.enlarge(small))
    assert large.shape == (384, 512, 3) and large.dtype == np.uint8
    assert np.abs(large.reshape(96, 4, 128, 4, 3).mean((1, 3)) - small).mean() < 6


@pytest.mark.parametrize("size", [(256, 192), (384, 288), (100, 77)])
def test_any_target_size_is_met(upscaler: Upscaler, size: tuple[int, int]) -> None:
    assert finish(upscaler.enlarge(picture(96, 128), size)).shape == (size[1], size[0], 3)


def test_a_target_of_nothing_is_refused_by_name(upscaler: Upscaler) -> None:
    with pytest.raises(ValueError, match="size: 0 x 5"):
        finish(upscaler.enlarge(picture(8, 8), (0, 5)))


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (129, 31)])
def test_odd_and_tiny_pictures_work(upscaler: Upscaler, shape: tuple[int, int]) -> None:
    assert finish(tiled(upscaler, 128).enlarge(picture(*shape))).shape == (shape[0] * 4, shape[1] * 4, 3)


def test_tiles_give_the_picture_that_one_piece_gives(upscaler: Upscaler) -> None:
    small = picture(150, 150)
    whole = finish(upscaler.enlarge(small)).astype(int)
    error = np.abs(whole - finish(tiled(upscaler, 96).enlarge(small)))
    assert error.mean() < 0.05 and np.mean(error > 3) < 0.002


def test_a_megapixel_shows_no_seam_within_the_stated_memory(upscaler: Upscaler) -> None:
    """On an even slope neighbours differ by two levels at most, also where tiles meet; the rim is left out."""
    small = np.broadcast_to(np.linspace(20, 230, 1024)[:, None, None], (1024, 1024, 3)).astype(np.uint8)
    tracemalloc.start()
    large = finish(upscaler.enlarge(small))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    inside = large[100:-100, 100:-100].astype(np.int16)
    for axis in (0, 1):
        jumps = np.abs(np.diff(inside, axis=axis)).max((1 - axis, 2))
        assert jumps.max() <= 2, f"axis {axis} at {np.flatnonzero(jumps > 2) + 100}"
    assert peak < 2.5 * large.nbytes


def test_each_step_is_one_tile_and_tells_the_share(upscaler: Upscaler) -> None:
    shares = list(tiled(upscaler, 64).enlarge(picture(64, 160)))
    assert shares == pytest.approx([0.25, 0.5, 0.75, 1.0])


def test_stopping_between_tiles_leaves_the_network_usable(upscaler: Upscaler) -> None:
    steps = tiled(upscaler, 64).enlarge(picture(128, 128))
    next(steps)
    steps.close()
    assert finish(upscaler.enlarge(picture(16, 16))).shape == (64, 64, 3)


def test_two_enlargements_can_take_turns(upscaler: Upscaler) -> None:
    first, second = picture(40, 100), picture(100, 40)
    small = tiled(upscaler, 64)
    turns = [small.enlarge(first), small.enlarge(second)]
    for _ in range(2):
        for steps in turns:
            next(steps)
    assert np.array_equal(finish(turns[0]), finish(small.enlarge(first)))
    assert np.array_equal(finish(turns[1]), finish(small.enlarge(second)))


def test_bfloat16_differs_by_less_than_one_level_on_average(upscaler: Upscaler) -> None:
    small = picture(96, 96)
    quick = finish(Upscaler.load(SHIPPED, CPU, torch.bfloat16).enlarge(small)).astype(int)
    assert np.abs(quick - finish(upscaler.enlarge(small))).mean() < 1.2


@pytest.mark.parametrize("tile", [64, 128, 256])
@pytest.mark.parametrize("length", [1, 64, 65, 128, 200, 257, 1000])
def test_tiles_cover_everything_and_share_enough(length: int, tile: int) -> None:
    found = starts(length, tile)
    assert found[0] == 0 and (len(found) == 1 or found[-1] + tile == length)
    assert all(first + tile - second >= OVERLAP for first, second in zip(found, found[1:], strict=False))


def test_a_tile_fades_in_completely_within_what_is_shared() -> None:
    ramp = fade(200, 64)
    assert ramp[0] == 0 and ramp[63] == 1 and ramp[199] == 1 and np.all(np.diff(ramp) >= 0)


def test_files_in_the_models_folder_are_listed_after_the_shipped_one(tmp_path: Path) -> None:
    folder = tmp_path / "upscalers"
    folder.mkdir()
    for name in ("b.safetensors", "a.safetensors", "c.pth"):
        (folder / name).touch()
    assert [found.id for found in available(tmp_path)] == [SHIPPED.stem, "a", "b"]
    assert [found.id for found in available(tmp_path / "missing")] == [SHIPPED.stem]


def test_what_is_no_upscaler_is_refused_by_name(tmp_path: Path) -> None:
    strange = tmp_path / "strange.safetensors"
    save_file({"weight": torch.zeros(2)}, strange)
    with pytest.raises(ValueError, match="strange.safetensors: not a network"):
        Upscaler.load(strange, CPU, torch.float32)
    (tmp_path / "broken.safetensors").write_bytes(SHIPPED.read_bytes()[:5000])
    with pytest.raises(ValueError, match="broken.safetensors: not a network"):
        Upscaler.load(tmp_path / "broken.safetensors", CPU, torch.float32)
    with pytest.raises(ValueError, match="x.pth: not a safetensors file"):
        Upscaler.load(tmp_path / "x.pth", CPU, torch.float32)
    with pytest.raises(FileNotFoundError, match="gone.safetensors"):
        Upscaler.load(tmp_path / "gone.safetensors", CPU, torch.float32)


def test_a_file_of_ones_own_gives_the_same_pixels_as_the_shipped_one(tmp_path: Path, upscaler: Upscaler) -> None:
    save_file(load_file(SHIPPED), tmp_path / "own.safetensors")
    own = Upscaler.load(tmp_path / "own.safetensors", CPU, torch.float32)
    assert np.array_equal(finish(own.enlarge(picture(32, 32))), finish(upscaler.enlarge(picture(32, 32))))

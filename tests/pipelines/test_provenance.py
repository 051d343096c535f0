"""Settings travel inside PNG, JPEG and WebP, come back equal, and are read by other tools and from them."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sd_parsers import ParserManager

from pipelines import chunks, images, provenance

PIXELS = np.random.default_rng(2).integers(0, 256, (16, 24, 3), np.uint8)
PNG = images.png(PIXELS)
SETTINGS: dict[str, Any] = {
    "prompt": "a fox, 3d icon: \"red\"\nin a purple nebula – 狐",
    "negative_prompt": "blurry, text",
    "steps": 20,
    "scheduler": "dpmpp_2m_karras",
    "guidance": 3.5,
    "seed": 2**40 + 7,
    "width": 512,
    "height": 768,
    "model": "starter",
}
FORMATS: tuple[images.Format, ...] = ("png", "jpeg", "webp")


@pytest.mark.parametrize("format", FORMATS)
def test_settings_come_back_equal(format: images.Format) -> None:
    assert provenance.read(provenance.write(PNG, format, SETTINGS)) == SETTINGS


def test_enlarged_pictures_name_what_was_drawn_and_come_back_finished() -> None:
    settings = SETTINGS | {"enlarge": 4, "upscaler": "realesr-animevideov3-x4"}
    text = provenance.parameters_text(settings)
    assert "Size: 128x192" in text and "Hires upscale: 4" in text
    assert provenance.parse(text) == SETTINGS


def test_size_is_never_the_last_value() -> None:
    last = provenance.parameters_text(SETTINGS).splitlines()[-1]
    assert re.search(r"Size: 512x768, .*Version: PixCosmos$", last)


def prompts() -> st.SearchStrategy[str]:
    legal = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=80)
    return legal.map(str.strip).filter(lambda text: provenance.NEGATIVE not in text and "\r" not in text)


@given(prompt=prompts(), negative=prompts(), model=prompts())
@example(prompt="{red|blue} fox", negative="{", model="starter")
def test_any_prompt_comes_back_equal(prompt: str, negative: str, model: str) -> None:
    settings = SETTINGS | {"prompt": prompt, "negative_prompt": negative, "model": model or "m"}
    found = provenance.read(provenance.write(PNG, "png", settings))
    assert found == settings


@given(text=st.text(max_size=200))
def test_no_text_of_a_stranger_breaks_the_reader(text: str) -> None:
    provenance.parse(text + "\nSteps: " + text)


def test_a_png_keeps_its_compressed_pixels() -> None:
    written = provenance.write(PNG, "png", SETTINGS)
    before, after = ([d[a:b] for kind, a, b in chunks.walk(d) if kind == b"IDAT"] for d in (PNG, written))
    assert before == after
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(written))), PIXELS)


@pytest.mark.promise("P13")
@pytest.mark.parametrize("format", FORMATS)
def test_without_settings_nothing_is_inside(format: images.Format) -> None:
    data = provenance.write(provenance.write(PNG, "png", SETTINGS), format, None)
    found = Image.open(io.BytesIO(data))
    assert provenance.read(data) is None and not found.getexif()
    assert not set(found.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
    assert b"nebula" not in data and b"adobe" not in data


@pytest.mark.promise("P84")
@pytest.mark.parametrize("format", FORMATS)
def test_the_file_says_that_a_model_made_it(format: images.Format) -> None:
    data = provenance.write(PNG, format, SETTINGS)
    assert provenance.AI_MADE.encode() in data
    assert "DigitalSourceType" in str(Image.open(io.BytesIO(data)).info["xmp"])


@pytest.mark.parametrize("format", FORMATS)
def test_another_reader_reads_our_files(format: images.Format) -> None:
    settings = SETTINGS | {"prompt": "a red apple, glossy", "enlarge": 4}
    found = ParserManager().parse(io.BytesIO(provenance.write(PNG, format, settings)))
    assert found is not None
    sampler = found.samplers[0]
    assert (found.full_prompt, found.full_negative_prompt) == ("a red apple, glossy", "blurry, text")
    assert (sampler.name, sampler.model.name) == ("DPM++ 2M Karras", "starter")
    assert sampler.parameters == {"cfg_scale": "3.5", "seed": str(SETTINGS["seed"]), "steps": "20"}
    assert found.metadata["Size"] == "128x192"


def with_texts(**texts: str) -> bytes:
    info = PngInfo()
    for key, text in texts.items():
        info.add_text(key, text)
    return images.encode(Image.fromarray(PIXELS), "PNG", pnginfo=info)


def test_files_of_a1111_are_read() -> None:
    text = (
        "a (fox:1.3), nebula\nNegative prompt: blurry\nSteps: 28, Sampler: DPM++ 2M, Schedule type: Karras, "
        'CFG scale: 7, Seed: 965400086, Size: 512x512, Model hash: 7c8, Model: v1-5, '
        'Lora hashes: "a: 1, b: 2", Hires upscale: 2, '
        "Version: v1.9.4"
    )
    assert provenance.read(with_texts(parameters=text)) == {
        "prompt": "a (fox:1.3), nebula",
        "negative_prompt": "blurry",
        "steps": 28,
        "scheduler": "dpmpp_2m_karras",
        "guidance": 7.0,
        "seed": 965400086,
        "width": 512,
        "height": 512,
        "model": "v1-5",
    }


def comfy() -> dict[str, str]:
    sampler = {"seed": 5, "steps": 12, "cfg": 6.5, "sampler_name": "euler_ancestral", "scheduler": "normal"}
    links = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}
    prompt = {
        "3": {"class_type": "KSampler", "inputs": sampler | links},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5.safetensors"}},
        "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 24, "height": 16, "batch_size": 1}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lighthouse", "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog", "clip": ["4", 1]}},
    }
    edges = [
        [1, 4, 0, 3, 0, "MODEL"],
        [2, 5, 0, 3, 3, "LATENT"],
        [3, 4, 1, 6, 0, "CLIP"],
        [4, 6, 0, 3, 1, "CONDITIONING"],
        [5, 4, 1, 7, 0, "CLIP"],
        [6, 7, 0, 3, 2, "CONDITIONING"],
    ]
    return {"prompt": json.dumps(prompt), "workflow": json.dumps({"links": edges})}


def invoke() -> dict[str, str]:
    body = {
        "positive_prompt": "a lighthouse",
        "negative_prompt": "fog",
        "seed": 5,
        "steps": 12,
        "cfg_scale": 6.5,
        "scheduler": "euler_a",
        "width": 24,
        "height": 16,
        "model": {"model_name": "v1-5"},
    }
    return {"invokeai_metadata": json.dumps(body)}


def fooocus() -> dict[str, str]:
    body = {
        "prompt": "a lighthouse",
        "negative_prompt": "fog",
        "seed": 5,
        "steps": 12,
        "guidance_scale": 6.5,
        "sampler": "euler_ancestral",
        "scheduler": "karras",
        "base_model": "v1-5",
        "base_model_hash": "x",
        "version": "Fooocus v2.5.5",
    }
    return {"parameters": json.dumps(body), "fooocus_scheme": "fooocus"}


@pytest.mark.parametrize("texts", [comfy(), invoke(), fooocus()], ids=["ComfyUI", "InvokeAI", "Fooocus"])
def test_files_of_other_studios_are_read(texts: dict[str, str]) -> None:
    found = provenance.read(with_texts(**texts))
    assert found is not None
    assert found.pop("model").startswith("v1-5")
    assert found == {
        "prompt": "a lighthouse",
        "negative_prompt": "fog",
        "seed": 5,
        "steps": 12,
        "guidance": 6.5,
        "scheduler": "euler_a",
        "width": 24,
        "height": 16,
    }


@pytest.mark.parametrize(
    "texts",
    [
        {"parameters": "{" * 5000},
        {"parameters": "[" * 100_000},
        {"prompt": "[" * 100_000, "workflow": "[" * 100_000},
        {"prompt": '{"3": {"class_type": "KSampler", "inputs": 5}}', "workflow": '{"links": [[1,2,3,4,5,6]]}'},
        {"invokeai_metadata": '{"seed": {"a": []}, "steps": true}'},
    ],
)
def test_hostile_texts_do_no_harm(texts: dict[str, str]) -> None:
    found = provenance.read(with_texts(**texts)) or {}
    assert len(found.get("prompt", "")) <= provenance.LONGEST
    assert not set(found) & {"seed", "steps", "guidance"}


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "1e400", "true", "9" * 5000])
def test_numbers_that_are_none_are_left_out(value: str) -> None:
    found = provenance.parse(f"x\nSteps: {value}, CFG scale: {value}, Seed: {value}, Size: 1x1, Version: x")
    assert not set(found) & {"steps", "seed"} and ("guidance" not in found or found["guidance"] < 2**64)


@pytest.mark.parametrize("data", [b"", b"x" * 99, PNG, PNG[:60], images.jpeg(PIXELS)])
def test_a_file_without_settings_gives_none(data: bytes) -> None:
    assert provenance.read(data) is None

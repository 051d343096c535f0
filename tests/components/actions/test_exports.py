"""Notebooks as files: run elsewhere they draw the same pixels, read in again they are equal, and nothing else is."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from diffusers import ControlNetModel, StableDiffusionPipeline
from PIL import Image
from safetensors.torch import save_file

from components.actions import export_code, exports, notebooks, sources
from components.actions.exports import BadImport
from components.jobs import Dispatcher
from components.studio import Studio
from pipelines import exported, images
from pipelines.catalogue import Catalogue
from pipelines.engine import LocalEngine
from policies.actor import Actor
from policies.draft import ControlMap, Draft
from policies.notebook import Cell, Notebook
from store.notebook_views import Kept
from store.vault import Missing
from tests.conftest import ended
from tests.pipelines import tiny
from tests.pipelines.test_adapters import make_adapter

TITLE = "</script><script>alert(1)</script>\n../../Füchse & mehr"


@pytest.fixture
def owner(studio: Studio) -> Actor:
    return studio.owner


def drawn(studio: Studio, actor: Actor, draft: Draft) -> str:
    """Runs it on the bench, as a cell; answers the id of its last picture."""
    job = ended(studio, notebooks.bench(studio, actor, draft), 600)
    assert job.state == "done", job.error_reason
    return studio.stores.gallery.of_job(actor.subject_id, job.id)[-1].id


@pytest.fixture
def book(studio: Studio, dispatcher: Dispatcher, owner: Actor, apple: Draft) -> Kept:
    """One of everything: words, a picture from a picture, a part redrawn, an enlargement, a note and an unrun cell."""
    kept = notebooks.create(studio, owner)
    kept = notebooks.change(studio, owner, kept.id, kept.version, {"op": "rename", "title": TITLE})
    first = drawn(studio, owner, replace(apple, prompt='a (red:1.3) "apple"', negative_prompt="worm", count=2))
    start: dict[str, Any] = {"image": first, "steps": 3, "seed": 3}
    second = drawn(studio, owner, replace(apple, **start, kind="image_to_image", prompt="a lemon", strength=0.5))
    mask = np.zeros((512, 512), np.uint8)
    mask[150:350, 180:400] = 255
    painted = sources.upload(studio, owner, images.png(np.stack([mask] * 3, -1)), "mask", first)
    drawn(studio, owner, replace(apple, **start, kind="inpaint", prompt="a pear", mask=painted.id, strength=0.8))
    drawn(studio, owner, Draft(kind="upscale", image=second, scale=1.25))
    kept = notebooks.get(studio, owner, kept.id)
    note = {"op": "add", "kind": "note", "text": "# Note\n<img src=x onerror=alert(1)>", "at": 1}
    kept = notebooks.change(studio, owner, kept.id, kept.version, note)
    unrun = {"op": "add", "kind": "text_to_image", "draft": {"prompt": "never drawn"}}
    return notebooks.change(studio, owner, kept.id, kept.version, unrun)


def run(code: str, folder: Path) -> dict[str, tuple[int, int]]:
    """In a process of its own, where nothing of ours can be imported: cell -> how many are equal, of how many."""
    (folder / "run.py").write_text(code)
    command = [sys.executable, "-I", "run.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-3000:]
    return {name: (int(a), int(b)) for name, a, b in re.findall(r"^(c\d+): (\d+) of (\d+) equal", done.stdout, re.M)}


@pytest.mark.timeout(1500)  # one core among many still gets there
def test_what_is_exported_draws_the_same_pixels_and_comes_back_equal(
    studio: Studio, owner: Actor, bob: Actor, book: Kept, tmp_path: Path
) -> None:
    files = {kind: exports.export(studio, owner, book.id, kind) for kind in ("ipynb", "py", "json", "zip")}  # type: ignore[arg-type]
    # Names and texts are safe where they stand.
    assert {file.name for file in files.values()} == {
        f"script-script-alert-1-script-fuchse-mehr.{kind}" for kind in files
    }
    notebook = nbformat.reads(files["ipynb"].data.decode(), as_version=4)
    nbformat.validate(notebook)
    markdown = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "<" not in markdown
    assert "never drawn" in markdown
    # Every picture is shown before anything is run, and drawn again by plain diffusers.
    shown = [cell for cell in notebook.cells if cell.get("outputs")]
    assert [len(cell.outputs) for cell in shown] == [2, 1, 1, 1]
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert run(code, tmp_path) == {"c1": (2, 2), "c3": (1, 1), "c4": (1, 1), "c5": (1, 1)}
    compile(files["py"].data, "notebook.py", "exec")
    assert all(line in files["py"].data.decode() for line in code.splitlines() if line.startswith("c"))
    # Read in again, each is the same document.
    for kind in ("ipynb", "json"):
        assert alike(exports.read(studio, owner, files[kind].data).document) == alike(book.document)
    # The ZIP brings its pictures along, to another person too.
    with zipfile.ZipFile(io.BytesIO(files["zip"].data)) as bundle:
        names = bundle.namelist()
        assert {"notebook.ipynb", "notebook.py", "notebook.json", "manifest.json"} <= set(names)
        assert sum(name.startswith("images/") for name in names) == 5
    brought = exports.read(studio, bob, files["zip"].data).document
    (mask,) = (cell.draft.mask for cell in brought if cell.draft and cell.draft.mask)
    assert Image.fromarray(sources.mask(studio, bob.subject_id, mask)).size == (512, 512)
    assert [(cell.kind, cell.draft and cell.draft.prompt) for cell in brought] == [
        (cell.kind, cell.draft and cell.draft.prompt) for cell in book.document
    ]
    with pytest.raises(Missing):
        exports.export(studio, bob, book.id, "json")
    assert "/" not in re.findall(r"FOLDERS = \{\n(.*)\n\}", code)[0].split(":")[0]


@pytest.fixture
def furnished(studio: Studio) -> Iterator[Studio]:
    """A home with a tiny model, a control network and an adapter of its own."""
    models = studio.settings.models_dir
    (models / "loras").mkdir(parents=True)
    tiny.sd(models / "tiny")
    torch.manual_seed(2)
    network = ControlNetModel.from_unet(tiny.unet(), conditioning_embedding_out_channels=(16, 32))
    for name, weight in network.named_parameters():
        if "controlnet" in name:  # zeros before training: it would add nothing
            torch.nn.init.normal_(weight, std=0.2)
    network.save_pretrained(models / "controlnets" / "edges")
    make_adapter(StableDiffusionPipeline.from_pretrained(models / "tiny"), models / "loras" / "clay.safetensors")
    engine = LocalEngine(Catalogue(models), device="cpu")
    yield replace(studio, catalogue=Catalogue(models), engine=engine)
    engine.close()


def test_control_maps_and_adapters_are_drawn_by_what_is_exported(furnished: Studio, tmp_path: Path) -> None:
    studio, owner = furnished, furnished.owner
    dispatcher = Dispatcher(studio)
    dispatcher.start()
    try:
        plain = Draft(prompt="a red apple", model="tiny", width=256, height=256, steps=2, guidance=4.0, seed=1)
        plain = replace(plain, scheduler="ddim")
        first = drawn(studio, owner, plain)
        edges = ControlMap(map="canny", image=first, network="edges", weight=0.8, end=0.7)
        maps = (edges, replace(edges, map="tile", start=0.2, end=1.0))
        drawn(studio, owner, replace(plain, prompt="a red apple <lora:clay:0.9>", controls=maps))
        drawn(studio, owner, replace(plain, prompt="a pear", seed=2))
    finally:
        dispatcher.stop()
    kept = notebooks.current(studio, owner)
    assert kept is not None
    written = nbformat.reads(exports.export(studio, owner, kept.id, "ipynb").data.decode(), as_version=4)
    code = "\n".join(cell.source for cell in written.cells if cell.cell_type == "code")
    assert "control_map('canny', fitted(c1[0], (256, 256)))" in code
    assert run(code, tmp_path) == {f"c{number}": (1, 1) for number in (1, 2, 3)}
    (studio.settings.models_dir / "loras" / "clay.safetensors").unlink()
    code = export_code.cell_parts(export_code.Material(studio, owner), kept.document.cells[1], 2)
    assert "clay is not here any more" in next(code).text


@pytest.mark.parametrize("model", ["starter", "tiny"])
def test_learned_words_are_loaded_by_what_is_exported(furnished: Studio, tmp_path: Path, model: str) -> None:
    """One text encoder of the BERT family and one of CLIP, with words of one and of several vectors."""
    studio, owner = furnished, furnished.owner
    folder = studio.settings.models_dir / "embeddings"
    folder.mkdir()
    parts = StableDiffusionPipeline.from_pretrained(studio.catalogue.get(model).path)
    width = parts.text_encoder.get_input_embeddings().weight.shape[1]
    for seed, (name, vectors) in enumerate({"my-thing": 1, "clay": 3, "unused": 2}.items()):
        kept = torch.randn(vectors, width, generator=torch.Generator().manual_seed(seed))
        save_file({"emb_params": kept.squeeze(0)}, folder / f"{name}.safetensors")
    dispatcher = Dispatcher(studio)
    dispatcher.start()
    size = studio.catalogue.get(model).sizes[0] if model == "starter" else (256, 256)
    plain = Draft(model=model, width=size[0], height=size[1], steps=2, guidance=4.0, seed=1, scheduler="ddim")
    worn = " <lora:clay:0.9>" if model == "tiny" else ""
    prompts = [("a red apple", ""), ("a (clay:1.3) my-thing, clays", ""), (f"a clay apple{worn}", "my-thing")]
    try:
        for prompt, negative in prompts:
            drawn(studio, owner, replace(plain, prompt=prompt, negative_prompt=negative))
    finally:
        dispatcher.stop()
    kept_book = notebooks.current(studio, owner)
    assert kept_book is not None
    written = nbformat.reads(exports.export(studio, owner, kept_book.id, "ipynb").data.decode(), as_version=4)
    code = "\n".join(cell.source for cell in written.cells if cell.cell_type == "code")
    assert "unused" not in code and "load_textual_inversion" in code
    assert run(code, tmp_path) == {f"c{number}": (1, 1) for number in (1, 2, 3)}
    # What the words mean is in the pixels: another file for one of them, and its pictures are other ones.
    save_file({"emb_params": torch.zeros(3, width)}, folder / "clay.safetensors")
    assert run(code, tmp_path) == {"c1": (1, 1), "c2": (0, 1), "c3": (0, 1)}
    (folder / "clay.safetensors").unlink()
    told = export_code.cell_parts(export_code.Material(studio, owner), kept_book.document.cells[1], 2)
    assert "clay is not here any more" in next(told).text


def alike(document: Notebook) -> list[Any]:
    """Without the ids, which are new in every notebook: a reference is the number of the cell it names."""
    return [
        document.title,
        *(
            (
                cell.kind,
                cell.text,
                cell.draft,
                {name: document.label(r) for name, r in cell.inputs.items()},
                cell.folded,
            )
            for cell in document
        ),
    ]


NOTE = json.dumps(Notebook("One", (Cell(id="a", text="hello"),)).to_dict()).encode()


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        for name, data in files.items():
            bundle.writestr(name.replace("_json", ".json"), data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"", r"line 1, column 1"),
        (b'{"format": 1,\n "cells": [}', r"line 2, column 12"),
        (b"\xff\xfe", r"byte 0"),
        (b"[1]", r"line 1"),
        (b"[" * 100_000, r"nested too deeply"),
        (b'{"format": 9}', r"^format"),
        (b'{"format": 1, "title": "a", "cells": [], "extra": 1}', r"extra"),
        (b'{"format": 1, "title": "a", "cells": [{"id": "a", "draft": {"colour": 1}}]}', r"cells\[0\]\.draft.*colour"),
        (b'{"format": 1, "title": "a", "cells": [{"id": "a"}, {"id": "a"}]}', r"cells\[1\]\.id"),
        (b'{"nbformat": 4, "metadata": {}, "cells": []}', r"metadata\.pixcosmos"),
        (zipped(a=b"x"), r"manifest\.json"),
        (zipped(manifest_json=b"{", notebook_json=NOTE), r"manifest\.json"),
        (zipped(manifest_json=b'{"format": 1, "files": [{"path": "x"}]}', notebook_json=NOTE), r"manifest\.files\[0\]"),
        (b"PK\x03\x04 and no more", r"^file"),
    ],
)
def test_what_is_not_understood_is_refused_by_its_place(studio: Studio, alice: Actor, data: bytes, place: str) -> None:
    with pytest.raises(BadImport, match=place):
        exports.read(studio, alice, data)
    assert notebooks.listed(studio, alice) == ()


def test_a_zip_that_grows_without_end_is_not_unpacked(studio: Studio, alice: Actor) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for number in range(5):
            bundle.writestr(f"{number}.png", bytes(60 * 2**20))
    with pytest.raises(BadImport, match="too many"):
        exports.read(studio, alice, buffer.getvalue())


def test_a_picture_in_a_zip_that_was_changed_is_refused(studio: Studio, alice: Actor) -> None:
    manifest = {"format": 1, "files": [{"path": "inputs/a.png", "kind": "upload", "id": "a", "sha256": "0" * 64}]}
    data = zipped(**{"manifest_json": json.dumps(manifest).encode(), "notebook_json": NOTE, "inputs/a.png": b"x"})
    with pytest.raises(BadImport, match=r"manifest\.files\[0\].*changed"):
        exports.read(studio, alice, data)


def test_the_digest_is_the_one_that_the_file_computes() -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    assert export_code.digest(pixels) == exported.digest(pixels)

"""Notebooks as files: `.ipynb` and `.py` that draw the same pixels with plain diffusers, `.json`, and a ZIP of all.

What is written can be read again: the document lies inside. What is not understood is refused by its place.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import nbformat
from nbformat import v4

from components import words
from components.actions import export_code, gallery, notebooks, sources
from components.actions.export_code import Material, Part, parts_of
from components.actions.gallery import File
from components.studio import Studio
from pipelines import images
from pipelines.images import BadImage
from policies import letters
from policies.actor import Actor
from policies.draft import Draft
from policies.notebook import BadNotebook, Notebook
from policies.verdict import refuse, require
from store.gallery import Image
from store.notebook_views import Kept
from store.vault import Missing

Format = Literal["ipynb", "py", "json", "zip"]

OURS = "pixcosmos"
SHOWN_BYTES = 24 * 2**20  # of pictures that an .ipynb shows before it is run
MOST_BYTES = 256 * 2**20  # of what is written, or read from a ZIP
MOST_TEXT = 32 * 2**20  # of a notebook that is read
MOST_FILES = 2000


class BadImport(ValueError):
    """A file that is no notebook of ours. The message begins with the place that is not understood."""


# Out


def export(studio: Studio, actor: Actor, notebook_id: str, format: Format) -> File:
    """Raises Missing, also when it is another's, and Refused when its pictures are too many for one file."""
    document = notebooks.get(studio, actor, notebook_id).document
    name = file_name(document.title)
    if format == "json":
        return File(f"{name}.json", "application/json", document_json(document))
    parts, material = parts_of(studio, actor, document)
    if format == "py":
        return File(f"{name}.py", "text/x-python", script(document, parts, material).encode())
    if format == "ipynb":
        return File(f"{name}.ipynb", "application/x-ipynb+json", ipynb(document, parts, material))
    return File(f"{name}.zip", "application/zip", archive(document, parts, material))


def document_json(document: Notebook) -> bytes:
    return json.dumps(document.content.to_dict(), indent=1, ensure_ascii=False).encode()


def ipynb(document: Notebook, parts: Sequence[Part], material: Material) -> bytes:
    """Valid by nbformat. The document lies in its metadata, and as many pictures as fit stand under their cells."""
    room = SHOWN_BYTES
    cells = [v4.new_markdown_cell(heading(document, parts)), *setup(parts, material)]
    for part in parts:
        if part.kind == "note":
            cells.append(v4.new_markdown_cell(harmless(part.text)))
            continue
        cell = v4.new_code_cell(part.text)
        pictures = [gallery_bytes(material, image) for image in part.images]
        room -= sum(map(len, pictures))
        if room >= 0:
            cell.outputs = [v4.new_output("display_data", {"image/png": encoded(data)}) for data in pictures]
        cells.append(cell)
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # the same file for the same notebook
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}, OURS: document.content.to_dict()}
    book = v4.new_notebook(cells=cells, metadata=metadata)
    nbformat.validate(book)
    return str(nbformat.writes(book)).encode()


def setup(parts: Sequence[Part], material: Material) -> Iterator[Any]:
    yield v4.new_code_cell(export_code.settings_code(material, export_code.first_facts(parts)))
    yield v4.new_code_cell(export_code.helpers_code())
    yield v4.new_code_cell(export_code.loading_code(material))


def script(document: Notebook, parts: Sequence[Part], material: Material) -> str:
    """One file, its cells marked as editors know them."""
    texts = [comment(heading(document, parts))]
    texts += [f"# %%\n{cell.source}" for cell in setup(parts, material)]
    texts += [comment(part.text) if part.kind == "note" else f"# %%\n{part.text}" for part in parts]
    return "\n\n".join(texts) + "\n"


def heading(document: Notebook, parts: Sequence[Part]) -> str:
    facts = export_code.first_facts(parts)
    needed = " ".join(
        f"{name}=={facts[name]}" if facts.get(name) else name
        for name in ("torch", "diffusers", "transformers", "accelerate", "spandrel", "pillow", "numpy")
    )
    title = harmless(export_code.one_line(document.title)) or words.say("export_untitled")
    return f"# {title}\n\n{words.say('export_heading')}\n\n    pip install {needed}\n"


def archive(document: Notebook, parts: Sequence[Part], material: Material) -> bytes:
    """All forms, every picture, what they start from, and a manifest with the digest of each file."""
    files: dict[str, bytes] = {
        "notebook.json": document_json(document),
        "notebook.ipynb": ipynb(document, parts, material),
        "notebook.py": script(document, parts, material).encode(),
    }
    listed: list[dict[str, Any]] = []
    for number, cell in enumerate(document, 1):
        made = [image for part in parts if part.cell == cell.id for image in part.images]
        for place, image in enumerate(made, 1):
            path = f"images/{number:03}-{place}-seed-{image.seed}.png"
            files[path] = gallery_bytes(material, image)
            listed.append({"path": path, "kind": "image", "cell": cell.id, "seed": image.seed})
    for picture_id, kind in needed_pictures(material, document):
        path = f"inputs/{picture_id}.png"
        files[path] = sources.shown(material.studio, material.actor.subject_id, picture_id)
        listed.append({"path": path, "kind": kind, "id": picture_id})
    known = {entry["path"] for entry in listed}
    listed += [{"path": path, "kind": "notebook"} for path in files if path not in known]
    for entry in listed:
        entry |= {"bytes": len(files[entry["path"]]), "sha256": sha256(files[entry["path"]])}
    files["manifest.json"] = json.dumps({"format": 1, "files": listed}, indent=1).encode()
    return packed(files)


def gallery_bytes(material: Material, image: Image) -> bytes:
    """As its owner may see it: what the scan holds back leaves the studio blurred."""
    return gallery.read(material.studio, material.actor, image.id, "full")


def needed_pictures(material: Material, document: Notebook) -> Iterator[tuple[str, str]]:
    """Pictures and masks that drafts name by their id, each once, with their kind; those that are gone are left out."""
    named = dict.fromkeys(name for cell in document if cell.draft for name in cell.draft.refers_to)
    masks = {cell.draft.mask for cell in document if cell.draft}
    for picture_id in named:
        try:
            sources.data(material.studio, material.actor.subject_id, picture_id)
        except Missing:
            continue
        yield picture_id, "mask" if picture_id in masks else "upload"


def packed(files: Mapping[str, bytes]) -> bytes:
    size = sum(map(len, files.values()))
    if size > MOST_BYTES:
        expected = f"at most {MOST_BYTES // 2**20} MB in one file"
        require(refuse("export_large", field="notebook", value=f"{size // 2**20} MB", expected=expected))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            kind = zipfile.ZIP_STORED if path.endswith(".png") else zipfile.ZIP_DEFLATED
            bundle.writestr(entry, data, kind)
    return buffer.getvalue()


# In


def read(studio: Studio, actor: Actor, data: bytes) -> Kept:
    """A new notebook from a file that was exported here, or from one like it. Raises BadImport and keeps nothing."""
    try:
        if data[:4] == b"PK\x03\x04":
            return unpacked(studio, actor, data)
        return notebooks.adopt(studio, actor, document_of(data))
    except BadNotebook as error:
        raise BadImport(str(error)) from None


def document_of(data: bytes) -> Notebook:
    """From `.json`, or from the metadata of an `.ipynb`. Raises BadImport or BadNotebook."""
    if len(data) > MOST_TEXT:
        raise BadImport(f"file: {len(data) // 2**20} MB are too many. Expected at most {MOST_TEXT // 2**20} MB.")
    try:
        values = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadImport(f"byte {error.start}: not UTF-8. Expected a notebook as .json, .ipynb or .zip.") from None
    except json.JSONDecodeError as error:
        raise BadImport(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise BadImport("file: nested too deeply. Expected a notebook as .json, .ipynb or .zip.") from None
    if not (verdict := letters.whole(values)).allowed:
        raise BadImport(verdict.reason)
    if not isinstance(values, dict):
        raise BadImport("line 1: expected an object, such as a notebook that was exported here")
    if "nbformat" in values:
        metadata = values.get("metadata")
        values = metadata.get(OURS) if isinstance(metadata, dict) else None
        if not isinstance(values, dict):
            raise BadImport(f"metadata.{OURS}: missing. Expected an .ipynb that was exported here.")
    return Notebook.from_dict(values).content


def unpacked(studio: Studio, actor: Actor, data: bytes) -> Kept:
    """The document of a ZIP, with the pictures and masks that it starts from under new ids."""
    files = contents(data)
    manifest = listed(files)
    document = document_of(files["notebook.json"])
    fresh: dict[str, str] = {}
    for number, entry in enumerate(manifest):
        if entry["kind"] in ("upload", "mask"):
            fresh[entry["id"]] = bring(studio, actor, entry["kind"], files[entry["path"]], f"manifest.files[{number}]")
    return notebooks.adopt(studio, actor, renamed(document, lambda name: fresh.get(name, name)))


def contents(data: bytes) -> dict[str, bytes]:
    """Everything inside, in memory, within limits. Raises BadImport."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            entries = bundle.infolist()
            size = sum(entry.file_size for entry in entries)
            if len(entries) > MOST_FILES or size > MOST_BYTES:
                raise BadImport(
                    f"file: {len(entries)} files with {size // 2**20} MB are too many. "
                    f"Expected at most {MOST_FILES} with {MOST_BYTES // 2**20} MB."
                )
            return {entry.filename: unzipped(bundle, entry) for entry in entries if not entry.is_dir()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise BadImport(f"file: damaged or protected ({error}). Expected a ZIP that was exported here.") from None


def unzipped(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """No more than it says it is: a file that lies about its size is not read to its end."""
    with bundle.open(entry) as file:
        data = file.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise BadImport(f"{entry.filename}: another size than the ZIP says")
    return data


def listed(files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The manifest's entries, each checked against its file."""
    for name in ("manifest.json", "notebook.json"):
        if name not in files:
            raise BadImport(f"{name}: missing. Expected a ZIP that was exported here.")
    try:
        manifest = json.loads(files["manifest.json"])
    except ValueError as error:
        raise BadImport(f"manifest.json: {error}") from None
    entries = manifest.get("files") if isinstance(manifest, dict) and manifest.get("format") == 1 else None
    if not isinstance(entries, list):
        raise BadImport("manifest.json: not understood. Expected format 1 with a list of files.")
    for number, entry in enumerate(entries):
        where = f"manifest.files[{number}]"
        texts = ("path", "kind", "sha256")
        if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in texts):
            raise BadImport(f"{where}: expected path, kind and sha256")
        if entry["kind"] not in ("notebook", "image", "upload", "mask"):
            raise BadImport(f"{where}.kind: {entry['kind']!r} is not understood")
        if entry["kind"] in ("upload", "mask") and not isinstance(entry.get("id"), str):
            raise BadImport(f"{where}.id: missing")
        if sha256(files.get(entry["path"], b"")) != entry["sha256"]:
            raise BadImport(f"{where}: {entry['path']!r} is missing or was changed")
    return entries


def bring(studio: Studio, actor: Actor, kind: str, data: bytes, where: str) -> str:
    """A picture or a mask of the ZIP as an input of the person's own; answers its new id."""
    try:
        picture = images.decode(data)
    except BadImage as error:
        raise BadImport(f"{where}: {error}") from None
    if kind == "upload":
        return sources.upload(studio, actor, data, "upload").id
    files = {"full": images.encode(picture.convert("L"), "PNG", compress_level=1)}
    return studio.stores.inputs.add(actor.subject_id, "mask", picture.size, files, studio.clock()).id


def renamed(document: Notebook, name: Callable[[str], str]) -> Notebook:
    """The same document with other ids for the pictures that its drafts name."""

    def draft_of(draft: Draft) -> Draft:
        controls = tuple(replace(control, image=name(control.image)) for control in draft.controls)
        return replace(draft, image=name(draft.image), mask=name(draft.mask), controls=controls)

    cells = tuple(replace(cell, draft=draft_of(cell.draft)) if cell.draft else cell for cell in document)
    return replace(document, cells=cells)


# Texts that are safe where they stand


def harmless(text: str) -> str:
    """Markdown without elements: what a person typed cannot become a script where the file is shown."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def comment(text: str) -> str:
    lines = (f"# {line}".rstrip() for line in text.splitlines())
    return "\n".join(["# %% [markdown]", *lines])


def file_name(title: str) -> str:
    """Letters, digits and dashes alone: safe in every header and on every disk."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "notebook"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

"""A notebook as code: what each of its cells made, as calls into the plain diffusers of pipelines/exported.py.

The pictures are followed, not the wishes: the code asks for what was drawn, with the seeds that were drawn. Writes no
files.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from components import words
from components.actions import requests, sources
from components.actions.models import drawable, find_model, upscalers
from components.studio import Studio
from pipelines import adapters, canvas, control, embeddings
from pipelines.catalogue import STARTER, UnknownModel
from pipelines.masks import Mask
from pipelines.models import Model
from pipelines.prompts import pieces
from pipelines.types import Pixels
from pipelines.upscale import SHIPPED
from policies.actor import Actor
from policies.draft import ControlMap, Draft
from policies.notebook import Cell, Notebook
from store.gallery import Image
from store.vault import Missing

NETWORKS = "CONTROLNETS = {name: load_control(path) for name, path in CONTROLNET_FOLDERS.items()}"
HELPERS = Path(adapters.__file__).parent / "exported.py"


@dataclass(frozen=True, slots=True)
class Part:
    """A cell of the file: `text` is Markdown for a note, else Python. `images` are the pictures that it made."""

    kind: str
    text: str
    cell: str = ""
    images: tuple[Image, ...] = ()


@dataclass(slots=True)
class Material:
    """What the code needs beside itself: pictures it starts from, models and upscalers, each under a name."""

    studio: Studio
    actor: Actor
    made: dict[str, str] = field(default_factory=dict)  # image id -> where the code has it
    kept: dict[str, bytes] = field(default_factory=dict)  # name -> PNG
    models: dict[str, Model] = field(default_factory=dict)
    upscalers: dict[str, str] = field(default_factory=dict)  # id -> path
    networks: dict[str, str] = field(default_factory=dict)  # name -> path of a ControlNet
    adapters: dict[str, str] = field(default_factory=dict)  # name -> path of a LoRA file
    learned: dict[str, str] = field(default_factory=dict)  # name -> path of a learned word
    spoken: dict[str, set[str]] = field(default_factory=dict)  # model id -> the learned words of its prompts

    def picture(self, picture_id: str) -> str:
        """The code for a picture: what an earlier cell made, or one that is kept in the file."""
        if picture_id in self.made:
            return self.made[picture_id]
        return self.keep(sources.shown(self.studio, self.actor.subject_id, picture_id))

    def keep(self, png: bytes) -> str:
        name = next((name for name, data in self.kept.items() if data == png), f"picture{len(self.kept) + 1}")
        self.kept[name] = png
        return name

    def model(self, model: Model) -> str:
        self.models[model.id] = model
        return f"MODELS[{model.id!r}]"

    def upscaler(self, upscaler_id: str) -> str:
        found = next((one for one in upscalers(self.studio) if one.id == upscaler_id), None)
        if found is None:
            raise Untold(words.say("export_no_upscaler", name=upscaler_id))
        self.upscalers[found.id] = str(found.path)
        return f"UPSCALERS[{found.id!r}]"

    def network(self, name: str) -> str:
        return self._place(self.networks, "CONTROLNETS", name, control.available(self.studio.settings.models_dir))

    def adapter(self, name: str) -> str:
        return self._place(self.adapters, "LORAS", name, adapters.available(self.studio.settings.models_dir))

    def learn(self, name: str, model: Model) -> str:
        """The token that stands for a learned word. A name may be a part of other words, so it does not itself."""
        self._place(self.learned, "EMBEDDINGS", name, embeddings.available(self.studio.settings.models_dir))
        self.spoken.setdefault(model.id, set()).add(name)
        return self.token(name)

    def token(self, name: str) -> str:
        return f"{embeddings.TOKEN}{list(self.learned).index(name)}>"

    def _place(self, kept: dict[str, str], table: str, name: str, known: Mapping[str, Path]) -> str:
        if name not in known:
            raise Untold(words.say("export_no_file", name=name))
        kept[name] = str(known[name])
        return f"{table}[{name!r}]"


class Untold(Exception):
    """The code cannot draw this picture; the sentence says why. Its pictures are then kept in the file."""


def parts_of(studio: Studio, actor: Actor, document: Notebook) -> tuple[list[Part], Material]:
    """In their order. Cells that made nothing yet are told in a sentence."""
    material = Material(studio, actor)
    parts = [part for number, cell in enumerate(document, 1) for part in cell_parts(material, cell, number)]
    return parts, material


def cell_parts(material: Material, cell: Cell, number: int) -> Iterator[Part]:
    if cell.draft is None:
        yield Part("note", cell.text, cell.id)
        return
    images = tuple(found(material, cell))
    if not images:
        sentence = words.say("export_not_run", number=number, prompt=one_line(cell.draft.prompt))
        yield Part("note", sentence, cell.id)
        return
    name = f"c{number}"
    head = f"# {number}. {words.say(f'export_kind_{cell.kind}')}"
    lines = [f"{head}: {one_line(images[0].draft.prompt)}"]
    calls = []
    for image in images:
        try:
            calls.append(call(material, image))
        except (Untold, UnknownModel, Missing) as reason:
            lines.append(f"# {one_line(str(reason))}")
            calls.append(material.keep(sources.shown(material.studio, image.subject_id, image.id)))
    lines += [f"{name} = [", *(f"    {text}," for text in calls), "]"]
    digests = [digest(sources.pixels(material.studio, image.subject_id, image.id)) for image in images]
    lines.append(f"finish({name!r}, {name}, {digests!r})")
    for place, image in enumerate(images):
        material.made[image.id] = f"{name}[{place}]"
    yield Part("code", "\n".join(lines), cell.id, images)


def found(material: Material, cell: Cell) -> Iterator[Image]:
    for output in cell.outputs:
        if output.gone:
            continue
        try:
            yield material.studio.stores.gallery.get(material.actor.subject_id, output.image)
        except Missing:
            continue


def call(material: Material, image: Image) -> str:
    """The expression that draws it. Raises Untold for what plain code does not draw."""
    draft = with_tokens(material, image)
    if draft.kind == "upscale":
        return upscale_call(material, draft)
    model, options = drawing(material, draft)
    start = f"{model}, {prompt_of(draft.prompt)}, {draft.seed or 0}"
    if draft.kind == "inpaint":
        return f"redraw({start}, {listed(redrawing(material, draft) | options)})"
    known = find_model(material.studio, draft.model)
    size = {"size": (draft.width // known.enlarge, draft.height // known.enlarge)}
    if draft.kind == "image_to_image":
        fitted = f"fitted({material.picture(draft.image)}, {(draft.width, draft.height)})"
        options |= {"image": Code(fitted), "strength": draft.strength}
    return f"draw({start}, {listed(size | options)})"


def with_tokens(material: Material, image: Image) -> Draft:
    """The draft with a token for each learned word that the picture was drawn with."""
    draft = image.draft
    prompt, negative = draft.prompt, draft.negative_prompt
    names = image.facts.get("embeddings")
    if names is None:  # of a picture that was drawn before this was kept
        names = list(embeddings.named(f"{prompt} {negative}", material.studio.settings.models_dir))
    for name in names:
        token = material.learn(name, find_model(material.studio, draft.model))
        prompt, negative = (in_words(text, embeddings.word(name), token) for text in (prompt, negative))
    return replace(draft, prompt=prompt, negative_prompt=negative)


def in_words(prompt: str, wanted: re.Pattern[str], token: str) -> str:
    """Replaces it in the words alone: an adapter may have the same name."""
    tags = (found.group() for found in adapters.TAG.finditer(prompt))
    return wanted.sub(token, adapters.split(prompt)[0]) + "".join(tags)


def drawing(material: Material, draft: Draft) -> tuple[str, dict[str, Any]]:
    """The model's name in the code, and what every kind of drawing needs."""
    model = find_model(material.studio, draft.model)
    if not model.shares_steps:
        raise Untold(words.say("export_other_pipeline", name=model.name))
    options: dict[str, Any] = {"steps": draft.steps, "guidance": draft.guidance, "scheduler": draft.scheduler}
    if worn := adapters.split(draft.prompt)[1]:
        options["adapters"] = Code(f"[{', '.join(f'({material.adapter(name)}, {weight})' for name, weight in worn)}]")
    if draft.controls and draft.kind in ("text_to_image", "image_to_image"):
        options["controls"] = Code(f"[{', '.join(steering(material, draft, one) for one in draft.controls)}]")
    if draft.negative_prompt:
        options["negative"] = Code(prompt_of(draft.negative_prompt))
    if model.enlarge > 1:
        options["upscaler"] = Code(material.upscaler(SHIPPED.stem))
    return material.model(model), options


def steering(material: Material, draft: Draft, asked: ControlMap) -> str:
    """A network with its map, drawn anew from the picture, its weight and when it has a say."""
    source = f"fitted({material.picture(asked.image)}, {(draft.width, draft.height)})"
    values = (asked.weight, asked.start, asked.end)
    found = f"control_map({asked.map!r}, {source})"
    return f"({material.network(asked.network)}, {found}, {', '.join(map(repr, values))})"


def redrawing(material: Material, draft: Draft) -> dict[str, Any]:
    """What only inpainting needs: the mask as it was meant, and the part of the picture that was drawn."""
    studio, subject_id = material.studio, material.actor.subject_id
    model = find_model(studio, draft.model)
    pixels = sources.pixels(studio, subject_id, draft.image)
    mask = requests.marked(studio, subject_id, draft, pixels)
    closely = draft.area == "masked"
    part = canvas.part_of(mask, draft.padding, closely)
    box, drawn = canvas.plan(mask.shape[::-1], part, drawable(model), closely)
    found: dict[str, Any] = {
        "image": Code(material.picture(draft.image)),
        "mask": Code(material.keep(grey(mask))),
        "box": box,
        "drawn": drawn,
        "reach": 4 * model.enlarge,
        "size": (drawn[0] // model.enlarge, drawn[1] // model.enlarge),
        "strength": draft.strength,
    }
    return found | ({"margins": draft.margins} if any(draft.margins) else {})


def upscale_call(material: Material, draft: Draft) -> str:
    network, source = material.upscaler(draft.upscaler), material.picture(draft.image)
    size = (draft.width, draft.height)
    if not draft.creativity:
        return f"upscale({network}, {source}, {size})"
    model, options = drawing(material, draft)
    known = find_model(material.studio, draft.model)
    tile = (known.sizes[0][0] // known.enlarge, known.sizes[0][1] // known.enlarge)
    options |= {"size_drawn": tile, "strength": draft.creativity}
    start = f"{model}, {network}, {source}, {size}, {prompt_of(draft.prompt)}, {draft.seed or 0}"
    return f"creative({start}, {listed(options)})"


class Code(str):
    """Text that is an expression already."""


def listed(options: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value if isinstance(value, Code) else repr(value)}" for name, value in options.items())


def prompt_of(prompt: str) -> str:
    """A text, or its weighted pieces as the studio reads them."""
    found = pieces(adapters.split(prompt)[0])
    return repr(found[0][0]) if len(found) == 1 and found[0][1] == 1 else repr(found)


def one_line(text: str) -> str:
    return " ".join(text.split())


def grey(mask: Mask) -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(np.asarray(mask)).save(buffer, "PNG")
    return buffer.getvalue()


def settings_code(material: Material, facts: Mapping[str, Any]) -> str:
    """The variables at the top: where models are, and the device and number format that the studio drew with."""
    device = str(facts.get("device", ""))
    dtype = next((name for name in ("bfloat16", "float16", "float32") if name in device), "float32")
    home = material.actor.kind == "owner"
    lines = [
        "import torch",
        "",
        f"# {words.say('export_settings')}",
        "FOLDERS = {",
        *(f"    {model.id!r}: {place(model, home)!r}," for model in material.models.values()),
        "}",
        "UPSCALER_FILES = {",
        *(f"    {name!r}: {lying(Path(path), 'upscalers', home)!r}," for name, path in material.upscalers.items()),
        "}",
        *table("CONTROLNET_FOLDERS", "controlnets", material.networks, home),
        *table("LORAS", "loras", material.adapters, home),
        *table("EMBEDDINGS", "embeddings", material.learned, home),
        f"DEVICE = {'cpu' if 'CPU' in device or not device else 'cuda'!r}",
        f"DTYPE = torch.{dtype}",
    ]
    return "\n".join(lines)


def table(name: str, folder: str, files: Mapping[str, str], home: bool) -> list[str]:
    """Nothing for what is not used."""
    if not files:
        return []
    places = {one: lying(Path(path), folder, home) for one, path in files.items()}
    return [f"{name} = {{", *(f"    {one!r}: {path!r}," for one, path in places.items()), "}"]


def lying(path: Path, folder: str, home: bool) -> str:
    """Where a file is for its owner; for others in the studio's repository, or in a folder of their own."""
    if home:
        return str(path)
    starter = STARTER.parent
    own = path.is_relative_to(starter)
    return f"pipelines/starter/{path.relative_to(starter).as_posix()}" if own else f"{folder}/{path.name}"


def loading_code(material: Material) -> str:
    """The models, opened once, and the pictures and masks that the code starts from, kept inside the file."""
    home = material.actor.kind == "owner"
    options = {model.id: "".join(f", {value}" for value in opening(model, home)) for model in material.models.values()}
    lines = [
        "MODELS = {",
        *(f"    {name!r}: load(FOLDERS[{name!r}]{rest})," for name, rest in options.items()),
        "}",
        "UPSCALERS = {name: load_upscaler(path) for name, path in UPSCALER_FILES.items()}",
        *([NETWORKS] if material.networks else []),
        *(f"learn(MODELS[{name!r}], {learned(material, name)})" for name in material.models if name in material.spoken),
        *(f'{name} = picture("{base64.b64encode(data).decode()}")' for name, data in material.kept.items()),
    ]
    return "\n".join(lines)


def learned(material: Material, model_id: str) -> str:
    """In the order of their tokens."""
    names = [name for name in material.learned if name in material.spoken[model_id]]
    return f"{{{', '.join(f'{material.token(name)!r}: EMBEDDINGS[{name!r}]' for name in names)}}}"


def opening(model: Model, home: bool) -> Iterator[str]:
    """What `load` is told beside the folder."""
    yield repr(model.family)
    if model.revision:
        yield repr(model.revision)
    if model.adapter:
        yield f"adapter={lying(model.adapter, 'loras', home)!r}"


def helpers_code() -> str:
    """Plain diffusers. The device is named among the settings, above it."""
    lines = HELPERS.read_text().splitlines()
    return "\n".join(line for line in lines if not line.startswith(("DEVICE = ", "DTYPE = ")))


def place(model: Model, home: bool) -> str:
    """A folder on this machine for its owner; for others the hub's name, or where the folder lies for them."""
    if model.repo and not home:
        return model.repo
    return lying(model.path, "models", home) if model.path else f"models/{model.id}"


def first_facts(parts: Sequence[Part]) -> Mapping[str, Any]:
    return next((image.facts for part in parts for image in part.images), {})


def digest(pixels: Pixels) -> str:
    """That of pipelines/exported.py, which is not imported here because it brings torch."""
    return hashlib.sha256(repr(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()[:16]

"""Notebooks to start from: real drafts that the starter draws well. Knows no ids and no rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from components import words
from policies.draft import Draft
from policies.notebook import Cell, Notebook, Reference

ICONS = ("a rocket", "a crystal ball", "a magic wand", "an alarm clock", "a camera", "a key")
POSES = ("in a meadow", "in the snow", "in the night sky", "at sunset", "on the sea")
COLOURS = ("red", "yellow", "mint green", "sky blue", "lavender", "pink")


@dataclass(frozen=True, slots=True)
class Template:
    name: str
    cells: Callable[[Draft], tuple[Cell, ...]]


def note(key: str) -> Cell:
    """Its text is filled in when the language is known."""
    return Cell(id=key, text=f"notebook_note_{key}")


def drawing(cell_id: str, base: Draft, prompt: str, seed: int) -> Cell:
    return Cell(id=cell_id, draft=replace(base, prompt=prompt, seed=seed))


def icon_set(base: Draft) -> tuple[Cell, ...]:
    """One ground for all of them: that is what makes them a set."""
    icons = (drawing(f"icon{n}", base, f"{thing} on lavender", 7) for n, thing in enumerate(ICONS))
    return (note("icon_set"), *icons)


def character_sheet(base: Draft) -> tuple[Cell, ...]:
    first = drawing("face", base, "a fox on white", 3)
    poses = (drawing(f"pose{n}", base, f"a fox {pose}", 3) for n, pose in enumerate(POSES))
    return (note("character_sheet"), first, *poses)


def colour_variations(base: Draft) -> tuple[Cell, ...]:
    """One seed for all of them, so that the colour is what changes."""
    variations = (drawing(f"colour{n}", base, f"a gem stone on {colour}", 11) for n, colour in enumerate(COLOURS))
    return (note("colour_variations"), *variations)


def before_and_after(base: Draft) -> tuple[Cell, ...]:
    picture = drawing("picture", base, "a castle at night", 5)
    upscale = replace(base, kind="upscale", prompt="", scale=2.0, seed=5)
    return (note("before_and_after"), picture, Cell(id="large", draft=upscale, inputs={"image": Reference("picture")}))


TEMPLATES = {
    template.name: template
    for template in (
        Template("empty", lambda base: ()),
        Template("icon_set", icon_set),
        Template("character_sheet", character_sheet),
        Template("colour_variations", colour_variations),
        Template("before_and_after", before_and_after),
    )
}


def notebook(name: str, base: Draft, language: str = "en") -> Notebook:
    """Titles and notes in a language of `words.LANGUAGES`. Raises KeyError for a name that is none of TEMPLATES."""
    title = words.say_in(language, f"notebook_template_{name}") if name != "empty" else ""
    cells = TEMPLATES[name].cells(base)
    return Notebook(title, tuple(spoken(cell, language) for cell in cells))


def spoken(cell: Cell, language: str) -> Cell:
    return cell if cell.draft else replace(cell, text=words.say_in(language, cell.text))

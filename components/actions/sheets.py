"""The labelled sheet of a grid: drawn anew from its pictures each time, so that a deleted picture is nowhere on it."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from components import words
from components.actions import gallery, series
from components.actions.gallery import File
from components.actions.models import model_name
from components.studio import Studio
from pipelines import sheet
from policies.actor import Actor
from policies.grids import Axis
from store.series import Series

FONTS = Path(__file__).parents[1] / "pages" / "static" / "fonts"
FILES = (FONTS / "inter-latin.woff2", FONTS / "inter-latin-ext.woff2")


def sheet_of(studio: Studio, actor: Actor, series_id: str) -> File:
    """A PNG. Raises Missing for what is no grid of theirs."""
    grid = studio.stores.series.get(actor.subject_id, series_id)
    if grid.kind != "grid":
        raise series.no_grid(series_id)
    x, y = series.axes(grid)
    pictures = [picture(studio, actor, job_id) for job_id in grid.job_ids]
    width = len(x.values)
    drawn = sheet.Sheet(
        title=grid.value["prompt"],
        note=words.say("grid_sheet_note", count=len(pictures), at=f"{grid.created_at:%Y-%m-%d %H:%M}"),
        x=names(studio, x),
        y=names(studio, y) if y else (),
        rows=tuple(tuple(pictures[at : at + width]) for at in range(0, len(pictures), width)),
    )
    return File(f"pixcosmos-grid-{grid.created_at:%Y%m%d-%H%M%S}.png", "image/png", sheet.draw(drawn, FILES))


def names(studio: Studio, axis: Axis) -> tuple[str, ...]:
    """What a row or a column is called: the parameter's name and its value; words speak for themselves."""
    if axis.field in ("prompt", "negative_prompt"):
        return axis.labels
    values = (model_name(studio, label) for label in axis.labels) if axis.field == "model" else axis.labels
    return tuple(f"{words.say(f'grid_field_{axis.field}')} {value}" for value in values)


def title(studio: Studio, grid: Series) -> str:
    x, y = series.axes(grid)
    fields = [words.say(f"grid_field_{axis.field}") for axis in (x, y) if axis]
    return " × ".join(fields)


def picture(studio: Studio, actor: Actor, job_id: str | None) -> Image.Image | None:
    images = studio.stores.gallery.of_job(actor.subject_id, job_id) if job_id else ()
    if not images:
        return None
    data = gallery.read(studio, actor, images[0].id, "thumb512")
    return Image.open(io.BytesIO(data))

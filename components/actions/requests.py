"""A draft in the engine's words: finished pixels become those that a model draws, ids become pictures."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image as Pillow

from components.actions import sources
from components.actions.models import drawable, find_model
from components.studio import Studio
from pipelines import canvas, images, masks
from pipelines.maps import MAPS
from pipelines.types import Control, Enlarge, Pixels, Place, RenderJob
from policies.draft import ControlMap, Draft

OVERLAP = 16  # pixels beside a margin that are redrawn with it


def request_of(studio: Studio, subject_id: str, job_id: str, draft: Draft) -> RenderJob:
    """Everything that the engine needs. Raises Missing when a picture is gone, BadImage for an empty mask."""
    plain = plain_request(studio, job_id, draft)
    if draft.kind == "text_to_image":
        return steered(studio, subject_id, draft, plain)
    pixels = sources.pixels(studio, subject_id, draft.image)
    if draft.kind == "upscale":
        return replace(plain, image=pixels)
    if draft.kind == "inpaint":
        return redrawing(studio, subject_id, draft, plain, pixels)
    fitted = replace(plain, image=fit(pixels, (draft.width, draft.height)), strength=draft.strength)
    return steered(studio, subject_id, draft, fitted)


def plain_request(studio: Studio, job_id: str, draft: Draft) -> RenderJob:
    """Without its pictures: enough to estimate what it costs."""
    model = find_model(studio, draft.model) if draft.draws else find_model(studio, "starter")
    width, height = (draft.width, draft.height) if draft.kind != "upscale" else model.sizes[0]
    upscale = None
    if draft.kind == "upscale":
        upscale = Enlarge(draft.upscaler, (draft.width, draft.height), draft.creativity)
    return RenderJob(
        id=job_id,
        model=model.id,
        prompt=draft.prompt,
        negative_prompt=draft.negative_prompt,
        width=width // model.enlarge,
        height=height // model.enlarge,
        enlarge=model.enlarge,
        count=draft.count,
        seed=draft.seed or 0,
        steps=draft.steps,
        guidance=draft.guidance,
        scheduler=draft.scheduler,
        exact=draft.exact,
        step_cache=draft.step_cache if draft.draws else "none",
        strength=draft.strength if draft.kind in ("image_to_image", "inpaint") else 1.0,
        upscale=upscale,
    )


def redrawing(studio: Studio, subject_id: str, draft: Draft, plain: RenderJob, pixels: Pixels) -> RenderJob:
    """The part that a mask marks, cut out at a size that the model can draw, and its place in the whole."""
    model = find_model(studio, draft.model)
    wide = canvas.widened(pixels, draft.margins)
    mask = marked(studio, subject_id, draft, pixels)
    part = canvas.part_of(mask, draft.padding, draft.area == "masked")
    box, drawn = canvas.plan(wide.shape[1::-1], part, drawable(model), draft.area == "masked")
    reach = 4 * model.enlarge
    redrawn = canvas.generous(canvas.resized(canvas.cut(mask, box, beyond=255), drawn), reach)
    return replace(
        plain,
        width=drawn[0] // model.enlarge,
        height=drawn[1] // model.enlarge,
        image=canvas.resized(canvas.cut(wide, box), drawn),
        mask=redrawn,
        place=Place(wide, mask, box),
    )


def marked(studio: Studio, subject_id: str, draft: Draft, pixels: Pixels) -> masks.Mask:
    """The stored mask as the draft means it: inverted, softened, and with the margins. Raises BadImage when empty."""
    height, width = pixels.shape[:2]
    mask = sources.mask(studio, subject_id, draft.mask) if draft.mask else masks.nothing((width, height))
    if draft.invert:
        mask = 255 - mask
    overlap = min(OVERLAP, width // 4, height // 4)
    mask = canvas.widened_mask(mask, draft.margins, overlap)
    if not mask.any():
        raise images.BadImage("mask: 0 pixels are marked. Expected at least one where the picture is redrawn.")
    return masks.feather(mask, draft.feather) if draft.feather else mask


def steered(studio: Studio, subject_id: str, draft: Draft, plain: RenderJob) -> RenderJob:
    return replace(plain, controls=tuple(control_of(studio, subject_id, draft, one) for one in draft.controls))


def control_of(studio: Studio, subject_id: str, draft: Draft, control: ControlMap) -> Control:
    image = map_of(studio, subject_id, control.image, control.map, (draft.width, draft.height))
    return Control(control.network, image, control.weight, control.start, control.end)


def map_of(studio: Studio, subject_id: str, picture_id: str, kind: str, size: tuple[int, int]) -> Pixels:
    """A picture as a control network will see it, at the finished size."""
    return MAPS[kind](fit(sources.pixels(studio, subject_id, picture_id), size))


def fit(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    if pixels.shape[1::-1] == size:
        return pixels
    return images.flatten(images.fit(Pillow.fromarray(pixels), size))

"""What may be asked: every number of a draft has a range, and each refusal names the field, the value and the range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from policies import letters
from policies.draft import AREAS, KINDS, ControlMap, Draft
from policies.verdict import ALLOWED, Verdict, refuse

LONGEST_PROMPT = 2000
MOST_STEPS = 150
MOST_GUIDANCE = 30.0
SEEDS = 2**32
MOST_SIDE = 8192  # of an enlarged picture
MOST_CANVAS = 4096  # of a picture that is redrawn in part
MOST_FEATHER = 64
MOST_PADDING = 512
MOST_SCALE = 8.0
MOST_WEIGHT = 2.0
MOST_CONTROLS = 4
ALLOWANCE = timedelta(days=1)  # in which a guest's jobs are counted
Size = tuple[int, int]  # (width, height)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the models and the home allow. Sides are those of the finished picture.

    `models` are those that can draw this kind of draft; `networks` are the control networks that fit the model.
    """

    models: tuple[str, ...]
    schedulers: tuple[str, ...]
    min_side: int
    max_side: int
    multiple: int
    max_count: int
    upscalers: tuple[str, ...] = ()
    maps: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    step_caches: tuple[str, ...] = ("none",)


def check(draft: Draft, bounds: Bounds) -> Verdict:
    """The first refusal, or ALLOWED. Types are checked too: a draft may come from a file or from the network."""
    return next((verdict for verdict in verdicts(draft, bounds) if not verdict.allowed), ALLOWED)


def verdicts(draft: Draft, bounds: Bounds) -> Iterator[Verdict]:
    yield one_of("kind", draft.kind, KINDS)
    words_needed = draft.kind in ("text_to_image", "image_to_image")
    yield text("prompt", draft.prompt, at_least=1 if words_needed else 0)
    yield text("negative_prompt", draft.negative_prompt)
    yield text("template", draft.template)
    yield whole("count", draft.count, 1, bounds.max_count)
    yield ALLOWED if draft.seed is None else whole("seed", draft.seed, 0, SEEDS - 1)
    yield from pictures(draft)
    yield from {"inpaint": inpainting, "upscale": upscaling}.get(draft.kind, sides)(draft, bounds)
    if draft.draws:
        yield from drawing(draft, bounds)


def pictures(draft: Draft) -> Iterator[Verdict]:
    """Which pictures the kind needs. Whether they are the person's own is for the store to say."""
    yield name("image", draft.image)
    yield name("mask", draft.mask)
    if draft.kind != "text_to_image" and not draft.image:
        yield refuse("no_picture", field="image", value=draft.image, expected="a picture to start from")
    if draft.kind == "text_to_image" and draft.image:
        yield refuse("unknown", field="image", value=draft.image, expected="none: this kind starts from words alone")


def sides(draft: Draft, bounds: Bounds) -> Iterator[Verdict]:
    yield side("width", draft.width, bounds)
    yield side("height", draft.height, bounds)


def inpainting(draft: Draft, bounds: Bounds) -> Iterator[Verdict]:
    for field in ("left", "top", "right", "bottom"):
        yield whole(field, getattr(draft, field), 0, MOST_CANVAS)
    for field in ("width", "height"):
        yield whole(field, getattr(draft, field), 1, MOST_CANVAS)
    yield whole("feather", draft.feather, 0, MOST_FEATHER)
    yield whole("padding", draft.padding, 0, MOST_PADDING)
    yield one_of("area", draft.area, AREAS)
    yield switch("invert", draft.invert)
    if not draft.mask and not any(draft.margins):
        yield refuse("nothing_marked", field="mask", value=draft.mask, expected="a painted mask, or a margin to fill")


def upscaling(draft: Draft, bounds: Bounds) -> Iterator[Verdict]:
    yield one_of("upscaler", draft.upscaler, bounds.upscalers)
    yield number("scale", draft.scale, 0.0, MOST_SCALE)
    yield number("creativity", draft.creativity, 0.0, 1.0)
    for field in ("width", "height"):
        yield whole(field, getattr(draft, field), 1, MOST_SIDE)


def drawing(draft: Draft, bounds: Bounds) -> Iterator[Verdict]:
    yield one_of("model", draft.model, bounds.models)
    yield whole("steps", draft.steps, 1, MOST_STEPS)
    yield number("guidance", draft.guidance, 0.0, MOST_GUIDANCE)
    yield one_of("scheduler", draft.scheduler, bounds.schedulers)
    yield one_of("step_cache", draft.step_cache, bounds.step_caches)
    yield switch("exact", draft.exact)
    if draft.kind in ("image_to_image", "inpaint"):
        yield share_of_steps("strength", draft.strength, draft.steps)
    if draft.kind == "upscale":
        yield share_of_steps("creativity", draft.creativity, draft.steps)
    if draft.controls and draft.kind not in ("text_to_image", "image_to_image"):
        expected = "none: text to image and image to image alone can be steered"
        yield refuse("unknown", field="controls", value=len(draft.controls), expected=expected)
    if len(draft.controls) > MOST_CONTROLS:
        expected = f"at most {MOST_CONTROLS} controls"
        yield refuse("out_of_range", field="controls", value=len(draft.controls), expected=expected)
    for control in draft.controls:
        yield from steering(control, bounds)


def steering(control: ControlMap, bounds: Bounds) -> Iterator[Verdict]:
    yield one_of("controls.map", control.map, bounds.maps)
    if not bounds.networks:
        expected = "a model with a control network in the models folder"
        yield refuse("no_network", field="controls.network", value=control.network, expected=expected)
    yield one_of("controls.network", control.network, bounds.networks)
    yield name("controls.image", control.image)
    if not control.image:
        yield refuse("no_picture", field="controls.image", value="", expected="a picture to draw the map from")
    yield number("controls.weight", control.weight, 0.0, MOST_WEIGHT)
    yield number("controls.start", control.start, 0.0, 1.0)
    yield number("controls.end", control.end, 0.0, 1.0)
    if control.start >= control.end:
        yield refuse("out_of_range", field="controls.end", value=control.end, expected=f"more than {control.start:g}")


def mask_fits(mask: Size, picture: Size) -> Verdict:
    """A mask is stored at its picture's size; one of another picture would mark the wrong places."""
    if mask == picture:
        return ALLOWED
    shown = f"{mask[0]} x {mask[1]}"
    return refuse("bad_mask", field="mask", value=shown, expected=f"{picture[0]} x {picture[1]}, the picture's size")


def queue(waiting: int, most: int) -> Verdict:
    if waiting < most:
        return ALLOWED
    return refuse("queue_full", field="queue", value=waiting, expected=f"fewer than {most} jobs of yours waiting")


def allowance(made: int, most: int) -> Verdict:
    """Jobs that a guest started within a day, whatever became of them."""
    if made < most:
        return ALLOWED
    return refuse("guest_allowance", field="jobs", value=made, expected=f"at most {most} jobs a day without an account")


def one_of(field: str, value: object, allowed: tuple[str, ...]) -> Verdict:
    return ALLOWED if value in allowed else refuse("unknown", field=field, value=value, expected=" or ".join(allowed))


def name(field: str, value: object) -> Verdict:
    if isinstance(value, str) and len(value) <= 64 and value.isascii():
        return ALLOWED
    return refuse("unknown", field=field, value=value, expected="the id of a picture")


def switch(field: str, value: object) -> Verdict:
    return ALLOWED if isinstance(value, bool) else refuse("unknown", field=field, value=value, expected="true or false")


def text(field: str, value: object, at_least: int = 0) -> Verdict:
    if not isinstance(value, str) or len(value) > LONGEST_PROMPT:
        shown = value if not isinstance(value, str) else f"{value[:20]}… ({len(value)} characters)"
        return refuse("too_long", field=field, value=shown, expected=f"a text of at most {LONGEST_PROMPT} characters")
    if not (half := letters.whole({field: value})).allowed:
        return half
    if len(value.strip()) < at_least:
        return refuse("empty", field=field, value=value, expected="a few words about what you want to see")
    return ALLOWED


def whole(field: str, value: object, low: int, high: int) -> Verdict:
    if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
        return ALLOWED
    return refuse("out_of_range", field=field, value=value, expected=f"a whole number from {low} to {high}")


def number(field: str, value: object, low: float, high: float) -> Verdict:
    if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
        return ALLOWED
    return refuse("out_of_range", field=field, value=value, expected=f"a number from {low:g} to {high:g}")


def share_of_steps(field: str, value: object, steps: int) -> Verdict:
    """At least one of the steps must be left to change anything."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value <= 1 and int(steps * value) >= 1:
        return ALLOWED
    return refuse("out_of_range", field=field, value=value, expected=f"a number from {-(-100 // steps) / 100:g} to 1")


def side(field: str, value: object, bounds: Bounds) -> Verdict:
    fits = whole(field, value, bounds.min_side, bounds.max_side).allowed
    if fits and isinstance(value, int) and value % bounds.multiple == 0:
        return ALLOWED
    if bounds.min_side == bounds.max_side:
        expected = f"{bounds.min_side} pixels with this model"
    else:
        expected = f"pixels from {bounds.min_side} to {bounds.max_side} in steps of {bounds.multiple}"
    return refuse("out_of_range", field=field, value=value, expected=expected)

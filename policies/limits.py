"""What may be asked: every number of a draft has a range, and each refusal names the field, the value and the range."""

from __future__ import annotations

from dataclasses import dataclass

from policies.draft import KINDS, Draft
from policies.verdict import ALLOWED, Verdict, refuse

LONGEST_PROMPT = 2000
MOST_STEPS = 150
MOST_GUIDANCE = 30.0
SEEDS = 2**32


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the models and the home allow. Sides are those of the finished picture."""

    models: tuple[str, ...]
    schedulers: tuple[str, ...]
    min_side: int
    max_side: int
    multiple: int
    max_count: int


def check(draft: Draft, bounds: Bounds) -> Verdict:
    """The first refusal, or ALLOWED. Types are checked too: a draft may come from a file or from the network."""
    return next((verdict for verdict in verdicts(draft, bounds) if not verdict.allowed), ALLOWED)


def verdicts(draft: Draft, bounds: Bounds) -> tuple[Verdict, ...]:
    return (
        one_of("kind", draft.kind, KINDS),
        one_of("model", draft.model, bounds.models),
        text("prompt", draft.prompt, at_least=1),
        text("negative_prompt", draft.negative_prompt),
        whole("steps", draft.steps, 1, MOST_STEPS),
        number("guidance", draft.guidance, 0.0, MOST_GUIDANCE),
        one_of("scheduler", draft.scheduler, bounds.schedulers),
        side("width", draft.width, bounds),
        side("height", draft.height, bounds),
        whole("count", draft.count, 1, bounds.max_count),
        ALLOWED if draft.seed is None else whole("seed", draft.seed, 0, SEEDS - 1),
    )


def queue(waiting: int, most: int) -> Verdict:
    if waiting < most:
        return ALLOWED
    return refuse("queue_full", field="queue", value=waiting, expected=f"fewer than {most} jobs of yours waiting")


def one_of(field: str, value: object, allowed: tuple[str, ...]) -> Verdict:
    return ALLOWED if value in allowed else refuse("unknown", field=field, value=value, expected=" or ".join(allowed))


def text(field: str, value: object, at_least: int = 0) -> Verdict:
    if not isinstance(value, str) or len(value) > LONGEST_PROMPT:
        shown = value if not isinstance(value, str) else f"{value[:20]}… ({len(value)} characters)"
        return refuse("too_long", field=field, value=shown, expected=f"a text of at most {LONGEST_PROMPT} characters")
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


def side(field: str, value: object, bounds: Bounds) -> Verdict:
    fits = whole(field, value, bounds.min_side, bounds.max_side).allowed
    if fits and isinstance(value, int) and value % bounds.multiple == 0:
        return ALLOWED
    if bounds.min_side == bounds.max_side:
        expected = f"{bounds.min_side} pixels with this model"
    else:
        expected = f"pixels from {bounds.min_side} to {bounds.max_side} in steps of {bounds.multiple}"
    return refuse("out_of_range", field=field, value=value, expected=expected)

"""What a person asks for: the values of one cell. Knows no defaults of models and no pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, Self, get_args

Kind = Literal["text_to_image", "image_to_image", "inpaint", "upscale"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Area = Literal["whole", "masked"]
AREAS: tuple[Area, ...] = get_args(Area)
LONGEST_SEED = 20  # digits of 64 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlMap:
    """A picture that shapes another one: read as a `map`, obeyed by a control `network` from `start` to `end`.

    `start` and `end` are shares of the steps.
    """

    map: str = "canny"
    image: str = ""
    network: str = ""
    weight: float = 1.0
    start: float = 0.0
    end: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`width` and `height` are those of the finished picture. `seed` None asks for a new one.

    `image` names the picture it starts from: one of the gallery, or an uploaded one. `strength` is the share of the
    steps that change it. An inpaint redraws what `mask` marks, or all but that with `invert`, and the margins that
    `left` to `bottom` add, in pixels of that picture; `feather` softens the edge by as many. With `area` "masked" only
    the part around it is drawn, at the model's full resolution, with `padding` pixels of what surrounds it.
    An upscale enlarges `scale` times, or with a scale of 0 into `width` and `height`; `creativity` above 0 is the
    strength with which a model redraws the details afterwards.
    With `exact` it is drawn in a batch of its own, so that nobody's company moves the last bits. `step_cache` names a
    way to leave out work that hardly changes between steps.

    `template` is the dynamic prompt that `prompt` was chosen from, empty when it was typed as it is.
    """

    kind: Kind = "text_to_image"
    prompt: str = ""
    negative_prompt: str = ""
    model: str = "starter"
    width: int = 512
    height: int = 512
    count: int = 1
    seed: int | None = None
    steps: int = 20
    guidance: float = 4.0
    scheduler: str = "dpmpp_2m"
    image: str = ""
    strength: float = 0.6
    mask: str = ""
    invert: bool = False
    feather: int = 4
    area: Area = "whole"
    padding: int = 32
    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0
    upscaler: str = ""
    scale: float = 0.0
    creativity: float = 0.0
    controls: tuple[ControlMap, ...] = ()
    template: str = ""
    exact: bool = False
    step_cache: str = "none"

    @property
    def margins(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom."""
        return self.left, self.top, self.right, self.bottom

    @property
    def draws(self) -> bool:
        """Whether a diffusion model takes part."""
        return self.kind != "upscale" or self.creativity > 0

    @property
    def parents(self) -> tuple[str, ...]:
        """Ids of the pictures it is made from, each once."""
        return tuple(dict.fromkeys(name for name in (self.image, *(one.image for one in self.controls)) if name))

    @property
    def refers_to(self) -> tuple[str, ...]:
        """Ids of everything stored that it needs: pictures and the mask."""
        return tuple(dict.fromkeys((*self.parents, *([self.mask] if self.mask else []))))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON has them."""
        return asdict(self) | {"controls": [asdict(one) for one in self.controls]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """What is left out takes its default. Raises ValueError naming the keys it does not know."""
        known = known_fields(cls, "draft", values)
        if "seed" in known:
            known["seed"] = seed_of(known["seed"])
        if "controls" in known:
            known["controls"] = controls_of(known["controls"])
        return cls(**known)


def seed_of(value: Any) -> Any:
    """A seed that was typed, or comes from a page: as text, because a script holds no more than 53 bits of a number.

    None for an empty text. What is no number is handed on as it is: the rules refuse it by name.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    return int(text) if text.isdecimal() and len(text) <= LONGEST_SEED else text or None


def controls_of(values: Any) -> tuple[ControlMap, ...]:
    if not isinstance(values, list | tuple) or not all(isinstance(one, Mapping) for one in values):
        raise ValueError(f"controls: {values!r} is not allowed. Expected a list of maps.")
    return tuple(ControlMap(**known_fields(ControlMap, "controls", one)) for one in values)


def known_fields(kind: type[Draft] | type[ControlMap], name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(values) - {field.name for field in fields(kind)})
    if unknown:
        raise ValueError(f"{name}: unknown fields {', '.join(unknown)}")
    return dict(values)

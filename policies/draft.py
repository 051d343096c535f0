"""What a person asks for: the values of one cell. Knows no defaults of models and no pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

Kind = Literal["text_to_image"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`width` and `height` are those of the finished picture. `seed` None asks for a new one."""

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

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Draft:
        """Raises ValueError naming the keys it does not know."""
        unknown = sorted(set(values) - {f.name for f in fields(cls)})
        if unknown:
            raise ValueError(f"draft: unknown fields {', '.join(unknown)}")
        return cls(**values)

"""One promise: what the policy says, what the software does about it, where, and whether it is kept yet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """`says` are sentences of the policy, word for word; empty where the studio promises more than the policy does.

    `does` is what the software does. `code` names it as `path` or `path:name`. `missing` is what is still to do, in
    words for everybody; while it says anything, the promise is not yet kept.
    """

    id: str
    title: str
    does: str
    says: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    missing: str = ""

    @property
    def kept(self) -> bool:
        return not self.missing

    @property
    def number(self) -> int:
        return int(self.id.removeprefix("P"))

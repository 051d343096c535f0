"""How a rule answers: a verdict, and the one exception that carries a refusal to whoever asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is stable and keys the translated sentence; `reason` is it in English, with field, value, expected."""

    allowed: bool
    code: str = "ok"
    reason: str = ""
    field: str = ""
    value: object = None
    expected: str = ""


ALLOWED = Verdict(True)


class Refused(Exception):
    """A rule said no. Nothing was started, charged or written."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


def refuse(code: str, *, field: str, value: object, expected: str) -> Verdict:
    """A refusal that names the field, the value and what was expected."""
    return Verdict(False, code, f"{field}: {value!r} is not allowed. Expected {expected}.", field, value, expected)


def require(*verdicts: Verdict) -> None:
    """Raises Refused for the first verdict that does not allow."""
    for verdict in verdicts:
        if not verdict.allowed:
            raise Refused(verdict)

"""Dynamic prompts: one template, many prompts. `{red|blue} fox`, `{2$$a|b|c}`, `{3::often|rarely}`, `__colour__`.

Knows no files: the lines of wildcards are handed in. What is a choice is read here, so that mistakes can be named by
their place and everything else stays as it is typed; the library `dynamicprompts` does the choosing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any

from dynamicprompts.commands import Command, LiteralCommand, SequenceCommand, VariantCommand, VariantOption
from dynamicprompts.enums import SamplingMethod
from dynamicprompts.sampling_context import SamplingContext
from dynamicprompts.wildcards import WildcardManager

Wildcards = Mapping[str, Sequence[str]]

DEEPEST = 8  # choices within choices, wildcards within wildcards
MOST_WORK = 20_000  # steps of the sampler for one answer
SEPARATOR = ", "

BOUNDS = re.compile(r"\s*(\d{1,3})?(-)?(\d{1,3})?\$\$(?:([^${}|]*)\$\$)?")
WEIGHT = re.compile(r"\s*(\d{1,4}(?:\.\d{0,4})?|\.\d{1,4})::")
WILDCARD = re.compile(r"__([A-Za-z0-9](?:[A-Za-z0-9 /-]|_(?!_))*)__")


class BadTemplate(ValueError):
    """`place` is the character, counted from 1, where the prompt cannot be read as it was meant."""

    def __init__(self, place: int, reason: str) -> None:
        super().__init__(f"prompt: character {place}: {reason}")
        self.place = place
        self.reason = reason


class TooMuch(Exception):
    """The sampler worked long without an end in sight."""


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt that was read. One that is not `dynamic` is a prompt like any other."""

    text: str
    dynamic: bool
    command: Command = field(repr=False)

    def by_seed(self, seed: int) -> str:
        """One prompt; the same for the same seed."""
        return next(self._sample(SamplingMethod.RANDOM, seed)) if self.dynamic else self.text

    def every(self, most: int) -> tuple[tuple[str, ...], bool]:
        """All prompts in their order, each once, `most` at most; and whether there are more."""
        if not self.dynamic:
            return (self.text,), False
        found: dict[str, None] = {}
        try:
            for prompt in islice(self._sample(SamplingMethod.COMBINATORIAL), 4 * most):
                if prompt not in found and len(found) == most:
                    return tuple(found), True
                found[prompt] = None
        except TooMuch:
            return tuple(found), True
        return tuple(found), False

    def _sample(self, method: SamplingMethod, seed: int = 0) -> Iterator[str]:
        context = Counted(method, WildcardManager(), rand=Random(seed))
        return (str(result).strip() for result in context.sample_prompts(self.command))


@dataclass(frozen=True)
class Counted(SamplingContext):
    """The library's context, which ends a template that would keep the studio busy for ever."""

    work: list[int] = field(default_factory=lambda: [0])

    def generator_from_command(self, command: Command) -> Any:
        self.work[0] += 1
        if self.work[0] > MOST_WORK:
            raise TooMuch
        return super().generator_from_command(command)


def read(text: str, wildcards: Wildcards) -> Template:
    """Raises BadTemplate for a choice that is never closed or asks for more than it has, or an unknown wildcard."""
    reader = Reader(text, wildcards)
    command = reader.sequence(0, len(text), 0)
    return Template(text, reader.choices > 0, command)


class Reader:
    """Reads one text from left to right into the library's commands."""

    def __init__(self, text: str, wildcards: Wildcards, outer: Reader | None = None, name: str = "", place: int = 0):
        self.text = text
        self.wildcards = wildcards
        self.within: tuple[str, ...] = (*outer.within, name) if outer else ()  # the wildcards that this is a line of
        self.known: dict[str, list[VariantOption]] = outer.known if outer else {}
        self.place = place  # of the outermost of them
        self.closed = partners(text)
        self.choices = 0

    def sequence(self, start: int, stop: int, depth: int) -> Command:
        """From `start` to `stop`: choices, wildcards, and what is between them as it is."""
        parts: list[Command] = []
        literal = at = start
        while at < stop:
            end, command = self.special(at, stop, depth)
            if command is not None:
                if literal < at:
                    parts.append(LiteralCommand(self.text[literal:at]))
                parts.append(command)
                literal = end
            at = end
        if literal < stop or not parts:
            parts.append(LiteralCommand(self.text[literal:stop]))
        return parts[0] if len(parts) == 1 else SequenceCommand(parts)

    def special(self, at: int, stop: int, depth: int) -> tuple[int, Command | None]:
        """Where it ends and what it means; None for a character that means itself."""
        if self.text[at] == "{":
            return self.brace(at, stop, depth)
        found = WILDCARD.match(self.text, at, stop) if self.text[at] == "_" else None
        if found is None:
            return at + 1, None
        self.choices += 1
        return found.end(), VariantCommand(self.lines(found[1].strip(), at))

    def brace(self, at: int, stop: int, depth: int) -> tuple[int, Command | None]:
        end = self.closed.get(at, stop)
        if end >= stop:
            if len(self.spans(at + 1, stop)) > 1:
                raise self.bad(at, "this choice is not closed. Expected a } after its last option.")
            return at + 1, None
        bounds = BOUNDS.match(self.text, at + 1, end)
        start = bounds.end() if bounds else at + 1
        spans = self.spans(start, end)
        alone = WILDCARD.fullmatch(self.text[start:end].strip())
        if len(spans) == 1 and not alone:
            return at + 1, None  # {fox} is no choice: its braces are a part of the prompt
        if depth >= DEEPEST:
            raise self.bad(at, f"choices are nested too deeply. Expected at most {DEEPEST} within each other.")
        self.choices += 1
        options = self.lines(alone[1].strip(), at) if alone else [self.option(*span, depth) for span in spans]
        # Equal options count once: the library never takes two of them.
        low, high, separator = self.taken(at, bounds, len({repr(option.value) for option in options}))
        return end + 1, VariantCommand(options, low, high, separator)

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """Those between the bars of this choice, not of a choice within it."""
        cuts, at = [start - 1], start
        while at < end:
            at = self.closed.get(at, at) if self.text[at] == "{" else at
            if self.text[at] == "|":
                cuts.append(at)
            at += 1
        return [(one + 1, other) for one, other in zip(cuts, [*cuts[1:], end], strict=True)]

    def option(self, start: int, stop: int, depth: int) -> VariantOption:
        """`0.5::` before it is its weight; spaces around it are for the eye."""
        weight = WEIGHT.match(self.text, start, stop)
        start = weight.end() if weight else start
        while start < stop and self.text[start].isspace():
            start += 1
        while stop > start and self.text[stop - 1].isspace():
            stop -= 1
        share = float(weight[1]) if weight else 1.0
        return VariantOption(self.sequence(start, stop, depth + 1), share or 0.0001)

    def taken(self, at: int, bounds: re.Match[str] | None, have: int) -> tuple[int, int, str]:
        """`2$$`, `1-3$$ and $$`: how many at least and at most, and what stands between them."""
        if bounds is None:
            return 1, 1, SEPARATOR
        low, dash, high, between = bounds.groups()
        first = int(low) if low else 1 if dash else have
        last = int(high) if high else first if low and not dash else have
        if max(first, last) > have:
            raise self.bad(at, f"this choice asks for {max(first, last)} of {have}.")
        return min(first, last), max(first, last), SEPARATOR if between is None else between

    def lines(self, name: str, at: int) -> list[VariantOption]:
        """The lines of a wildcard, which are read like prompts: they may hold choices and wildcards of their own."""
        if name in self.known:
            return self.known[name]
        found = self.wildcards.get(name)
        if not found:
            known = ", ".join(sorted(self.wildcards)[:12]) or "none"
            raise self.bad(at, f"there is no wildcard {name!r}. Here are: {known}.")
        if name in self.within or len(self.within) >= DEEPEST:
            raise self.bad(at, f"the wildcard {name!r} leads back to itself.")
        readers = [Reader(line, self.wildcards, self, name, self.where(at)) for line in found]
        self.known[name] = [reader.option(0, len(reader.text), 0) for reader in readers]
        return self.known[name]

    def where(self, at: int) -> int:
        return self.place or at + 1

    def bad(self, at: int, reason: str) -> BadTemplate:
        line = f"in the wildcard {self.within[-1]!r}: " if self.within else ""
        return BadTemplate(self.where(at), line + reason)


def partners(text: str) -> dict[int, int]:
    """Where each brace that opens is closed."""
    opened: list[int] = []
    closed: dict[int, int] = {}
    for at, letter in enumerate(text):
        if letter == "{":
            opened.append(at)
        elif letter == "}" and opened:
            closed[opened.pop()] = at
    return closed

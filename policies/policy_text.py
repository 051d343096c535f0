"""The privacy policy as a document: sections, paragraphs, sentences. Reads text; knows no file and no promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Literal

Look = Literal["title", "section", "heading", "paragraph", "item"]
Change = Literal["same", "gone", "new"]

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
DATE = "[DATE]"
CONTACT = "[email protected]"
PLACEHOLDERS = (DATE, CONTACT)


@dataclass(frozen=True, slots=True)
class Block:
    """A line of the text. `sentences` are the source's own words, placeholders and all."""

    look: Look
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.sentences)

    @property
    def is_label(self) -> bool:
        """It names the list below it and says nothing itself, such as `What We Collect:`."""
        return self.look == "item" and self.text.endswith(":")


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands in the placeholders and in the contact block. None: the home has not said."""

    effective: date | None = None
    updated: date | None = None
    contact: str | None = None
    provider: str | None = None
    website: str | None = None


def parse(source: str) -> tuple[Block, ...]:
    """A heading is a section when no list follows it at once; the text marks nothing but list items."""
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    return tuple(block(lines, at) for at in range(len(lines)))


def block(lines: list[str], at: int) -> Block:
    line = lines[at]
    if at == 0:
        return Block("title", (line,))
    if line.startswith("- "):
        return Block("item", sentences(line.removeprefix("- ")))
    if not is_heading(line):
        return Block("paragraph", sentences(line))
    listed = at + 1 < len(lines) and lines[at + 1].startswith("- ")
    return Block("heading" if listed else "section", (line,))


def is_heading(line: str) -> bool:
    return line[-1] not in ".:!?" and ": " not in line


def sentences(line: str) -> tuple[str, ...]:
    return tuple(SENTENCE_END.split(line))


def said(blocks: tuple[Block, ...]) -> Iterator[str]:
    """Every sentence that says something: no headings, no bare labels."""
    for one in blocks:
        if one.look in ("paragraph", "item") and not one.is_label:
            yield from one.sentences


def filled(sentence: str, facts: Facts) -> str:
    """The sentence with this home's own facts in it. What is not known stays as the source has it."""
    for moment in (facts.effective, facts.updated):
        if moment is not None:
            sentence = sentence.replace(DATE, f"{moment:%B} {moment.day}, {moment.year}", 1)
    if facts.contact:
        sentence = sentence.replace(CONTACT, facts.contact)
    for label, value in (("Service Provider: ", facts.provider), ("Website: ", facts.website)):
        if sentence.startswith(label) and value:
            sentence = label + value
    return sentence


def unfilled(sentence: str) -> bool:
    return any(placeholder in sentence for placeholder in PLACEHOLDERS)


def differences(old: tuple[Block, ...], new: tuple[Block, ...]) -> tuple[tuple[Change, str], ...]:
    """Line by line, what a version took away and what it brought."""
    before, after = [one.text for one in old], [one.text for one in new]
    found: list[tuple[Change, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [("same", text) for text in before[a:b]]
            continue
        found += [("gone", text) for text in before[a:b]]
        found += [("new", text) for text in after[c:d]]
    return tuple(found)

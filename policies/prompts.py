"""What can be said about a prompt from its words alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")  # letters of any script

# Words that no model needs to have seen as a thing: grammar, looks and places.
COMMON = frozenset(
    "a an the of in on at with and or to for from by near next under over behind above below between is it its this "
    "that very cute little big small large tiny huge glossy shiny pretty beautiful happy sad old new style icon "
    "picture image drawing photo background ground front side left right middle center one two three some "
    "red orange yellow green blue purple pink brown black white grey gray gold golden silver turquoise teal cyan "
    "magenta violet indigo beige cream dark light bright pale deep pastel colorful colourful gradient plain "
    "mint navy lavender night sky stars starry nebula outer space galaxy meadow grass field flowers sunset sunrise "
    "evening sun sea ocean water desert sand dunes snow snowy winter city downtown room indoors wooden floor".split()
)


def unknown_words(prompt: str, known: Iterable[str]) -> tuple[str, ...]:
    """Words of the prompt, in order and once each, that are in none of the known labels. Plurals count as known."""
    vocabulary = COMMON.union(*(forms(word) for label in known for word in WORD.findall(label.lower())))
    words = dict.fromkeys(WORD.findall(without_weights(prompt).lower()))
    return tuple(word for word in words if vocabulary.isdisjoint(forms(word)))


def without_weights(prompt: str) -> str:
    """`(fox:1.3)` counts as `fox`, `<lora:name:0.8>` as nothing."""
    return re.sub(r"[()\[\]]|:\d+(\.\d+)?", " ", re.sub(r"<[^>]*>", " ", prompt))


def forms(word: str) -> set[str]:
    """The word and what it may be the plural of: apples -> apple, boxes -> box, cherries -> cherry."""
    endings = (("ies", "y"), ("es", ""), ("s", ""))
    return {word} | {word.removesuffix(ending) + instead for ending, instead in endings if word.endswith(ending)}

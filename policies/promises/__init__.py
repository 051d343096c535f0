"""The table of promises: every sentence of the privacy policy, what keeps it, and whether it is kept yet."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from policies.promises import collection, content, life, protection, rights, security, sharing
from policies.promises.promise import Promise

__all__ = ["BY_ID", "GREETINGS", "PROMISES", "Promise", "of_sentence", "without_promise"]

ROOMS = (collection, content, security, sharing, rights, protection, life)
PROMISES: tuple[Promise, ...] = tuple(one for room in ROOMS for one in room.PROMISES)
BY_ID = MappingProxyType({one.id: one for one in PROMISES})

# Sentences that greet and promise nothing which software could keep or break.
GREETINGS = (
    "Welcome to PixCosmos, the AI Image Generation Platform designed to help you create, edit, and enhance images "
    "using advanced artificial intelligence technology.",
    "At PixCosmos, your privacy is of utmost importance to us, and this privacy policy outlines how we collect, use, "
    "and protect your personal information when you use our AI image generation services.",
    "Thank you for trusting us with your information and creative content!",
)


def of_sentence(sentence: str) -> tuple[Promise, ...]:
    return tuple(one for one in PROMISES if sentence in one.says)


def without_promise(sentences: Iterable[str]) -> tuple[str, ...]:
    """Sentences of a policy that nobody answers for. Must be none."""
    answered = {sentence for one in PROMISES for sentence in one.says}.union(GREETINGS)
    return tuple(sentence for sentence in sentences if sentence not in answered)

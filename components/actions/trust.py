"""The policy as this home publishes it, with the promise, the code and the tests behind each sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from components.actions import promises
from components.studio import Studio
from policies import cookies, subprocessors
from policies.policy_text import Block, Facts, differences, filled, parse, unfilled
from policies.promises import GREETINGS, of_sentence
from store.blobs import Missing
from store.settings import Settings

TEXTS = promises.ROOT / "policies" / "texts"


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    blocks: tuple[Block, ...]


@lru_cache(maxsize=2)
def versions(folder: Path = TEXTS) -> tuple[Version, ...]:
    """Every version of the policy that shipped, oldest first."""
    numbered = sorted((int(path.stem.rpartition("-")[2]), path) for path in folder.glob("privacy-*.txt"))
    return tuple(Version(number, parse(path.read_text())) for number, path in numbered)


def facts(settings: Settings) -> Facts:
    return Facts(
        effective=settings.policy_effective,
        updated=settings.policy_updated or settings.policy_effective,
        contact=settings.contact_email,
        provider=settings.provider,
        website=settings.website or settings.public_url,
    )


def policy(studio: Studio, number: int | None = None) -> dict[str, Any]:
    """One version, filled in; the newest when none is named. Raises Missing."""
    found = [one for one in versions() if number in (None, one.number)]
    if not found:
        raise Missing(f"version: there is no version {number} of the policy")
    known = facts(studio.settings)
    return {"number": found[-1].number, "blocks": [block_view(block, known) for block in found[-1].blocks]}


def block_view(block: Block, known: Facts) -> dict[str, Any]:
    told = block.look in ("paragraph", "item") and not block.is_label
    return {
        "look": block.look,
        "label": block.is_label,
        "sentences": [sentence_view(sentence, known, told) for sentence in block.sentences],
    }


def sentence_view(sentence: str, known: Facts, told: bool) -> dict[str, Any]:
    text = filled(sentence, known)
    return {
        "text": text,
        "promises": [promise.id for promise in of_sentence(sentence)] if told else [],
        "greeting": sentence in GREETINGS,
        "blank": unfilled(text),
    }


def overview(studio: Studio) -> dict[str, Any]:
    """Everything that the Trust page shows."""
    rows = promises.table()
    evidence = promises.read_evidence()
    kept = sum(row.promise.kept for row in rows)
    return {
        "kept": kept,
        "not_yet": len(rows) - kept,
        "proven_at": evidence.run_at.isoformat() if evidence.run_at else None,
        "commit": evidence.commit,
        "policy": policy(studio),
        "promises": [promise_view(row) for row in rows],
        "versions": [version.number for version in versions()],
        "effective": studio.settings.policy_effective.isoformat() if studio.settings.policy_effective else None,
        "cookies": [
            {"name": one.name, "kind": one.kind, "purpose": one.purpose, "kept": one.kept, "essential": one.essential}
            for one in cookies.REGISTER
        ],
        "subprocessors": [
            {"name": one.name, "purpose": one.purpose, "sees": one.sees, "country": one.country}
            for one in subprocessors.in_use(blobs=studio.settings.blobs)
        ],
        "home": studio.settings.home,
        "contact": studio.settings.contact_email,
    }


def promise_view(row: promises.Row) -> dict[str, Any]:
    promise = row.promise
    return {
        "id": promise.id,
        "title": promise.title,
        "does": promise.does,
        "kept": promise.kept,
        "missing": promise.missing,
        "code": list(promise.code),
        "proofs": [{"place": f"{proof.path}:{proof.name}", "name": proof.name} for proof in row.proofs],
        "green": row.green,
        "in_policy": bool(promise.says),
    }


def changes(old: int, new: int) -> list[dict[str, str]]:
    """What version `new` changed of version `old`, line by line. Raises Missing."""
    by_number = {one.number: one.blocks for one in versions()}
    if old not in by_number or new not in by_number:
        raise Missing(f"version: there is no version {old} or {new} of the policy")
    return [{"kind": kind, "text": text} for kind, text in differences(by_number[old], by_number[new])]


def source(place: str) -> str:
    """The text of code or of a test that a promise names, and of nothing else. Raises Missing."""
    rows = promises.table()
    open_to_all = {place for row in rows for place in row.promise.code}
    open_to_all |= {f"{proof.path}:{proof.name}" for row in rows for proof in row.proofs}
    text = promises.source_of(place) if place in open_to_all else ""
    if not text:
        raise Missing(f"place: {place!r} is not part of any promise, or did not come with this release")
    return text

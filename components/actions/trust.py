"""The policy as this home publishes it, with the promise, the code and the tests behind each sentence."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from components.actions import policy_life, promises
from components.studio import Studio
from policies import cookies, subprocessors
from policies.policy_text import Block, Facts, differences, filled, unfilled
from policies.promises import GREETINGS, of_sentence
from store.blobs import Missing
from store.policy_notices import PolicyNotice
from store.settings import Settings


def facts(settings: Settings, notice: PolicyNotice | None = None) -> Facts:
    """The first version's dates are settings; a later one's are those of its notice."""
    effective, updated = settings.policy_effective, settings.policy_updated or settings.policy_effective
    if notice is not None:
        effective, updated = notice.effective_at.date(), notice.noticed_at.date()
    return Facts(
        effective=effective,
        updated=updated,
        contact=settings.contact_email,
        provider=settings.provider,
        website=settings.website or settings.public_url,
    )


def policy(studio: Studio, number: int | None = None) -> dict[str, Any]:
    """One version, filled in; the one that holds when none is named. Raises Missing."""
    number = policy_life.in_force(studio) if number is None else number
    found = next((one for one in policy_life.versions() if one.number == number), None)
    if found is None:
        raise Missing(f"version: there is no version {number} of the policy")
    known = facts(studio.settings, policy_life.notices(studio).get(number))
    return {"number": number, "blocks": [block_view(block, known) for block in found.blocks]}


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
        "newer": promises.newer(rows, evidence),
        "policy": policy(studio),
        "promises": [promise_view(row) for row in rows],
        "versions": versions_view(studio),
        "cookies": [
            {"name": one.name, "kind": one.kind, "purpose": one.purpose, "kept": one.kept, "essential": one.essential}
            for one in cookies.register(
                accounts=studio.settings.has_accounts, guest_days=studio.settings.guest_days
            )
        ],
        "subprocessors": [
            {"name": one.name, "purpose": one.purpose, "sees": one.sees, "country": one.country}
            for one in subprocessors_of(studio.settings)
        ],
        "home": studio.settings.home,
        "contact": studio.settings.contact_email,
    }


def subprocessors_of(settings: Settings) -> tuple[subprocessors.Subprocessor, ...]:
    server = urlsplit(settings.smtp.get_secret_value()).hostname if settings.smtp else None
    provider = urlsplit(settings.openid_provider_url).hostname if settings.signs_in_elsewhere else None
    return subprocessors.in_use(blobs=settings.blobs, mail=server, sign_in=provider)


def versions_view(studio: Studio) -> list[dict[str, Any]]:
    """The history, oldest first: what held, what holds, what was announced, and what nobody was told of yet."""
    holds, notices = policy_life.in_force(studio), policy_life.notices(studio)
    found = []
    for version in policy_life.versions():
        number, notice = version.number, notices.get(version.number)
        since = notice.effective_at.date() if notice else studio.settings.policy_effective if number == 1 else None
        state = "past" if number < holds else "in_force" if number == holds else "announced" if notice else "draft"
        found.append(
            {
                "number": number,
                "state": state,
                "effective": since.isoformat() if since else None,
                "noticed": notice.noticed_at.date().isoformat() if notice else None,
                "reason": notice.reason if notice else "",
            }
        )
    return found


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
    by_number = {one.number: one.blocks for one in policy_life.versions()}
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

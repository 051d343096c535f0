"""What was measured and judged of each picture, and the log of what was flagged. Numbers and labels, no content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import Database, chunked

from store.blobs import Missing
from store.models import ContentTables, upsert
from store.moments import micros, moment, moment_or_none
from store.vault import Vault

CLEAR, FLAGGED, APPEALED, RELEASED, UPHELD = "clear", "flagged", "appealed", "released", "upheld"
HELD = (FLAGGED, APPEALED, UPHELD)
ROWS_AT_ONCE = 400
UNCLAIMED = {"claimed_by": None, "claimed_at": None}


@dataclass(frozen=True, slots=True)
class NewCheck:
    """The measures of a picture, and the label and score that they were judged by; `flagged` is the judgement."""

    brightness: float
    spread: float
    sharpness: float
    label: str = ""
    score: float = 0.0
    flagged: bool = False
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """`state`: clear, flagged, appealed, released or upheld."""

    image_id: str
    subject_id: str
    model: str
    created_at: datetime
    brightness: float
    spread: float
    sharpness: float
    label: str
    score: float
    state: str
    appeals: int = 0
    claimed_by: str | None = None
    claimed_at: datetime | None = None

    @property
    def held(self) -> bool:
        """Whether its picture is kept back: blurred for its owner, not charged, and never public."""
        return self.state in HELD


def claims(table: Any, moderator: str | None, before: datetime | None) -> Any:
    """The condition on rows that a moderator took on."""
    if moderator is not None:
        return table.claimed_by == moderator
    assert before is not None
    return table.claimed_by.is_null(False) & (table.claimed_at <= micros(before))


class Checks:
    def __init__(self, database: Database, tables: ContentTables, vault: Vault) -> None:
        self._db = database
        self._rows = tables.Check
        self._log = tables.Flagged
        self._vault = vault

    def add(self, image_id: str, subject_id: str, model: str, check: NewCheck, now: datetime) -> None:
        """Called inside the transaction that keeps the picture. What is flagged goes into the log too."""
        upsert(
            self._rows,
            image_id=image_id,
            subject_id=subject_id,
            model=model,
            created_at=micros(now),
            brightness=check.brightness,
            spread=check.spread,
            sharpness=check.sharpness,
            label=check.label,
            score=check.score,
            state=FLAGGED if check.flagged else CLEAR,
        )
        if check.flagged:
            self.log(check.hash, check.label, check.score, FLAGGED, now)

    def of(self, subject_id: str, image_id: str) -> Check | None:
        """None for a picture that nobody looked at yet, and for another's."""
        row = self._rows.get_or_none(self._rows.image_id == image_id, self._rows.subject_id == subject_id)
        return self._check(row) if row else None

    def among(self, subject_id: str, image_ids: Iterable[str]) -> dict[str, Check]:
        """Those of them that somebody looked at."""
        found: dict[str, Check] = {}
        for some in chunked(image_ids, ROWS_AT_ONCE):
            rows = self._rows.select().where(self._rows.image_id << some)  # by their ids alone: see the gallery
            found |= {row.image_id: self._check(row) for row in rows if row.subject_id == subject_id}
        return found

    def appeal(self, subject_id: str, image_id: str, note: str) -> None:
        """Asks a human to look, also once more after a moderator's no. Raises Missing unless it is theirs and held."""
        sealed = self._vault.seal_text(subject_id, image_id, "appeal", note) if note else None
        mine = (self._rows.image_id == image_id) & (self._rows.subject_id == subject_id)
        asks = {"state": APPEALED, "appeal": sealed, "appeals": self._rows.appeals + 1}
        query = self._rows.update(asks | UNCLAIMED).where(mine, self._rows.state << (FLAGGED, UPHELD))
        if not query.execute():
            raise Missing(f"id: there is no flagged picture {image_id!r} of yours")

    def decide(self, image_id: str, decision: str, hash: str, now: datetime, answer: str = "") -> None:
        """Releases a picture or upholds its flag, says why to its owner, and logs that. Raises Missing unless held."""
        with self._db.atomic("IMMEDIATE"):
            row = self._held(image_id)
            sealed = self._vault.seal_text(row.subject_id, image_id, "answer", answer) if answer else None
            gone = {"state": decision, "appeal": None, "answer": sealed} | UNCLAIMED
            self._rows.update(gone).where(self._rows.image_id == image_id).execute()
            self.log(hash, row.label, row.score, decision, now)

    def hold(self, image_id: str, label: str, hash: str, now: datetime, answer: str) -> None:
        """Holds back a picture whose public page was taken down. Raises Missing for one that nobody looked at."""
        with self._db.atomic("IMMEDIATE"):
            row = self._rows.get_or_none(self._rows.image_id == image_id)
            if row is None:
                raise Missing(f"id: no picture {image_id!r} was looked at")
            sealed = self._vault.seal_text(row.subject_id, image_id, "answer", answer) if answer else None
            gone = {"state": UPHELD, "label": label, "score": 1.0, "answer": sealed} | UNCLAIMED
            self._rows.update(gone).where(self._rows.image_id == image_id).execute()
            self.log(hash, label, 1.0, UPHELD, now)

    def claim(self, image_id: str, moderator: str, now: datetime) -> Check:
        """This moderator has the case from now on. Raises Missing unless somebody asked for a look at it."""
        asked = (self._rows.image_id == image_id) & (self._rows.state == APPEALED)
        if not self._rows.update(claimed_by=moderator, claimed_at=micros(now)).where(asked).execute():
            raise Missing(f"id: no picture {image_id!r} waits for a look")
        return self.case(image_id)

    def unclaim(self, moderator: str | None = None, before: datetime | None = None) -> int:
        """Nobody has these cases any more: those of a moderator, or those taken on before a moment."""
        return int(self._rows.update(UNCLAIMED).where(claims(self._rows, moderator, before)).execute())

    def case(self, image_id: str) -> Check:
        """For moderators, whoever it belongs to. Raises Missing unless somebody asked for a look at it."""
        row = self._rows.get_or_none(self._rows.image_id == image_id, self._rows.state == APPEALED)
        if row is None:
            raise Missing(f"id: no picture {image_id!r} waits for a look")
        return self._check(row)

    def said(self, check: Check) -> tuple[str, str]:
        """What the owner wrote, and what the last moderator answered."""
        row = self._rows.get_by_id(check.image_id)
        fields = (("appeal", row.appeal), ("answer", row.answer))
        open_text = self._vault.open_text
        appeal, answer = (
            open_text(row.subject_id, row.image_id, field, bytes(sealed)) if sealed else "" for field, sealed in fields
        )
        return appeal, answer

    def log(self, hash: str, label: str, score: float, decision: str, now: datetime) -> None:
        self._log.create(hash=hash, label=label, score=score, decision=decision, at=micros(now))

    def logged(self) -> tuple[tuple[str, str, float, str], ...]:
        """(hash, label, score, decision), oldest first."""
        table = self._log
        return tuple(table.select(table.hash, table.label, table.score, table.decision).order_by(table.id).tuples())

    def waiting(self) -> tuple[Check, ...]:
        """Appealed pictures, the oldest first: what moderators have to look at."""
        rows = self._rows.select().where(self._rows.state == APPEALED).order_by(self._rows.created_at)
        return tuple(self._check(row) for row in rows)

    def forget(self, image_ids: Iterable[str]) -> None:
        """These pictures are gone; the log stays."""
        self._rows.delete().where(self._rows.image_id << list(image_ids)).execute()

    def _held(self, image_id: str) -> Any:
        row = self._rows.get_or_none(self._rows.image_id == image_id, self._rows.state << HELD)
        if row is None:
            raise Missing(f"id: no picture {image_id!r} is held")
        return row

    def _check(self, row: Any) -> Check:
        return Check(
            image_id=row.image_id,
            subject_id=row.subject_id,
            model=row.model,
            created_at=moment(row.created_at),
            brightness=row.brightness,
            spread=row.spread,
            sharpness=row.sharpness,
            label=row.label,
            score=row.score,
            state=row.state,
            appeals=row.appeals,
            claimed_by=row.claimed_by,
            claimed_at=moment_or_none(row.claimed_at),
        )

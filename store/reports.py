"""What visitors told the moderators about public pages, and what became of it. Nothing about the visitor is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store.blobs import Missing
from store.checks import UNCLAIMED, claims
from store.models import ContentTables
from store.moments import micros, moment, moment_or_none
from store.vault import Vault

OPEN, DISMISSED, TAKEN_DOWN = "open", "dismissed", "taken_down"


@dataclass(frozen=True, slots=True)
class Report:
    """`subject_id` is whose page it is about."""

    id: str
    share_id: str
    subject_id: str
    created_at: datetime
    reason: str
    state: str
    claimed_by: str | None
    claimed_at: datetime | None
    image_id: str | None
    decided_at: datetime | None


class Reports:
    def __init__(self, tables: ContentTables, vault: Vault) -> None:
        self._rows = tables.Report
        self._shares = tables.Share
        self._vault = vault

    def waiting(self) -> tuple[Report, ...]:
        """Those about pages that are still public, the oldest first."""
        live = self._shares.select(self._shares.id).where(self._shares.state == "live")
        rows = self._rows.select().where(self._rows.state == OPEN, self._rows.share_id << live)
        return tuple(report_of(row) for row in rows.order_by(self._rows.created_at))

    def get(self, report_id: str) -> Report:
        """For moderators. Raises Missing for one that is decided."""
        row = self._rows.get_or_none(self._rows.id == report_id, self._rows.state == OPEN)
        if row is None:
            raise Missing(f"id: no report {report_id!r} is open")
        return report_of(row)

    def claim(self, report_id: str, moderator: str, now: datetime) -> Report:
        """This moderator has the case from now on."""
        self.get(report_id)
        self._rows.update(claimed_by=moderator, claimed_at=micros(now)).where(self._rows.id == report_id).execute()
        return self.get(report_id)

    def unclaim(self, moderator: str | None = None, before: datetime | None = None) -> int:
        """Nobody has these cases any more: those of a moderator, or those taken on before a moment."""
        return int(self._rows.update(UNCLAIMED).where(claims(self._rows, moderator, before)).execute())

    def note(self, report: Report) -> str:
        """What the visitor wrote."""
        return self._opened(self._rows.get_by_id(report.id), "note")

    def decide(self, report: Report, state: str, answer: str, image_id: str | None, now: datetime) -> None:
        """This report; a page that is taken down decides every other one about it too."""
        sealed = None
        if answer:
            sealed = self._vault.seal_text(report.subject_id, report.id, "answer", answer, key="public")
        ended = {"state": state, "decided_at": micros(now), "claimed_by": None, "claimed_at": None}
        own = ended | {"answer": sealed, "image_id": image_id}
        self._rows.update(own).where(self._rows.id == report.id).execute()
        if state == TAKEN_DOWN:
            others = (self._rows.share_id == report.share_id) & (self._rows.state == OPEN)
            self._rows.update(ended).where(others).execute()

    def taken_down(self, subject_id: str) -> tuple[tuple[Report, str], ...]:
        """Which pages of a person were taken down and what the moderator wrote to them, newest first."""
        mine = (self._rows.subject_id == subject_id) & (self._rows.state == TAKEN_DOWN)
        rows = self._rows.select().where(mine, self._rows.answer.is_null(False)).order_by(self._rows.decided_at.desc())
        return tuple((report_of(row), self._opened(row, "answer")) for row in rows)

    def _opened(self, row: Any, field: str) -> str:
        sealed = getattr(row, field)
        if sealed is None:
            return ""
        return self._vault.open_text(row.subject_id, row.id, field, bytes(sealed), key="public")


def report_of(row: Any) -> Report:
    return Report(
        id=row.id,
        share_id=row.share_id,
        subject_id=row.subject_id,
        created_at=moment(row.created_at),
        reason=row.reason,
        state=row.state,
        claimed_by=row.claimed_by,
        claimed_at=moment_or_none(row.claimed_at),
        image_id=row.image_id,
        decided_at=moment_or_none(row.decided_at),
    )

"""From when each version of the privacy policy holds, and why so soon. One row a version; rows are only added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from store.models import ContentTables
from store.moments import micros, moment


@dataclass(frozen=True, slots=True)
class PolicyNotice:
    """`reason` is the law that demanded less than 30 days, or empty."""

    version: int
    noticed_at: datetime
    effective_at: datetime
    reason: str


class PolicyNotices:
    def __init__(self, tables: ContentTables) -> None:
        self._rows = tables.PolicyNotice

    def add(self, notice: PolicyNotice) -> PolicyNotice:
        """The first notice of a version stays: whoever comes second gets that one."""
        self._rows.insert(
            version=notice.version,
            noticed_at=micros(notice.noticed_at),
            effective_at=micros(notice.effective_at),
            reason=notice.reason,
        ).on_conflict_ignore().execute()
        return next(one for one in self.all() if one.version == notice.version)

    def all(self) -> tuple[PolicyNotice, ...]:
        """Oldest first."""
        rows = self._rows.select().order_by(self._rows.version)
        return tuple(
            PolicyNotice(row.version, moment(row.noticed_at), moment(row.effective_at), row.reason) for row in rows
        )

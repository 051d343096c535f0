"""Counts of what is used, by day, under a pseudonym that only the person's own key can make again."""

from __future__ import annotations

from datetime import datetime

from peewee import Database, fn

from store.keys import KeyGone, Keys
from store.models import ContentTables
from store.moments import micros

FEATURES = ("text_to_image", "image_to_image", "inpaint", "upscale", "control", "download", "publish", "notebook")


class Usage:
    def __init__(self, database: Database, tables: ContentTables, keys: Keys) -> None:
        self._db = database
        self._rows = tables.UsageEvent
        self._keys = keys

    def pseudonym(self, subject_id: str, *, make: bool = False) -> str | None:
        """Without the person's key nobody can tell whose it is; None once that is destroyed."""
        try:
            return self._keys.of(subject_id, make=make).derive(b"usage")[:16].hex()
        except KeyGone:
            return None

    def count(self, subject_id: str, feature: str, now: datetime, credits: float = 0.0) -> None:
        """One more use of a feature on this day. Raises ValueError for a feature that is not declared."""
        if feature not in FEATURES:
            raise ValueError(f"feature: {feature!r} is not allowed. Expected one of {', '.join(FEATURES)}.")
        pseudonym = self.pseudonym(subject_id, make=True)
        day = micros(now.replace(hour=0, minute=0, second=0, microsecond=0))
        table = self._rows
        this = (table.pseudonym == pseudonym) & (table.feature == feature) & (table.day == day)
        with self._db.atomic("IMMEDIATE"):
            more = {"count": table.count + 1, "credits": table.credits + credits}
            if not table.update(more).where(this).execute():
                table.insert(pseudonym=pseudonym, feature=feature, day=day, count=1, credits=credits).execute()

    def purge(self, before: datetime, *, dry_run: bool = False) -> int:
        """Deletes what is older; answers how many rows."""
        old = self._rows.day < micros(before)
        if dry_run:
            return int(self._rows.select().where(old).count())
        return int(self._rows.delete().where(old).execute())

    def totals(self, since: datetime) -> dict[str, int]:
        """Uses of each feature over all people."""
        table = self._rows
        rows = table.select(table.feature, fn.SUM(table.count)).where(table.day >= micros(since))
        return dict(rows.group_by(table.feature).tuples())

"""The tables of the content database: what people make and do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import Database

from store.models.drawing import drawing_tables
from store.models.standing import standing_tables


@dataclass(frozen=True, slots=True)
class ContentTables:
    Subject: Any
    GuestSession: Any
    Job: Any
    Started: Any
    Image: Any
    DoomedBlob: Any
    Preference: Any
    Input: Any
    InputUse: Any
    Style: Any
    PastPrompt: Any
    Series: Any
    SeriesJob: Any
    Notebook: Any
    NotebookCell: Any
    NotebookChange: Any
    CellRun: Any
    PlannedCell: Any
    ImageParent: Any
    Board: Any
    Tag: Any
    ImageTag: Any
    Discarded: Any
    Export: Any
    Share: Any
    SharePicture: Any
    Report: Any
    Check: Any
    Flagged: Any
    Consent: Any
    Activity: Any
    Choice: Any
    UsageEvent: Any
    Ticket: Any
    Notice: Any
    Takeout: Any
    Erasure: Any
    AuditEntry: Any
    Sweep: Any
    PolicyNotice: Any
    DataUse: Any


def content_tables(database: Database) -> ContentTables:
    """Times are microseconds since 1970. Every blob is sealed: see the vault."""
    return ContentTables(**drawing_tables(database), **standing_tables(database))

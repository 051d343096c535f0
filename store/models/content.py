"""The tables of the content database: what people make and do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    CharField,
    CompositeKey,
    Database,
    FloatField,
    IntegerField,
    Model,
    TextField,
)

from store.models.shape import ID


@dataclass(frozen=True, slots=True)
class ContentTables:
    Subject: Any
    GuestSession: Any
    Job: Any
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


def content_tables(database: Database) -> ContentTables:
    """Times are microseconds since 1970. Every blob is sealed: see the vault."""

    class Base(Model):
        class Meta:
            database = None

    Base._meta.database = database

    class Subject(Base):
        id = CharField(ID, primary_key=True)
        kind = CharField(16)
        created_at = BigIntegerField()

        class Meta:
            table_name = "subject"

    class GuestSession(Base):
        token_hash = CharField(64, primary_key=True)
        subject_id = CharField(ID, index=True)
        expires_at = BigIntegerField(index=True)

        class Meta:
            table_name = "guest_session"

    class Job(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        state = CharField(16)
        created_at = BigIntegerField()
        started_at = BigIntegerField(null=True)
        finished_at = BigIntegerField(null=True)
        cost = FloatField()
        seconds = FloatField(null=True)
        weight = FloatField(default=1.0)
        attempts = IntegerField(default=0)
        lease_owner = CharField(64, null=True)
        lease_until = BigIntegerField(null=True)
        cancel_requested = IntegerField(default=0)
        error_code = CharField(32, default="")
        draft = BlobField()
        reason = BlobField(null=True)

        class Meta:
            table_name = "job"
            indexes = ((("state", "created_at"), False), (("subject_id", "created_at"), False))

    class Image(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        job_id = CharField(ID, index=True)
        number = IntegerField()
        created_at = BigIntegerField()
        model = CharField(128)
        width = IntegerField()
        height = IntegerField()
        native_width = IntegerField()
        native_height = IntegerField()
        size_bytes = IntegerField()
        draft = BlobField()
        facts = BlobField()
        kind = CharField(32, default="text_to_image")
        starred = IntegerField(default=0)
        board_id = CharField(ID, null=True)
        fingerprint = CharField(64, null=True)

        class Meta:
            table_name = "image"
            indexes = (
                (("subject_id", "created_at", "id"), False),
                (("subject_id", "starred", "created_at", "id"), False),
                (("subject_id", "board_id", "created_at", "id"), False),
                (("subject_id", "fingerprint"), False),
                (("job_id", "number"), True),
            )

    class DoomedBlob(Base):
        """A file that must go; written in the same transaction that removes its row."""

        name = CharField(64, primary_key=True)

        class Meta:
            table_name = "doomed_blob"

    class Preference(Base):
        subject_id = CharField(ID, primary_key=True)
        value = BlobField()

        class Meta:
            table_name = "preference"

    class Input(Base):
        """An uploaded picture or a painted mask; its sealed file lies beside."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        kind = CharField(16)
        created_at = BigIntegerField()
        touched_at = BigIntegerField(index=True)
        width = IntegerField()
        height = IntegerField()
        size_bytes = IntegerField()

        class Meta:
            table_name = "input"

    class InputUse(Base):
        """Who needs an input: a job, or another holder that releases it itself."""

        input_id = CharField(ID)
        holder_id = CharField(ID, index=True)
        holder = CharField(16)

        class Meta:
            table_name = "input_use"
            primary_key = CompositeKey("input_id", "holder_id")

    class Style(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        created_at = BigIntegerField()
        value = BlobField()

        class Meta:
            table_name = "style"

    class PastPrompt(Base):
        """A prompt that was drawn, kept while its person wants a history."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        used_at = BigIntegerField()
        uses = IntegerField()
        value = BlobField()

        class Meta:
            table_name = "past_prompt"
            indexes = ((("subject_id", "used_at"), False),)

    class Series(Base):
        """Jobs that were asked for together: the prompts of one template, or the cells of a grid."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        created_at = BigIntegerField()
        kind = CharField(16)
        value = BlobField()

        class Meta:
            table_name = "series"
            indexes = ((("subject_id", "created_at"), False),)

    class SeriesJob(Base):
        job_id = CharField(ID, primary_key=True)
        series_id = CharField(ID, index=True)
        place = IntegerField()

        class Meta:
            table_name = "series_job"

    class Notebook(Base):
        """`deleted_at` is set for a while before it goes for good, so that it can be taken back."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        created_at = BigIntegerField()
        changed_at = BigIntegerField()
        opened_at = BigIntegerField()
        deleted_at = BigIntegerField(null=True)
        version = IntegerField()
        title = BlobField()

        class Meta:
            table_name = "notebook"
            indexes = ((("subject_id", "opened_at"), False),)

    class NotebookCell(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        notebook_id = CharField(ID)
        place = IntegerField()
        content = BlobField()

        class Meta:
            table_name = "notebook_cell"
            indexes = ((("notebook_id", "place"), False),)

    class NotebookChange(Base):
        """What can be undone, and what was. Changes with one gesture count as one."""

        notebook_id = CharField(ID)
        number = IntegerField()
        subject_id = CharField(ID, index=True)
        undone = IntegerField()
        gesture = CharField(64)
        content = BlobField()

        class Meta:
            table_name = "notebook_change"
            primary_key = CompositeKey("notebook_id", "number")

    class CellRun(Base):
        """Which cell a job was run for. What became of it is the job's and its pictures' to say."""

        job_id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        notebook_id = CharField(ID, index=True)
        cell_id = CharField(ID)
        created_at = BigIntegerField()
        count = IntegerField()
        content = BlobField()

        class Meta:
            table_name = "cell_run"

    class PlannedCell(Base):
        """A cell that runs as soon as what it is made from is there."""

        cell_id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        notebook_id = CharField(ID, index=True)
        created_at = BigIntegerField()

        class Meta:
            table_name = "planned_cell"

    class ImageParent(Base):
        """A picture and one that it was made from, so that what came of a picture is found without opening others."""

        image_id = CharField(ID)
        parent_id = CharField(ID, index=True)
        subject_id = CharField(ID, index=True)

        class Meta:
            table_name = "image_parent"
            primary_key = CompositeKey("image_id", "parent_id")

    class Board(Base):
        """A named place for pictures; each picture is on one board or on none. `title` is sealed."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        created_at = BigIntegerField()
        title = BlobField()
        cover_id = CharField(ID, null=True)

        class Meta:
            table_name = "board"

    class Tag(Base):
        """`name` is sealed."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        name = BlobField()

        class Meta:
            table_name = "tag"

    class ImageTag(Base):
        tag_id = CharField(ID)
        image_id = CharField(ID, index=True)
        subject_id = CharField(ID, index=True)

        class Meta:
            table_name = "image_tag"
            primary_key = CompositeKey("tag_id", "image_id")

    class Discarded(Base):
        """A picture's whole row, set aside until `until`: no read finds it, but it can be brought back."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        job_id = CharField(ID, index=True)
        until = BigIntegerField(index=True)
        row = BlobField()

        class Meta:
            table_name = "discarded"

    class Export(Base):
        """Which pictures a download holds, in order, and how: `plan` is sealed."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        expires_at = BigIntegerField(index=True)
        plan = BlobField()

        class Meta:
            table_name = "export"

    class Share(Base):
        """A public link. `token_hash` finds it; `card` is what its page says, sealed under the public key.

        `state` is "live" or "withdrawn"; a withdrawn one keeps its hash alone, so that its address says 410.
        """

        id = CharField(ID, primary_key=True)
        token_hash = CharField(64, unique=True)
        subject_id = CharField(ID)
        image_id = CharField(ID, index=True)
        notebook_id = CharField(ID, null=True)
        state = CharField(16)
        created_at = BigIntegerField()
        expires_at = BigIntegerField(null=True)
        listed = IntegerField(default=0)
        views = IntegerField(default=0)
        password_hash = CharField(255, null=True)
        card = BlobField(null=True)

        class Meta:
            table_name = "share"
            indexes = ((("subject_id", "created_at"), False), (("listed", "state", "created_at"), False))

    class SharePicture(Base):
        """A picture of a published notebook. Its copies are named by the link and this number."""

        share_id = CharField(ID)
        number = IntegerField()
        image_id = CharField(ID, index=True)
        subject_id = CharField(ID, index=True)

        class Meta:
            table_name = "share_picture"
            primary_key = CompositeKey("share_id", "number")

    class Report(Base):
        """What a visitor told the moderators about a public page. `note` is sealed under the page's public key."""

        id = CharField(ID, primary_key=True)
        share_id = CharField(ID, index=True)
        subject_id = CharField(ID, index=True)
        created_at = BigIntegerField(index=True)
        reason = CharField(32)
        note = BlobField(null=True)
        state = CharField(16)
        claimed_by = CharField(ID, null=True)
        claimed_at = BigIntegerField(null=True)
        image_id = CharField(ID, null=True)
        answer = BlobField(null=True)
        decided_at = BigIntegerField(null=True)

        class Meta:
            table_name = "report"

    class Check(Base):
        """What was measured and judged of a picture: numbers and a label, nothing of what it shows."""

        image_id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        model = CharField(128)
        created_at = BigIntegerField()
        brightness = FloatField()
        spread = FloatField()
        sharpness = FloatField()
        label = CharField(32)
        score = FloatField()
        state = CharField(16)
        appeal = BlobField(null=True)
        claimed_by = CharField(ID, null=True)
        claimed_at = BigIntegerField(null=True)
        answer = BlobField(null=True)
        appeals = IntegerField(default=0)

        class Meta:
            table_name = "image_check"
            indexes = ((("state", "created_at"), False), (("model", "created_at"), False))

    class Flagged(Base):
        """The log of flagged content. No subject, no content: it stays when both are gone."""

        hash = CharField(64)
        label = CharField(32)
        score = FloatField()
        decision = CharField(16)
        at = BigIntegerField(index=True)

        class Meta:
            table_name = "flagged"

    class Consent(Base):
        """A receipt: who agreed to which version of what, when, and when it was taken back."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        purpose = CharField(32)
        version = CharField(32)
        scope = CharField(64)
        locale = CharField(35)
        given_at = BigIntegerField()
        withdrawn_at = BigIntegerField(null=True)

        class Meta:
            table_name = "consent"
            indexes = ((("subject_id", "purpose", "given_at"), False),)

    class Activity(Base):
        subject_id = CharField(ID, primary_key=True)
        active_at = BigIntegerField(index=True)
        warned = IntegerField(default=0)

        class Meta:
            table_name = "activity"

    class Choice(Base):
        """What a person agreed to or took back. Rows are only added."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        purpose = CharField(64)
        version = CharField(32)
        given = IntegerField()
        locale = CharField(35)
        at = BigIntegerField()

        class Meta:
            table_name = "choice"

    class UsageEvent(Base):
        """How often a feature was used on a day, under a pseudonym that only the person's key makes again."""

        id = AutoField()
        pseudonym = CharField(ID)
        feature = CharField(32)
        day = BigIntegerField(index=True)
        count = IntegerField()
        credits = FloatField(default=0)

        class Meta:
            table_name = "usage_event"
            indexes = ((("pseudonym", "feature", "day"), True),)

    class Ticket(Base):
        """A message to us. Its words are sealed, and why it takes longer; `thread` is a keyed hash of its subject."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        kind = CharField(16)
        state = CharField(16)
        thread = CharField(64)
        created_at = BigIntegerField()
        due_at = BigIntegerField(null=True)
        closed_at = BigIntegerField(null=True)
        message = BlobField()
        answer = BlobField(null=True)
        extended = BlobField(null=True)

        class Meta:
            table_name = "ticket"
            indexes = ((("subject_id", "created_at"), False), (("state", "due_at"), False))

    class Notice(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        kind = CharField(32)
        facts = TextField()
        at = BigIntegerField()
        read_at = BigIntegerField(null=True)

        class Meta:
            table_name = "notice"
            indexes = ((("subject_id", "at"), False),)

    class Takeout(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        state = CharField(16)
        created_at = BigIntegerField()
        ready_at = BigIntegerField(null=True)
        expires_at = BigIntegerField(null=True)
        size_bytes = BigIntegerField(null=True)
        digest = CharField(64, null=True)
        pieces = IntegerField(null=True)
        lease_until = BigIntegerField(null=True)

        class Meta:
            table_name = "takeout"

    class Erasure(Base):
        """A deletion on its way, then its tombstone."""

        subject_id = CharField(ID, primary_key=True)
        receipt = CharField(ID, unique=True)
        state = CharField(16)
        step = CharField(16)
        requested_at = BigIntegerField()
        due_at = BigIntegerField()
        verified_at = BigIntegerField(null=True)
        found = TextField()
        lease_until = BigIntegerField(null=True)

        class Meta:
            table_name = "erasure"
            indexes = ((("state", "due_at"), False),)

    class AuditEntry(Base):
        """A link of the chain. Rows are only added."""

        number = IntegerField(primary_key=True)
        at = BigIntegerField()
        actor = CharField(16)
        action = CharField(48)
        subject_id = CharField(ID, null=True, index=True)
        facts = TextField()
        reason = BlobField(null=True)
        hash = CharField(64)

        class Meta:
            table_name = "audit_entry"

    class Sweep(Base):
        name = CharField(32, primary_key=True)
        owner = CharField(64)
        lease_until = BigIntegerField()
        ran_at = BigIntegerField(null=True)

        class Meta:
            table_name = "sweep"

    class PolicyNotice(Base):
        version = IntegerField(primary_key=True)
        noticed_at = BigIntegerField()
        effective_at = BigIntegerField()
        reason = TextField()

        class Meta:
            table_name = "policy_notice"

    made = locals()
    return ContentTables(**{name: made[name] for name in ContentTables.__slots__})

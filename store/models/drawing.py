"""The tables of what people make: jobs, pictures, notebooks, boards, and what they brought for them."""

from __future__ import annotations

from typing import Any

from peewee import BigIntegerField, BlobField, CharField, CompositeKey, Database, FloatField, IntegerField, Model

from store.models.shape import ID, made


def drawing_tables(database: Database) -> dict[str, Any]:
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

    class Started(Base):
        """A job that a visitor started; it stays for a day, whatever becomes of the job."""

        job_id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        at = BigIntegerField(index=True)

        class Meta:
            table_name = "started"

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
        """`refused` is why it could not run when its turn came, until it is changed or tried again."""

        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        notebook_id = CharField(ID)
        place = IntegerField()
        content = BlobField()
        refused = BlobField(null=True)
        changed_at = BigIntegerField(default=0)

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
        changed_at = BigIntegerField(default=0)

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

    return made(locals())

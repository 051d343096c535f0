"""Subjects, jobs, pictures and preferences. A frozen copy: later changes of the models do not reach back here."""

from peewee import BigIntegerField, BlobField, CharField, FloatField, IntegerField, Model

ID = 32


def up(migrator, database):
    class Base(Model):
        pass

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

        class Meta:
            table_name = "image"
            indexes = ((("subject_id", "created_at", "id"), False), (("job_id", "number"), True))

    class DoomedBlob(Base):
        name = CharField(64, primary_key=True)

        class Meta:
            table_name = "doomed_blob"

    class Preference(Base):
        subject_id = CharField(ID, primary_key=True)
        value = BlobField()

        class Meta:
            table_name = "preference"

    database.create_tables([Subject, GuestSession, Job, Image, DoomedBlob, Preference])

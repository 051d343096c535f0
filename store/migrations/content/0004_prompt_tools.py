"""Styles, the history of prompts, and series of jobs. A frozen copy: later changes of models do not reach back."""

from peewee import BigIntegerField, BlobField, CharField, IntegerField, Model

ID = 32


def up(migrator, database):
    class Base(Model):
        pass

    Base._meta.database = database

    class Style(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        created_at = BigIntegerField()
        value = BlobField()

        class Meta:
            table_name = "style"

    class PastPrompt(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        used_at = BigIntegerField()
        uses = IntegerField()
        value = BlobField()

        class Meta:
            table_name = "past_prompt"
            indexes = ((("subject_id", "used_at"), False),)

    class Series(Base):
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

    database.create_tables([Style, PastPrompt, Series, SeriesJob])

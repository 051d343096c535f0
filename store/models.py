"""The tables. Made for one open database, so that two stores never share a connection. No row leaves this folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import (
    BigIntegerField,
    BlobField,
    CharField,
    CompositeKey,
    Database,
    FloatField,
    IntegerField,
    Model,
)

ID = 32  # characters of a random id in hex


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


def content_tables(database: Database) -> ContentTables:
    """Times are microseconds since 1970. `draft`, `facts`, `reason` and `value` are sealed: see the vault."""

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

    return ContentTables(Subject, GuestSession, Job, Image, DoomedBlob, Preference, Input, InputUse)


@dataclass(frozen=True, slots=True)
class KeyTables:
    DataKey: Any


def key_tables(database: Database) -> KeyTables:
    class DataKey(Model):
        subject_id = CharField(ID)
        kind = CharField(16)
        ring_key = IntegerField()
        wrapped = BlobField()

        class Meta:
            table_name = "data_key"
            primary_key = CompositeKey("subject_id", "kind")

    DataKey._meta.database = database
    return KeyTables(DataKey)

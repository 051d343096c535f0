"""The tables of the keys database: what opens the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import BigIntegerField, BlobField, CharField, CompositeKey, Database, IntegerField, Model

from store.models.shape import ID


@dataclass(frozen=True, slots=True)
class KeyTables:
    DataKey: Any
    Link: Any
    BackupKey: Any


def key_tables(database: Database) -> KeyTables:
    class DataKey(Model):
        subject_id = CharField(ID)
        kind = CharField(16)
        ring_key = IntegerField()
        wrapped = BlobField()

        class Meta:
            table_name = "data_key"
            primary_key = CompositeKey("subject_id", "kind")

    class Link(Model):
        """Which account has which subject: the only row anywhere that says so."""

        account_id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, unique=True)

        class Meta:
            table_name = "link"

    class BackupKey(Model):
        """Opens one backup until it expires; then the row goes, and nothing opens it any more."""

        id = CharField(ID, primary_key=True)
        made_at = BigIntegerField()
        expires_at = BigIntegerField(index=True)
        ring_key = IntegerField()
        wrapped = BlobField()

        class Meta:
            table_name = "backup_key"

    DataKey._meta.database = Link._meta.database = BackupKey._meta.database = database
    return KeyTables(DataKey, Link, BackupKey)

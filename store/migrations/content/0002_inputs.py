"""Uploaded pictures and painted masks, and who needs them. A frozen copy, as in the migration before."""

from peewee import BigIntegerField, CharField, CompositeKey, IntegerField, Model

ID = 32


def up(migrator, database):
    class Base(Model):
        pass

    Base._meta.database = database

    class Input(Base):
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
        input_id = CharField(ID)
        holder_id = CharField(ID, index=True)
        holder = CharField(16)

        class Meta:
            table_name = "input_use"
            primary_key = CompositeKey("input_id", "holder_id")

    database.create_tables([Input, InputUse])

"""Since when each use of data is known here. A frozen copy, apart from the models."""

from peewee import BigIntegerField, CharField, CompositeKey, Model


def up(migrator, database):
    class DataUse(Model):
        purpose = CharField(64)
        version = CharField(32)
        since = BigIntegerField()

        class Meta:
            table_name = "data_use"
            primary_key = CompositeKey("purpose", "version")

    DataUse._meta.database = database
    database.create_tables([DataUse])

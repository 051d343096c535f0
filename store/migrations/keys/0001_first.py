"""The wrapped data keys. A frozen copy: later changes of the models do not reach back here."""

from peewee import BlobField, CharField, CompositeKey, IntegerField, Model


def up(migrator, database):
    class DataKey(Model):
        subject_id = CharField(32)
        kind = CharField(16)
        ring_key = IntegerField()
        wrapped = BlobField()

        class Meta:
            table_name = "data_key"
            primary_key = CompositeKey("subject_id", "kind")

    DataKey._meta.database = database
    database.create_tables([DataKey])

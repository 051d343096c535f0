"""The keys of backups. A frozen copy: later changes of the models do not reach back here."""

from peewee import BigIntegerField, BlobField, CharField, IntegerField, Model


def up(migrator, database):
    class BackupKey(Model):
        id = CharField(32, primary_key=True)
        made_at = BigIntegerField()
        expires_at = BigIntegerField(index=True)
        ring_key = IntegerField()
        wrapped = BlobField()

        class Meta:
            table_name = "backup_key"

    BackupKey._meta.database = database
    database.create_tables([BackupKey])

"""Jobs that a visitor started, by their moment: what a day's allowance counts."""

from peewee import BigIntegerField, CharField, Model


def up(migrator, database):
    class Started(Model):
        job_id = CharField(32, primary_key=True)
        subject_id = CharField(32, index=True)
        at = BigIntegerField(index=True)

        class Meta:
            table_name = "started"

    Started._meta.database = database
    database.create_tables([Started])

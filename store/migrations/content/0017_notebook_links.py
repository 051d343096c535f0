"""A public link may show a whole notebook, with a copy of each of its pictures."""

from peewee import CharField, CompositeKey, IntegerField, Model


def up(migrator, database):
    class SharePicture(Model):
        share_id = CharField(32)
        number = IntegerField()
        image_id = CharField(32, index=True)
        subject_id = CharField(32, index=True)

        class Meta:
            table_name = "share_picture"
            primary_key = CompositeKey("share_id", "number")

    SharePicture._meta.database = database
    database.create_tables([SharePicture])
    migrator.migrate(migrator.add_column("share", "notebook_id", CharField(32, null=True)))

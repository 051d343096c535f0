"""Which account has which subject. A frozen copy: later changes of the models do not reach back here."""

from peewee import CharField, Model


def up(migrator, database):
    class Link(Model):
        account_id = CharField(32, primary_key=True)
        subject_id = CharField(32, unique=True)

        class Meta:
            table_name = "link"

    Link._meta.database = database
    database.create_tables([Link])

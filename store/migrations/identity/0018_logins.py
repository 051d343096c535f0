"""Sign-ins with another service. A frozen copy, apart from the models."""

from peewee import BigIntegerField, BlobField, CharField, Model

ID = 32


def up(migrator, database):
    class Login(Model):
        id = CharField(ID, primary_key=True)
        account_id = CharField(ID, index=True)
        issuer = CharField(255)
        subject = BlobField()
        subject_index = CharField(64, unique=True)
        created_at = BigIntegerField()

        class Meta:
            table_name = "login"

    Login._meta.database = database
    database.create_tables([Login])

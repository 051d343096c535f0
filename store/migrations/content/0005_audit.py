"""The audit log. A frozen copy: later changes of the models do not reach back here."""

from peewee import BigIntegerField, BlobField, CharField, IntegerField, Model, TextField

ID = 32


def up(migrator, database):
    class Base(Model):
        pass

    Base._meta.database = database

    class AuditEntry(Base):
        number = IntegerField(primary_key=True)
        at = BigIntegerField()
        actor = CharField(16)
        action = CharField(48)
        subject_id = CharField(ID, null=True, index=True)
        facts = TextField()
        reason = BlobField(null=True)
        hash = CharField(64)

        class Meta:
            table_name = "audit_entry"

    database.create_tables([AuditEntry])

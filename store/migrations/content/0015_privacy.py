"""Activity, choices, usage, messages, notices, downloads, deletions. A frozen copy, apart from the models."""

from peewee import AutoField, BigIntegerField, BlobField, CharField, FloatField, IntegerField, Model, TextField

ID = 32


def up(migrator, database):
    class Base(Model):
        pass

    Base._meta.database = database

    class Activity(Base):
        subject_id = CharField(ID, primary_key=True)
        active_at = BigIntegerField(index=True)
        warned = IntegerField(default=0)

        class Meta:
            table_name = "activity"

    class Choice(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        purpose = CharField(64)
        version = CharField(32)
        given = IntegerField()
        locale = CharField(35)
        at = BigIntegerField()

        class Meta:
            table_name = "choice"

    class UsageEvent(Base):
        id = AutoField()
        pseudonym = CharField(ID)
        feature = CharField(32)
        day = BigIntegerField(index=True)
        count = IntegerField()
        credits = FloatField(default=0)

        class Meta:
            table_name = "usage_event"
            indexes = ((("pseudonym", "feature", "day"), True),)

    class Ticket(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        kind = CharField(16)
        state = CharField(16)
        thread = CharField(64)
        created_at = BigIntegerField()
        due_at = BigIntegerField(null=True)
        closed_at = BigIntegerField(null=True)
        message = BlobField()
        answer = BlobField(null=True)

        class Meta:
            table_name = "ticket"
            indexes = ((("subject_id", "created_at"), False), (("state", "due_at"), False))

    class Notice(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        kind = CharField(32)
        facts = TextField()
        at = BigIntegerField()
        read_at = BigIntegerField(null=True)

        class Meta:
            table_name = "notice"
            indexes = ((("subject_id", "at"), False),)

    class Takeout(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        state = CharField(16)
        created_at = BigIntegerField()
        ready_at = BigIntegerField(null=True)
        expires_at = BigIntegerField(null=True)
        size_bytes = BigIntegerField(null=True)
        digest = CharField(64, null=True)
        pieces = IntegerField(null=True)
        lease_until = BigIntegerField(null=True)

        class Meta:
            table_name = "takeout"

    class Erasure(Base):
        subject_id = CharField(ID, primary_key=True)
        receipt = CharField(ID, unique=True)
        state = CharField(16)
        step = CharField(16)
        requested_at = BigIntegerField()
        due_at = BigIntegerField()
        verified_at = BigIntegerField(null=True)
        found = TextField()
        lease_until = BigIntegerField(null=True)

        class Meta:
            table_name = "erasure"
            indexes = ((("state", "due_at"), False),)

    class Sweep(Base):
        name = CharField(32, primary_key=True)
        owner = CharField(64)
        lease_until = BigIntegerField()
        ran_at = BigIntegerField(null=True)

        class Meta:
            table_name = "sweep"

    class PolicyNotice(Base):
        version = IntegerField(primary_key=True)
        noticed_at = BigIntegerField()
        effective_at = BigIntegerField()
        reason = TextField()

        class Meta:
            table_name = "policy_notice"

    database.create_tables([Activity, Choice, UsageEvent, Ticket, Notice, Takeout, Erasure, Sweep, PolicyNotice])

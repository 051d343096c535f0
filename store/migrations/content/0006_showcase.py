"""Public links, reports, what was measured of pictures, the log of flagged content, consents. A frozen copy."""

from peewee import BigIntegerField, BlobField, CharField, FloatField, IntegerField, Model

ID = 32


def up(migrator, database):
    class Base(Model):
        pass

    Base._meta.database = database

    class Share(Base):
        id = CharField(ID, primary_key=True)
        token_hash = CharField(64, unique=True)
        subject_id = CharField(ID)
        image_id = CharField(ID, index=True)
        state = CharField(16)
        created_at = BigIntegerField()
        expires_at = BigIntegerField(null=True)
        listed = IntegerField(default=0)
        views = IntegerField(default=0)
        password_hash = CharField(255, null=True)
        card = BlobField(null=True)

        class Meta:
            table_name = "share"
            indexes = ((("subject_id", "created_at"), False), (("listed", "state", "created_at"), False))

    class Report(Base):
        id = CharField(ID, primary_key=True)
        share_id = CharField(ID, index=True)
        subject_id = CharField(ID, index=True)
        created_at = BigIntegerField(index=True)
        reason = CharField(32)
        note = BlobField(null=True)
        state = CharField(16)

        class Meta:
            table_name = "report"

    class Check(Base):
        image_id = CharField(ID, primary_key=True)
        subject_id = CharField(ID, index=True)
        model = CharField(128)
        created_at = BigIntegerField()
        brightness = FloatField()
        spread = FloatField()
        sharpness = FloatField()
        label = CharField(32)
        score = FloatField()
        state = CharField(16)
        appeal = BlobField(null=True)

        class Meta:
            table_name = "image_check"
            indexes = ((("state", "created_at"), False), (("model", "created_at"), False))

    class Flagged(Base):
        hash = CharField(64)
        label = CharField(32)
        score = FloatField()
        decision = CharField(16)
        at = BigIntegerField(index=True)

        class Meta:
            table_name = "flagged"

    class Consent(Base):
        id = CharField(ID, primary_key=True)
        subject_id = CharField(ID)
        purpose = CharField(32)
        version = CharField(32)
        scope = CharField(64)
        locale = CharField(35)
        given_at = BigIntegerField()
        withdrawn_at = BigIntegerField(null=True)

        class Meta:
            table_name = "consent"
            indexes = ((("subject_id", "purpose", "given_at"), False),)

    database.create_tables([Share, Report, Check, Flagged, Consent])

"""The tables of what stands about a person beside what they make: public links, checks, choices, notices, the log."""

from __future__ import annotations

from typing import Any

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    CharField,
    CompositeKey,
    Database,
    FloatField,
    IntegerField,
    Model,
    TextField,
)

from store.models.shape import ID, made


def standing_tables(database: Database) -> dict[str, Any]:
    class Base(Model):
        class Meta:
            database = None

    Base._meta.database = database

    class Share(Base):
        """A public link. `token_hash` finds it; `card` is what its page says, sealed under the public key.

        `state` is "live" or "withdrawn"; a withdrawn one keeps its hash alone, so that its address says 410.
        """

        id = CharField(ID, primary_key=True)
        token_hash = CharField(64, unique=True)
        subject_id = CharField(ID)
        image_id = CharField(ID, index=True)
        notebook_id = CharField(ID, null=True)
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

    class SharePicture(Base):
        """A picture of a published notebook. Its copies are named by the link and this number."""

        share_id = CharField(ID)
        number = IntegerField()
        image_id = CharField(ID, index=True)
        subject_id = CharField(ID, index=True)

        class Meta:
            table_name = "share_picture"
            primary_key = CompositeKey("share_id", "number")

    class Report(Base):
        """What a visitor told the moderators about a public page. `note` is sealed under the page's public key."""

        id = CharField(ID, primary_key=True)
        share_id = CharField(ID, index=True)
        subject_id = CharField(ID, index=True)
        created_at = BigIntegerField(index=True)
        reason = CharField(32)
        note = BlobField(null=True)
        state = CharField(16)
        claimed_by = CharField(ID, null=True)
        claimed_at = BigIntegerField(null=True)
        image_id = CharField(ID, null=True)
        answer = BlobField(null=True)
        decided_at = BigIntegerField(null=True)

        class Meta:
            table_name = "report"

    class Check(Base):
        """What was measured and judged of a picture: numbers and a label, nothing of what it shows."""

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
        claimed_by = CharField(ID, null=True)
        claimed_at = BigIntegerField(null=True)
        answer = BlobField(null=True)
        appeals = IntegerField(default=0)

        class Meta:
            table_name = "image_check"
            indexes = ((("state", "created_at"), False), (("model", "created_at"), False))

    class Flagged(Base):
        """The log of flagged content. No subject, no content: it stays when both are gone."""

        hash = CharField(64)
        label = CharField(32)
        score = FloatField()
        decision = CharField(16)
        at = BigIntegerField(index=True)

        class Meta:
            table_name = "flagged"

    class Consent(Base):
        """A receipt: who agreed to which version of what, when, and when it was taken back."""

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

    class Activity(Base):
        subject_id = CharField(ID, primary_key=True)
        active_at = BigIntegerField(index=True)
        warned = IntegerField(default=0)

        class Meta:
            table_name = "activity"

    class Choice(Base):
        """What a person agreed to or took back. Rows are only added."""

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
        """How often a feature was used on a day, under a pseudonym that only the person's key makes again."""

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
        """A message to us. Its words are sealed, and why it takes longer; `thread` is a keyed hash of its subject."""

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
        extended = BlobField(null=True)

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
        """A deletion on its way, then its tombstone. `asked` is 0 for a guest whose time was over: nobody holds its
        receipt."""

        subject_id = CharField(ID, primary_key=True)
        receipt = CharField(ID, unique=True)
        state = CharField(16)
        step = CharField(16)
        requested_at = BigIntegerField()
        due_at = BigIntegerField()
        verified_at = BigIntegerField(null=True)
        found = TextField()
        lease_until = BigIntegerField(null=True)
        asked = IntegerField(default=1)

        class Meta:
            table_name = "erasure"
            indexes = ((("state", "due_at"), False),)

    class AuditEntry(Base):
        """A link of the chain. Rows are only added."""

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

    class DataUse(Base):
        """Since when this home knows a use of data; 0 for those that it began with."""

        purpose = CharField(64)
        version = CharField(32)
        since = BigIntegerField()

        class Meta:
            table_name = "data_use"
            primary_key = CompositeKey("purpose", "version")

    return made(locals())

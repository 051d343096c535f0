"""The tables of the identity database: who people are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from peewee import BigIntegerField, BlobField, BooleanField, CharField, CompositeKey, Database, IntegerField, Model

from store.models.shape import ID


@dataclass(frozen=True, slots=True)
class IdentityTables:
    Account: Any
    Session: Any
    Ticket: Any
    RecoveryCode: Any
    Attempt: Any
    Switch: Any
    Receipt: Any
    Letter: Any
    Login: Any


def identity_tables(database: Database) -> IdentityTables:
    """Who people are. Names and addresses are sealed; `*_index` are keyed hashes that find them again.

    No subject id is here: which account has which subject is a row of the keys database.
    """

    class Base(Model):
        class Meta:
            database = None

    Base._meta.database = database

    class Account(Base):
        id = CharField(ID, primary_key=True)
        name = BlobField()
        email = BlobField()
        username = BlobField()
        email_index = CharField(64, unique=True)
        username_index = CharField(64, unique=True)
        password_hash = CharField(255)
        role = CharField(16)
        premium = BooleanField(default=False)
        verified_at = BigIntegerField(null=True)
        created_at = BigIntegerField(index=True)
        active_at = BigIntegerField(index=True)
        locale = CharField(35)
        totp_secret = BlobField(null=True)
        totp_since = BigIntegerField(null=True)
        totp_used = BigIntegerField(default=0)

        class Meta:
            table_name = "account"

    class Session(Base):
        id = CharField(ID, primary_key=True)
        token_hash = CharField(64, unique=True)
        account_id = CharField(ID, index=True)
        created_at = BigIntegerField()
        seen_at = BigIntegerField(index=True)
        expires_at = BigIntegerField(index=True)
        confirmed_at = BigIntegerField()
        second_factor = BooleanField(default=False)
        browser = CharField(64, default="")
        system = CharField(64, default="")
        device = CharField(64, default="")
        address = BlobField(null=True)
        address_cut = BooleanField(default=False)

        class Meta:
            table_name = "session"

    class Ticket(Base):
        """A single-use right that a link or a form carries: its token's hash, and what it is for."""

        token_hash = CharField(64, primary_key=True)
        account_id = CharField(ID, index=True)
        purpose = CharField(32)
        expires_at = BigIntegerField(index=True)
        value = BlobField(null=True)

        class Meta:
            table_name = "ticket"

    class RecoveryCode(Base):
        code_hash = CharField(64, primary_key=True)
        account_id = CharField(ID, index=True)

        class Meta:
            table_name = "recovery_code"

    class Attempt(Base):
        """Wrong sign-ins by what was typed, as a keyed hash: the same rows for names that exist and that do not."""

        name_index = CharField(64, primary_key=True)
        failures = IntegerField(default=0)
        since = BigIntegerField(index=True)
        locked_until = BigIntegerField(default=0)

        class Meta:
            table_name = "attempt"

    class Switch(Base):
        account_id = CharField(ID)
        kind = CharField(32)
        wanted = BooleanField()

        class Meta:
            table_name = "switch"
            primary_key = CompositeKey("account_id", "kind")

    class Receipt(Base):
        """What a person agreed to or took back: purpose, version, language, moment. Rows are only added."""

        id = CharField(ID, primary_key=True)
        account_id = CharField(ID, index=True)
        purpose = CharField(64)
        version = CharField(32)
        given = BooleanField()
        locale = CharField(35)
        at = BigIntegerField()
        how = CharField(8, default="box")

        class Meta:
            table_name = "receipt"

    class Letter(Base):
        """The outbox. `sealed` is emptied when the mail is sent; `event` is unique, so that each is mailed once."""

        id = CharField(ID, primary_key=True)
        event = CharField(128, unique=True)
        account_id = CharField(ID, null=True, index=True)
        kind = CharField(32)
        ring_key = IntegerField()
        sealed = BlobField(null=True)
        created_at = BigIntegerField(index=True)
        due_at = BigIntegerField()
        attempts = IntegerField(default=0)
        state = CharField(16, default="waiting")
        done_at = BigIntegerField(null=True)
        lease_until = BigIntegerField(default=0)

        class Meta:
            table_name = "letter"
            indexes = ((("state", "due_at"), False),)

    class Login(Base):
        """A person as another service knows them. `subject` is its number for them, sealed."""

        id = CharField(ID, primary_key=True)
        account_id = CharField(ID, index=True)
        issuer = CharField(255)
        subject = BlobField()
        subject_index = CharField(64, unique=True)
        created_at = BigIntegerField()

        class Meta:
            table_name = "login"

    return IdentityTables(Account, Session, Ticket, RecoveryCode, Attempt, Switch, Receipt, Letter, Login)

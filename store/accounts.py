"""Who people are: sealed names and addresses, found again by keyed hashes. Knows no session and no picture."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from policies.accounts import folded
from policies.actor import Role
from store.backend import Backend
from store.blobs import Missing
from store.keys import KeyGone
from store.logins import Logins
from store.models import IdentityTables, upsert
from store.moments import micros, moment, moment_or_none
from store.vault import Vault


class Taken(Exception):
    """Another account has this address or username; `field` says which."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field}: is taken")
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a person tells about themselves: this and nothing more. `email` is empty for who signs in elsewhere and
    gave none."""

    name: str
    email: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Profile):
    id: str
    subject_id: str
    role: Role
    premium: bool
    locale: str
    created_at: datetime
    active_at: datetime
    verified_at: datetime | None
    totp_since: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What every request needs to know of an account, without opening anything sealed."""

    subject_id: str
    role: Role
    premium: bool
    verified: bool


SEALED = ("name", "email", "username")


class Accounts:
    def __init__(self, database: Backend, tables: IdentityTables, vault: Vault) -> None:
        self._db = database
        self._tables = tables
        self._rows = tables.Account
        self._vault = vault
        self._links = vault.keys.links
        self.logins = Logins(tables, vault)

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is written to the identity database inside happens, or none of it."""
        with self._db.atomic("IMMEDIATE"):
            yield

    def add(self, subject_id: str, profile: Profile, password_hash: str, locale: str, now: datetime) -> Account:
        """Raises Taken. The link to the subject is written first: a crash leaves one that leads nowhere."""
        self._free_of_dead_ends(subject_id)
        account_id = uuid.uuid4().hex
        self._links.tie(account_id, subject_id)
        row = self._sealed(subject_id, account_id, profile) | {
            "id": account_id,
            "password_hash": password_hash,
            "role": "user",
            "locale": locale,
            "created_at": micros(now),
            "active_at": micros(now),
        }
        try:
            with self.together():
                self._refuse_taken(profile, account_id)
                self._rows.insert(row).execute()
        except Taken:
            self._links.cut(account_id)
            raise
        return self.get(account_id)

    def get(self, account_id: str) -> Account:
        """Raises Missing."""
        row = self._rows.get_or_none(self._rows.id == account_id)
        if row is None:
            raise Missing(f"account: there is no {account_id!r}")
        return self._account(row)

    def alive(self, account_id: str) -> Account | None:
        """None for one that is gone, or whose keys were destroyed: its row is about to go."""
        try:
            return self.get(account_id)
        except (Missing, KeyGone):
            return None

    def alive_of(self, subject_id: str) -> Account | None:
        """None also when the subject has no account."""
        account_id = self.id_of(subject_id)
        return self.alive(account_id) if account_id is not None else None

    def of_subject(self, subject_id: str) -> Account:
        """Raises Missing when the subject has no account."""
        account_id = self._links.account_of(subject_id)
        if account_id is None:
            raise Missing("account: this visitor has none")
        return self.get(account_id)

    def id_of(self, subject_id: str) -> str | None:
        """None when the subject has no account. Opens nothing."""
        return self._links.account_of(subject_id)

    def of_email(self, email: str) -> Account | None:
        return self._by_index("email", email)

    def named(self, typed: str) -> Account | None:
        """By address or username."""
        return self._by_index("email" if "@" in typed else "username", typed)

    def credentials(self, typed: str) -> tuple[str, str | None] | None:
        """Account id and password hash by address or username, as a person signs in: one look, nothing opened.

        The hash is None for who has no password and signs in elsewhere.
        """
        row = self._row_by_index("email" if "@" in typed else "username", typed)
        return (row.id, row.password_hash or None) if row is not None else None

    def standing(self, account_id: str) -> Standing | None:
        row = self._rows.get_or_none(self._rows.id == account_id)
        try:
            subject_id = self._links.subject_of(account_id)
        except KeyGone:
            return None
        if row is None:
            return None
        return Standing(subject_id, row.role, bool(row.premium), row.verified_at is not None)

    def touch(self, account_id: str, now: datetime) -> None:
        """The person was here."""
        self._rows.update(active_at=micros(now)).where(self._rows.id == account_id).execute()

    def update(self, account: Account, **values: Any) -> Account:
        """`name`, `email` and `username` are sealed again; moments become numbers. Raises Taken."""
        sealed = {field: values.pop(field) for field in SEALED if field in values}
        row = {key: micros(value) if isinstance(value, datetime) else value for key, value in values.items()}
        with self.together():
            if sealed:
                profile = Profile(**({field: getattr(account, field) for field in SEALED} | sealed))
                self._refuse_taken(profile, account.id)
                row |= self._sealed(account.subject_id, account.id, profile)
            if row:
                self._rows.update(row).where(self._rows.id == account.id).execute()
        return self.get(account.id)

    def remove(self, account_id: str) -> None:
        """The account's rows of this database, and the link. Its content and keys are other stores' work."""
        with self.together():
            for table in (self._tables.Session, self._tables.Ticket, self._tables.RecoveryCode, self._tables.Switch):
                table.delete().where(table.account_id == account_id).execute()
            for table in (self._tables.Receipt, self._tables.Letter, self._tables.Login):
                table.delete().where(table.account_id == account_id).execute()
            self._rows.delete().where(self._rows.id == account_id).execute()
        self._links.cut(account_id)

    def remove_left(self) -> int:
        """Rows that an older copy brought back of people who left: their link is gone. Answers how many accounts."""
        gone = 0
        for account_id in self.all_ids():
            try:
                self._links.subject_of(account_id)
            except KeyGone:
                self.remove(account_id)
                gone += 1
        return gone

    def password_hash(self, account_id: str) -> str | None:
        """None for who signs in elsewhere."""
        return self._column(account_id, "password_hash") or None

    def all_ids(self) -> tuple[str, ...]:
        return tuple(row.id for row in self._rows.select(self._rows.id).order_by(self._rows.created_at))

    def unverified(self, before: datetime) -> tuple[str, ...]:
        """Accounts whose address nobody confirmed, made before that moment."""
        rows = self._rows.select(self._rows.id).where(
            self._rows.verified_at.is_null(), self._rows.created_at < micros(before)
        )
        return tuple(row.id for row in rows)

    def switches(self, account_id: str) -> dict[str, bool]:
        table = self._tables.Switch
        return {row.kind: bool(row.wanted) for row in table.select().where(table.account_id == account_id)}

    def set_switch(self, account_id: str, kind: str, wanted: bool) -> None:
        upsert(self._tables.Switch, account_id=account_id, kind=kind, wanted=wanted)

    # The second factor

    def totp_secret(self, account: Account) -> str | None:
        sealed = self._column(account.id, "totp_secret")
        if sealed is None:
            return None
        return self._vault.open_text(account.subject_id, account.id, "totp_secret", bytes(sealed), "pii")

    def set_totp(self, account: Account, secret: str | None, since: datetime | None) -> None:
        """A secret without `since` was offered and not confirmed yet."""
        sealed = None
        if secret is not None:
            sealed = self._vault.seal_text(account.subject_id, account.id, "totp_secret", secret, "pii")
        values = {"totp_secret": sealed, "totp_since": micros(since) if since else None, "totp_used": 0}
        self._rows.update(values).where(self._rows.id == account.id).execute()

    def use_totp(self, account_id: str, step: int) -> bool:
        """A code's time step counts once: False when it, or a later one, was used before."""
        rows = self._rows.update(totp_used=step).where(self._rows.id == account_id, self._rows.totp_used < step)
        return bool(rows.execute())

    def set_recovery_codes(self, account_id: str, hashes: list[str]) -> None:
        table = self._tables.RecoveryCode
        with self.together():
            table.delete().where(table.account_id == account_id).execute()
            if hashes:
                table.insert_many([{"code_hash": hashed, "account_id": account_id} for hashed in hashes]).execute()

    def use_recovery_code(self, account_id: str, hashed: str) -> bool:
        table = self._tables.RecoveryCode
        return bool(table.delete().where(table.account_id == account_id, table.code_hash == hashed).execute())

    def recovery_codes_left(self, account_id: str) -> int:
        table = self._tables.RecoveryCode
        return int(table.select().where(table.account_id == account_id).count())

    # Rows

    def _account(self, row: Any) -> Account:
        subject_id = self._links.subject_of(row.id)
        opened = {
            field: self._vault.open_text(subject_id, row.id, field, bytes(getattr(row, field)), "pii")
            for field in SEALED
        }
        return Account(
            id=row.id,
            subject_id=subject_id,
            role=row.role,
            premium=bool(row.premium),
            locale=row.locale,
            created_at=moment(row.created_at),
            active_at=moment(row.active_at),
            verified_at=moment_or_none(row.verified_at),
            totp_since=moment_or_none(row.totp_since),
            **opened,
        )

    def index_anew(self) -> int:
        """Hashes of addresses and usernames by the newest key of the ring; answers how many accounts changed."""
        changed = 0
        with self.together():
            for row in list(self._rows.select()):
                with suppress(KeyGone):  # without its keys a row is about to go
                    wanted = self._indexes(row.id, self._account(row))
                    if any(getattr(row, name) != value for name, value in wanted.items()):
                        self._rows.update(wanted).where(self._rows.id == row.id).execute()
                        changed += 1
            self.logins.index_anew()
        return changed

    def forget_deleted(self) -> None:
        """Nothing of what was changed stays in the files."""
        self._db.forget_deleted()

    def _indexes(self, account_id: str, profile: Profile) -> dict[str, str]:
        """Who has no address is found by none: the hash is of something that nobody can type."""
        index = self._vault.keys.index
        email = folded(profile.email) or f"\0none {account_id}"
        username = folded(profile.username)
        return {"email_index": index("email", email)[0], "username_index": index("username", username)[0]}

    def _sealed(self, subject_id: str, account_id: str, profile: Profile) -> dict[str, Any]:
        row: dict[str, Any] = {
            field: self._vault.seal_text(subject_id, account_id, field, getattr(profile, field), "pii")
            for field in SEALED
        }
        return row | self._indexes(account_id, profile)

    def _by_index(self, field: str, value: str) -> Account | None:
        row = self._row_by_index(field, value)
        try:
            return self._account(row) if row is not None else None
        except KeyGone:  # its keys were destroyed and its row is about to go
            return None

    def _row_by_index(self, field: str, value: str) -> Any:
        column = getattr(self._rows, f"{field}_index")
        return self._rows.get_or_none(column.in_(self._vault.keys.index(field, folded(value))))

    def _refuse_taken(self, profile: Profile, account_id: str) -> None:
        for field in ("email", "username"):
            value = getattr(profile, field)
            row = self._row_by_index(field, value) if value else None
            if row is not None and row.id != account_id:
                raise Taken(field)

    def _free_of_dead_ends(self, subject_id: str) -> None:
        """A sign-up that died half way left a link to an account that never was."""
        dead = self._links.account_of(subject_id)
        if dead is not None and self._rows.get_or_none(self._rows.id == dead) is None:
            self._links.cut(dead)

    def _column(self, account_id: str, column: str) -> Any:
        row = self._rows.get_or_none(self._rows.id == account_id)
        if row is None:
            raise Missing(f"account: there is no {account_id!r}")
        return getattr(row, column)



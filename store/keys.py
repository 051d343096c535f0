"""The key ring outside the databases, and the data keys of each subject, wrapped by it. Knows no content."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from store.backend import Backend
from store.files import write_atomic
from store.models import KeyTables, key_tables, upsert
from store.settings import PREFIX, SettingsError

KEY_BYTES = 32
LINKS = b"unsubscribe"  # the purpose of the key that signs links in mail
AT_ONCE = 500
KEY_ID_BYTES = 8

KeyKind = Literal["content", "pii", "public"]
KINDS: tuple[KeyKind, ...] = get_args(KeyKind)

DESTROYED = b""  # stands where the wrapped key stood


class KeyGone(Exception):
    """There is no such data key, or it was destroyed: what it sealed can never be read again."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Wrapping keys by version; the newest wraps, all unwrap. More than one while a rotation is under way.

    Of a retired one only the key that signed links in old mail is left: they must work as long as the mail.
    """

    keys: dict[int, bytes]
    retired: dict[int, bytes] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path, *, first_start: bool = True) -> KeyRing:
        """Reads the ring of the data folder; the first start makes it, readable by its owner alone.

        Raises SettingsError when it is damaged, or gone from a folder that was in use: a new one would open nothing.
        """
        if not path.exists() and first_start:
            with suppress(FileExistsError):  # two first starts at once: one ring wins, both read it
                write_atomic(path, cls({1: secrets.token_bytes(KEY_BYTES)})._packed(), once=True)
        try:
            kept = json.loads(path.read_bytes())
            ring = cls(unpacked(kept["keys"]), unpacked(kept.get("retired", {})))
        except FileNotFoundError as error:
            raise not_ours(path, "is gone") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise not_ours(path, "is not a key ring") from error
        return ring

    def save(self, path: Path) -> None:
        """Over the one that is there. What a killed writer left beside it goes: it may hold a retired key."""
        write_atomic(path, self._packed())
        for left in path.parent.glob(f".{path.name}.*"):
            left.unlink()

    def with_new(self) -> KeyRing:
        return KeyRing(self.keys | {self.newest + 1: secrets.token_bytes(KEY_BYTES)}, self.retired)

    def with_newest_alone(self) -> KeyRing:
        old = {version: self.derive(version, LINKS) for version in self.keys if version != self.newest}
        return KeyRing({self.newest: self.keys[self.newest]}, self.retired | old)

    def link_keys(self) -> tuple[bytes, ...]:
        """What signs links in mail, the newest first."""
        living = {version: self.derive(version, LINKS) for version in self.keys}
        return tuple(key for _, key in sorted((self.retired | living).items(), reverse=True))

    def _packed(self) -> bytes:
        return json.dumps({"format": 1, "keys": packed(self.keys), "retired": packed(self.retired)}, indent=2).encode()

    @property
    def newest(self) -> int:
        return max(self.keys)

    def derive(self, version: int, purpose: bytes) -> bytes:
        """A key of the home itself, for what belongs to no single subject. Raises KeyGone for an unknown version."""
        try:
            return HKDF(SHA256(), KEY_BYTES, None, purpose).derive(self.keys[version])
        except KeyError as error:
            raise KeyGone(f"key ring: there is no version {version}") from error


def packed(keys: dict[int, bytes]) -> dict[str, str]:
    return {str(version): base64.b64encode(key).decode() for version, key in keys.items()}


def unpacked(keys: dict[str, str]) -> dict[int, bytes]:
    return {int(version): base64.b64decode(key) for version, key in keys.items()}


def not_ours(ring: Path, what: str) -> SettingsError:
    return SettingsError(
        f"{PREFIX}DATA: {str(ring.parent)!r} cannot be read, because {ring.name} in it {what}. "
        "Expected the file that its first start made: without it the pictures stay sealed."
    )


@dataclass(frozen=True, repr=False)
class DataKey:
    """One subject's 256-bit key. Nothing is sealed with it directly: each purpose derives a key of its own."""

    secret: bytes

    @cached_property
    def id(self) -> bytes:
        """Tells keys apart and says nothing about them."""
        return self.derive(b"id")[:KEY_ID_BYTES]

    @cached_property
    def field_cipher(self) -> AESGCM:
        return AESGCM(self.derive(b"field"))

    def derive(self, purpose: bytes, salt: bytes | None = None) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt, purpose).derive(self.secret)


def open_keys(database: Backend, path: Path) -> Keys:
    """The ring and the wrapped keys of a data folder, tried on each other. Raises SettingsError."""
    tables = key_tables(database)
    sample = tables.DataKey.select().where(tables.DataKey.wrapped != DESTROYED).first()
    keys = Keys(KeyRing.open(path, first_start=sample is None), path, database, tables)
    if sample is not None:
        try:
            keys.of(sample.subject_id, sample.kind)
        except KeyGone as error:
            raise not_ours(path, "does not open its keys") from error
    return keys


class Links:
    """Which account has which subject. Nothing else ties a name to what it made."""

    def __init__(self, tables: KeyTables) -> None:
        self._rows = tables.Link

    def tie(self, account_id: str, subject_id: str) -> None:
        self._rows.insert(account_id=account_id, subject_id=subject_id).execute()

    def cut(self, account_id: str) -> None:
        self._rows.delete().where(self._rows.account_id == account_id).execute()

    def subject_of(self, account_id: str) -> str:
        """Raises KeyGone: an account without a subject is one whose keys are gone."""
        row = self._rows.get_or_none(self._rows.account_id == account_id)
        if row is None:
            raise KeyGone(f"account {account_id}: no subject")
        return str(row.subject_id)

    def account_of(self, subject_id: str) -> str | None:
        row = self._rows.get_or_none(self._rows.subject_id == subject_id)
        return row.account_id if row else None


class Keys:
    """Data keys, made on first use, kept in memory once unwrapped. Thread-safe."""

    def __init__(self, ring: KeyRing, path: Path, database: Backend, tables: KeyTables) -> None:
        self.ring = ring
        self._path = path
        self.links = Links(tables)
        self._db = database
        self._rows = tables.DataKey
        self._known: dict[tuple[str, str], DataKey] = {}
        self._lock = threading.Lock()

    def of(self, subject_id: str, kind: KeyKind = "content", *, make: bool = False) -> DataKey:
        """Raises KeyGone when it was destroyed, or when there is none and `make` is False."""
        with self._lock:
            key = self._known.get((subject_id, kind)) or self._read(subject_id, kind)
            if key is None and make:
                key = self._make(subject_id, kind)
            if key is None:
                raise KeyGone(f"subject {subject_id}: no {kind} key")
            self._known[subject_id, kind] = key
            return key

    def destroy(self, subject_id: str, *, flush: bool = True) -> None:
        """Every data key of the subject, at once and for good: work still under way cannot make new ones.

        The log of the database is emptied too, because it still holds the pages from before; of many, do that once.
        """
        with self._lock:
            for kind in KINDS:
                gone = {"subject_id": subject_id, "kind": kind, "ring_key": self.ring.newest, "wrapped": DESTROYED}
                upsert(self._rows, **gone)
                self._known.pop((subject_id, kind), None)
            if flush:
                self.flush()

    def destroyed(self) -> tuple[str, ...]:
        """Subjects whose keys were destroyed: what a restored backup must not bring back."""
        rows = self._rows.select(self._rows.subject_id).where(self._rows.wrapped == DESTROYED).distinct()
        return tuple(row.subject_id for row in rows)

    def forget_destroyed(self, subject_ids: Sequence[str]) -> None:
        """That these ever had keys. Only for whom no backup and no work under way could bring back."""
        table = self._rows
        table.delete().where(table.subject_id << list(subject_ids), table.wrapped == DESTROYED).execute()

    def wrap(self, key: bytes) -> tuple[int, bytes]:
        """Wraps a key that is nobody's, such as a backup's; answers the ring's version and the wrapped key."""
        version = self.ring.newest
        return version, aes_key_wrap(self.ring.keys[version], key)

    def unwrap(self, version: int, wrapped: bytes) -> bytes:
        """Raises KeyGone."""
        try:
            return aes_key_unwrap(self.ring.keys[version], wrapped)
        except (KeyError, InvalidUnwrap) as error:
            raise KeyGone("the key ring does not open this key") from error

    def begin_rotation(self) -> None:
        """A new key joins the ring: from now on it wraps."""
        self._change_ring(self.ring.with_new())

    def wrap_anew(self) -> int:
        """Every data key under the newest of the ring; answers how many. Raises KeyGone for one that does not open."""
        table, done = self._rows, 0
        while rows := list(table.select().where(table.ring_key != self.ring.newest).limit(AT_ONCE)):
            with self._db.atomic("IMMEDIATE"):
                for row in rows:
                    wrapped = bytes(row.wrapped)
                    if wrapped != DESTROYED:
                        _, wrapped = self.wrap(self.unwrap(row.ring_key, wrapped))
                    this = (table.subject_id == row.subject_id) & (table.kind == row.kind)
                    table.update(ring_key=self.ring.newest, wrapped=wrapped).where(this).execute()
            done += len(rows)
        return done

    def end_rotation(self) -> None:
        """The old keys leave the ring, and what they wrapped leaves the files."""
        self.flush()
        self._change_ring(self.ring.with_newest_alone())

    def _change_ring(self, ring: KeyRing) -> None:
        ring.save(self._path)
        self.ring = ring

    def flush(self) -> None:
        """Nothing of what was deleted stays in the files."""
        self._db.forget_deleted()

    def index(self, purpose: str, text: str) -> list[str]:
        """A keyed hash that finds a sealed text again: one for each version of the ring, the newest first."""
        return [
            hmac.new(self.ring.derive(version, b"index " + purpose.encode()), text.encode(), hashlib.sha256).hexdigest()
            for version in sorted(self.ring.keys, reverse=True)
        ]

    def _read(self, subject_id: str, kind: str) -> DataKey | None:
        row = self._rows.get_or_none(self._rows.subject_id == subject_id, self._rows.kind == kind)
        if row is None:
            return None
        if bytes(row.wrapped) == DESTROYED:
            raise KeyGone(f"subject {subject_id}: the {kind} key was destroyed")
        try:
            return DataKey(aes_key_unwrap(self.ring.keys[row.ring_key], bytes(row.wrapped)))
        except (KeyError, InvalidUnwrap) as error:
            raise KeyGone(f"subject {subject_id}: the key ring does not open the {kind} key") from error

    def _make(self, subject_id: str, kind: str) -> DataKey | None:
        """Two processes may make one at once: the row that was first wins."""
        version = self.ring.newest
        wrapped = aes_key_wrap(self.ring.keys[version], secrets.token_bytes(KEY_BYTES))
        fresh = {"subject_id": subject_id, "kind": kind, "ring_key": version, "wrapped": wrapped}
        self._rows.insert(fresh).on_conflict_ignore().execute()
        return self._read(subject_id, kind)

"""Copies for bad days: databases and sealed pictures in one file, under a key that expires. Never holds a data key.

A backup is a row of the keys database (its own key, and until when it opens) and a file: magic, header, then gzipped
tar in sealed chunks. Each chunk's nonce is its number and whether it is the last (Hoang et al., "Online
authenticated-encryption and its nonce-reuse misuse-resistance", 2015: STREAM), so none can be cut off or swapped.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import struct
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from policies.retention import BACKUPS
from store.backend import Backend
from store.blobs import Blobs, Missing
from store.files import sync_folder
from store.keys import Keys
from store.models import KeyTables
from store.moments import micros, moment

MAGIC = b"PXB1"
CHUNK = 2**20
TAG = 16


class BadBackup(Exception):
    """The file is no backup of this studio, is damaged, or its key is gone."""


@dataclass(frozen=True, slots=True)
class Backup:
    """`files` maps a name inside to its SHA-256 and its size."""

    id: str
    made_at: datetime
    expires_at: datetime
    files: Mapping[str, tuple[str, int]]


class Backups:
    def __init__(self, databases: Mapping[str, Backend], tables: KeyTables, keys: Keys, blobs: Blobs) -> None:
        """`databases` are those that are copied: never the one of the keys."""
        self._databases = databases
        self._rows = tables.BackupKey
        self._keys = keys
        self._blobs = blobs

    def write(self, target: Path, now: datetime) -> Backup:
        """Writes the file whole or not at all. The studio may go on working meanwhile."""
        backup_id, key = secrets.token_hex(16), secrets.token_bytes(32)
        expires = now + BACKUPS
        ring_key, wrapped = self._keys.wrap(key)
        values = {"id": backup_id, "made_at": micros(now), "expires_at": micros(expires)}
        self._rows.insert(values | {"ring_key": ring_key, "wrapped": wrapped}).execute()
        header = {"id": backup_id, "made_at": now.isoformat(), "expires_at": expires.isoformat()}
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                packed = json.dumps(header).encode()
                file.write(MAGIC + struct.pack(">I", len(packed)) + packed)
                sealed = SealedWriter(file, key, packed)
                files = self._pack(sealed)
                sealed.close()
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
            sync_folder(target.parent)
        finally:
            temporary.unlink(missing_ok=True)
        return Backup(backup_id, now, expires, files)

    def verify(self, source: Path, now: datetime) -> Backup:
        """Reads all of it and compares every file with the manifest. Raises BadBackup."""
        with tempfile.TemporaryDirectory() as folder:
            return self.unpack(source, Path(folder), now)

    def unpack(self, source: Path, folder: Path, now: datetime) -> Backup:
        """Into a folder: `<name>.db` and `blobs/<name>`, each proven. Raises BadBackup."""
        with source.open("rb") as file:
            header, packed = read_header(file, source)
            key = self._key(header["id"], now)
            stream = io.BufferedReader(SealedReader(file, key, packed))
            try:
                with tarfile.open(fileobj=stream, mode="r|gz") as archive:
                    files = extracted(archive, folder)
            except (tarfile.TarError, EOFError, OSError, ValueError) as error:
                raise BadBackup(f"{source.name}: damaged ({error})") from error
        manifest = json.loads((folder / "manifest.json").read_text()) if "manifest.json" in files else {}
        files.pop("manifest.json", None)
        if {name: list(facts) for name, facts in files.items()} != manifest.get("files"):
            raise BadBackup(f"{source.name}: what is inside is not what its manifest says")
        made, expires = (datetime.fromisoformat(header[name]) for name in ("made_at", "expires_at"))
        return Backup(header["id"], made, expires, files)

    def put_back(self, source: Path, now: datetime) -> Backup:
        """Everything as it was, but for keys. Nothing is touched before the whole file is proven.

        Whoever restores replays the tombstones before anything is served. Raises BadBackup.
        """
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            backup = self.unpack(source, folder, now)
            for database_name, database in self._databases.items():
                file = folder / f"{database_name}.db"
                if file.exists():
                    database.copy_in(file)
            wanted = {name.removeprefix("blobs/") for name in backup.files if name.startswith("blobs/")}
            for blob in wanted:
                self._blobs.put(blob, (folder / "blobs" / blob).read_bytes())
            return backup

    def expire(self, now: datetime, *, dry_run: bool = False) -> int:
        """Destroys the keys of backups that are old enough: from then on nothing opens them."""
        old = self._rows.expires_at <= micros(now)
        if dry_run:
            return int(self._rows.select().where(old).count())
        gone = int(self._rows.delete().where(old).execute())
        if gone:
            self._keys.flush()
        return gone

    def wrap_anew(self) -> int:
        """The keys of the backups that still open, under the newest key of the ring; answers how many."""
        old = list(self._rows.select().where(self._rows.ring_key != self._keys.ring.newest))
        for row in old:
            version, wrapped = self._keys.wrap(self._keys.unwrap(row.ring_key, bytes(row.wrapped)))
            self._rows.update(ring_key=version, wrapped=wrapped).where(self._rows.id == row.id).execute()
        return len(old)

    def living(self, now: datetime) -> tuple[tuple[str, datetime], ...]:
        """Numbers of the backups that still open, with their ends."""
        rows = self._rows.select().where(self._rows.expires_at > micros(now)).order_by(self._rows.made_at)
        return tuple((row.id, moment(row.expires_at)) for row in rows)

    def _key(self, backup_id: str, now: datetime) -> bytes:
        row = self._rows.get_or_none(self._rows.id == backup_id)
        if row is None:
            raise BadBackup(f"backup {backup_id}: its key is not here: it has expired, or it is of another studio")
        if row.expires_at <= micros(now):
            raise BadBackup(f"backup {backup_id}: expired on {moment(row.expires_at):%Y-%m-%d}")
        return self._keys.unwrap(row.ring_key, bytes(row.wrapped))

    def _pack(self, target: SealedWriter) -> dict[str, tuple[str, int]]:
        files: dict[str, tuple[str, int]] = {}
        with tarfile.open(fileobj=target, mode="w|gz") as archive, tempfile.TemporaryDirectory() as folder:  # type: ignore[call-overload]
            for name, database in self._databases.items():
                copy = Path(folder) / name
                database.copy_out(copy)
                files[f"{name}.db"] = add(archive, f"{name}.db", copy.read_bytes())
                copy.unlink()
            for blob in self._blobs.names():
                try:
                    files[f"blobs/{blob}"] = add(archive, f"blobs/{blob}", self._blobs.get(blob))
                except Missing:
                    continue  # deleted while we copied
            add(archive, "manifest.json", json.dumps({"format": 1, "files": files}).encode())
        return files


def add(archive: tarfile.TarFile, name: str, data: bytes) -> tuple[str, int]:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    archive.addfile(entry, io.BytesIO(data))
    return hashlib.sha256(data).hexdigest(), len(data)


def extracted(archive: tarfile.TarFile, folder: Path) -> dict[str, tuple[str, int]]:
    """Plain files with plain names only."""
    found: dict[str, tuple[str, int]] = {}
    for entry in archive:
        parts = Path(entry.name).parts
        if not entry.isfile() or entry.name.startswith("/") or ".." in parts or len(parts) > 2:
            raise BadBackup(f"{entry.name!r} is no file of a backup")
        stream = archive.extractfile(entry)
        data = stream.read() if stream else b""
        target = folder / entry.name
        target.parent.mkdir(mode=0o700, exist_ok=True)
        target.write_bytes(data)
        found[entry.name] = (hashlib.sha256(data).hexdigest(), len(data))
    return found


def read_header(file: BinaryIO, source: Path) -> tuple[dict[str, Any], bytes]:
    if file.read(len(MAGIC)) != MAGIC:
        raise BadBackup(f"{source.name}: this is no backup of a studio")
    try:
        (length,) = struct.unpack(">I", file.read(4))
        packed = file.read(min(length, 10_000))
        return json.loads(packed), packed
    except (struct.error, ValueError) as error:
        raise BadBackup(f"{source.name}: damaged at its beginning") from error


class SealedWriter:
    """A file that encrypts what is written to it, chunk by chunk."""

    def __init__(self, file: BinaryIO, key: bytes, header: bytes) -> None:
        self._file = file
        self._cipher = AESGCM(key)
        self._header = header
        self._waiting = bytearray()
        self._number = 0

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > CHUNK:
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def close(self) -> None:
        self._put(bytes(self._waiting), last=True)

    def _put(self, data: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(nonce(self._number, last), data, self._header))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads such a file back. Raises BadBackup at the first chunk that is not as it was written."""

    def __init__(self, file: BinaryIO, key: bytes, header: bytes) -> None:
        self._chunks = opened(file, AESGCM(key), header)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            try:
                self._left = next(self._chunks)
            except StopIteration:
                return 0
        some = self._left[: len(buffer)]
        buffer[: len(some)] = some
        self._left = self._left[len(some) :]
        return len(some)


def opened(file: BinaryIO, cipher: AESGCM, header: bytes) -> Iterator[bytes]:
    number = 0
    sealed = file.read(CHUNK + TAG)
    while True:
        after = file.read(CHUNK + TAG)
        try:
            yield cipher.decrypt(nonce(number, not after), sealed, header)
        except (InvalidTag, ValueError) as error:
            raise BadBackup("the backup is damaged, or was cut off") from error
        if not after:
            return
        sealed, number = after, number + 1


def nonce(number: int, last: bool) -> bytes:
    return struct.pack(">QI", number, int(last))

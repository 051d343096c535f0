"""Seals what people typed and made: fields of rows, and blobs in a file system. Sees bytes, never their meaning."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import fsspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from store.files import write_atomic
from store.keys import Keys

MAGIC = b"PXC1"
SALT, NONCE = 16, 12


class Missing(Exception):
    """There is nothing of that name, or it belongs to somebody else: the two are not told apart."""


class Tampered(Exception):
    """The bytes are not what was sealed here for this subject, object and kind."""


class Blobs(Protocol):
    def put(self, name: str, data: bytes) -> None: ...
    def get(self, name: str) -> bytes: ...
    def delete(self, name: str) -> None: ...
    def names(self) -> list[str]: ...


class Vault:
    """AES-256-GCM under the subject's data key. The associated data binds subject, object and kind together."""

    def __init__(self, blobs: Blobs, keys: Keys) -> None:
        self.blobs = blobs
        self.keys = keys

    def put(self, subject_id: str, object_id: str, kind: str, data: bytes) -> str:
        """Layout: magic, salt, nonce, ciphertext. Each blob has a key of its own. Answers the blob's name."""
        salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
        key = derive(self.keys.of(subject_id, make=True), salt, b"blob")
        sealed = AESGCM(key).encrypt(nonce, data, bound(subject_id, object_id, kind))
        name = blob_name(object_id, kind)
        self.blobs.put(name, MAGIC + salt + nonce + sealed)
        return name

    def get(self, subject_id: str, object_id: str, kind: str) -> bytes:
        packed = self.blobs.get(blob_name(object_id, kind))
        head = len(MAGIC)
        if packed[:head] != MAGIC:
            raise Tampered(f"{object_id} {kind}: not sealed here")
        salt, nonce = packed[head : head + SALT], packed[head + SALT : head + SALT + NONCE]
        key = derive(self.keys.of(subject_id), salt, b"blob")
        return unseal(key, nonce, packed[head + SALT + NONCE :], bound(subject_id, object_id, kind))

    def seal_text(self, subject_id: str, object_id: str, field: str, text: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        key = field_key(self.keys.of(subject_id, make=True))
        return nonce + AESGCM(key).encrypt(nonce, text.encode(), bound(subject_id, object_id, field))

    def open_text(self, subject_id: str, object_id: str, field: str, sealed: bytes) -> str:
        key = field_key(self.keys.of(subject_id))
        return unseal(key, sealed[:NONCE], sealed[NONCE:], bound(subject_id, object_id, field)).decode()


class LocalBlobs:
    """Files in a folder, spread over 256 subfolders, each written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, data: bytes) -> None:
        write_atomic(self._path(name), data)

    def get(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise Missing(f"blob {name}") from None

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        return [path.name for path in self.folder.glob("??/*") if not path.name.startswith(".")]

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name


class RemoteBlobs:
    """Objects of any file system that fsspec speaks to (`s3://bucket/folder`, `memory://...`), each written whole."""

    def __init__(self, url: str) -> None:
        self._files, self._root = fsspec.url_to_fs(url)

    def put(self, name: str, data: bytes) -> None:
        self._files.pipe_file(self._path(name), data)

    def get(self, name: str) -> bytes:
        try:
            data: bytes = self._files.cat_file(self._path(name))
        except FileNotFoundError:
            raise Missing(f"blob {name}") from None
        return data

    def delete(self, name: str) -> None:
        with suppress(FileNotFoundError):
            self._files.rm_file(self._path(name))

    def names(self) -> list[str]:
        return [path.rsplit("/", 1)[-1] for path in self._files.find(self._root)]

    def _path(self, name: str) -> str:
        return f"{self._root}/{name[:2]}/{name}"


def open_blobs(place: Path | str) -> Blobs:
    """A folder of this machine, or the address of a bucket."""
    if isinstance(place, str):
        return RemoteBlobs(place)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LocalBlobs(place)


def blob_name(object_id: str, kind: str) -> str:
    """Says nothing about whose it is or what."""
    return hashlib.sha256(f"{object_id}/{kind}".encode()).hexdigest()


def bound(subject_id: str, object_id: str, kind: str) -> bytes:
    return "\0".join((subject_id, object_id, kind)).encode()


def derive(key: bytes, salt: bytes | None, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, purpose).derive(key)


@lru_cache(maxsize=256)
def field_key(key: bytes) -> bytes:
    return derive(key, None, b"field")


def unseal(key: bytes, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, sealed, associated)
    except InvalidTag:
        raise Tampered("sealed bytes do not open: changed, or of another subject or object") from None

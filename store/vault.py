"""Seals what people typed and made: fields of rows, and blobs. Sees bytes, never their meaning."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from store.blobs import Blobs, Missing, blob_name
from store.keys import KEY_ID_BYTES, KeyKind, Keys

__all__ = ["Missing", "Tampered", "Vault"]

MAGIC = b"PXC1"
SALT, NONCE = 16, 12
HEADER = len(MAGIC) + KEY_ID_BYTES + SALT + NONCE


class Tampered(Exception):
    """The bytes are not what was sealed here for this subject, object and kind."""


class Vault:
    """AES-256-GCM under the subject's data key. The associated data binds subject, object and kind together."""

    def __init__(self, blobs: Blobs, keys: Keys) -> None:
        self.blobs = blobs
        self.keys = keys

    def put(self, subject_id: str, object_id: str, kind: str, data: bytes, key: KeyKind = "content") -> str:
        """Layout: magic, key id, salt, nonce, ciphertext. Each blob has a key of its own. Answers the blob's name."""
        data_key = self.keys.of(subject_id, key, make=True)
        salt, nonce = secrets.token_bytes(SALT), secrets.token_bytes(NONCE)
        sealed = AESGCM(data_key.derive(b"blob", salt)).encrypt(nonce, data, bound(subject_id, object_id, kind))
        name = blob_name(object_id, kind)
        self.blobs.put(name, MAGIC + data_key.id + salt + nonce + sealed)
        return name

    def get(self, subject_id: str, object_id: str, kind: str, key: KeyKind = "content") -> bytes:
        """Raises Missing, KeyGone or Tampered."""
        packed = self.blobs.get(blob_name(object_id, kind))
        data_key = self.keys.of(subject_id, key)
        magic, rest = packed[: len(MAGIC)], packed[len(MAGIC) : HEADER]
        key_id, salt, nonce = rest[:KEY_ID_BYTES], rest[KEY_ID_BYTES:-NONCE], rest[-NONCE:]
        if len(packed) < HEADER or magic != MAGIC or key_id != data_key.id:
            raise Tampered(f"{object_id} {kind}: cut off, changed, or sealed under another key")
        cipher = AESGCM(data_key.derive(b"blob", salt))
        return unseal(cipher, nonce, packed[HEADER:], bound(subject_id, object_id, kind))

    def seal_text(self, subject_id: str, object_id: str, field: str, text: str, key: KeyKind = "content") -> bytes:
        nonce = secrets.token_bytes(NONCE)
        cipher = self.keys.of(subject_id, key, make=True).field_cipher
        return nonce + cipher.encrypt(nonce, text.encode(), bound(subject_id, object_id, field))

    def open_text(self, subject_id: str, object_id: str, field: str, sealed: bytes, key: KeyKind = "content") -> str:
        """Raises KeyGone or Tampered."""
        cipher = self.keys.of(subject_id, key).field_cipher
        return unseal(cipher, sealed[:NONCE], sealed[NONCE:], bound(subject_id, object_id, field)).decode()


def bound(subject_id: str, object_id: str, kind: str) -> bytes:
    return "\0".join((subject_id, object_id, kind)).encode()


def unseal(cipher: AESGCM, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed, associated)
    except (InvalidTag, ValueError):  # ValueError: too short to be anything of ours
        raise Tampered("sealed bytes do not open: changed, or of another subject or object") from None

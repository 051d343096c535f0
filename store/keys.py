"""The key ring outside the databases, and the data keys of each subject, wrapped by it. Knows no content."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

from store.files import write_atomic
from store.models import KeyTables

KEY_BYTES = 32

KeyKind = Literal["content"]


class KeyGone(Exception):
    """The data key was destroyed: what it sealed can never be read again."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Wrapping keys by version; the newest wraps, all unwrap."""

    keys: dict[int, bytes]

    @classmethod
    def open(cls, path: Path) -> KeyRing:
        """Reads the ring of the data folder; the first start makes it, readable by its owner alone."""
        if not path.exists():
            with suppress(FileExistsError):  # two first starts at once: one ring wins, both read it
                write_atomic(path, cls({1: secrets.token_bytes(KEY_BYTES)})._packed(), once=True)
        try:
            packed = json.loads(path.read_bytes())
            return cls({int(version): base64.b64decode(key) for version, key in packed["keys"].items()})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path}: not a key ring. Expected the file that the first start made.") from error

    def _packed(self) -> bytes:
        keys = {str(version): base64.b64encode(key).decode() for version, key in self.keys.items()}
        return json.dumps({"format": 1, "keys": keys}, indent=2).encode()

    @property
    def newest(self) -> int:
        return max(self.keys)


class Keys:
    """Data keys, made on first use, kept in memory once unwrapped. Thread-safe."""

    def __init__(self, ring: KeyRing, tables: KeyTables) -> None:
        self._ring = ring
        self._rows = tables.DataKey
        self._known: dict[tuple[str, str], bytes] = {}
        self._lock = threading.Lock()

    def of(self, subject_id: str, kind: KeyKind = "content", *, make: bool = False) -> bytes:
        """The 256-bit data key. Raises KeyGone when there is none and `make` is False."""
        with self._lock:
            key = self._known.get((subject_id, kind)) or self._read(subject_id, kind)
            if key is None and make:
                key = self._make(subject_id, kind)
            if key is None:
                raise KeyGone(f"subject {subject_id}: no {kind} key")
            self._known[subject_id, kind] = key
            return key

    def destroy(self, subject_id: str) -> None:
        """Every data key of the subject, at once and for good."""
        with self._lock:
            self._rows.delete().where(self._rows.subject_id == subject_id).execute()
            for name in [name for name in self._known if name[0] == subject_id]:
                del self._known[name]

    def _read(self, subject_id: str, kind: str) -> bytes | None:
        row = self._rows.get_or_none(self._rows.subject_id == subject_id, self._rows.kind == kind)
        return aes_key_unwrap(self._ring.keys[row.ring_key], bytes(row.wrapped)) if row else None

    def _make(self, subject_id: str, kind: str) -> bytes:
        """Two processes may make one at once: the row that was first wins."""
        version = self._ring.newest
        wrapped = aes_key_wrap(self._ring.keys[version], secrets.token_bytes(KEY_BYTES))
        fresh = {"subject_id": subject_id, "kind": kind, "ring_key": version, "wrapped": wrapped}
        self._rows.insert(fresh).on_conflict_ignore().execute()
        key = self._read(subject_id, kind)
        assert key is not None
        return key

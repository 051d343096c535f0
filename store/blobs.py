"""Where sealed bytes lie: a folder of this machine or a bucket. Sees names and bytes, never whose or what they are."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import fsspec

from store.dsn import LOOPBACK
from store.files import write_atomic
from store.settings import PREFIX, SettingsError

PLAIN = ("http", "ftp", "webhdfs")  # of fsspec's, those that encrypt nothing on the way
ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")  # where s3:// leads instead of to Amazon
NAME = re.compile(r"[0-9a-f]{64}")


class Missing(Exception):
    """There is nothing of that name, or it belongs to somebody else: the two are not told apart."""


class Blobs(Protocol):
    def put(self, name: str, data: bytes) -> None: ...
    def get(self, name: str) -> bytes: ...
    def delete(self, name: str) -> None: ...
    def names(self) -> list[str]: ...
    def clear_unfinished(self) -> int: ...


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
        return [path.name for path in self.folder.glob("??/*") if NAME.fullmatch(path.name)]

    def clear_unfinished(self) -> int:
        """Deletes temporary files of writes that a crash cut off. Not while others write."""
        unfinished = list(self.folder.glob("??/.*"))
        for path in unfinished:
            path.unlink(missing_ok=True)
        return len(unfinished)

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
        """Only what can be ours: a bucket may hold other things too."""
        found = (path.rsplit("/", 1)[-1] for path in self._files.find(self._root))
        return [name for name in found if NAME.fullmatch(name)]

    def clear_unfinished(self) -> int:
        return 0  # an object appears when it is whole

    def _path(self, name: str) -> str:
        return f"{self._root}/{name[:2]}/{name}"


def open_blobs(place: str | None, default: Path) -> Blobs:
    """The folder or bucket of the setting, else the default folder. Raises SettingsError."""
    if place is None or "://" not in place:
        folder = default if place is None else Path(place).expanduser().absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalBlobs(folder)
    refuse_plain_text(place)
    try:
        return RemoteBlobs(place)
    except (ValueError, ImportError) as error:
        scheme = place.partition("://")[0]
        raise SettingsError(
            f"{PREFIX}BLOBS: {scheme + '://...'!r} cannot be opened ({error}). "
            "Expected a folder, or an address that an installed fsspec package speaks to."
        ) from error


def refuse_plain_text(place: str) -> None:
    """Pictures are sealed, but when and how much is written is nobody's to see either. Raises SettingsError."""
    scheme = place.partition("://")[0]
    if scheme in PLAIN:
        raise SettingsError(f"{PREFIX}BLOBS: {scheme + '://...'!r} would travel in plain text. Expected s3:// or such.")
    for name in ENDPOINTS:
        parts = urlsplit(os.environ.get(name, ""))
        if scheme == "s3" and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise SettingsError(f"{name}: an address with http:// would travel in plain text. Expected https://.")


def blob_name(object_id: str, kind: str) -> str:
    """Says nothing about whose it is or what."""
    return hashlib.sha256(f"{object_id}/{kind}".encode()).hexdigest()

"""Pictures as they left in a download, sealed, for as long as the download is offered: it can go on where it stopped.

A signature is never the same twice, so what was signed for a download is kept with it. Knows no format and no picture.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from store.blobs import Missing
from store.files import write_atomic
from store.keys import Keys
from store.vault import Vault

BEGUN = "begun"  # holds the name of the round in which a part's files are the same ones
AGAIN = "again"  # there was a round before


@dataclass(frozen=True, slots=True)
class Round:
    """The files of one part of a download. When they go, this round ends: what is made afterwards is another one's.

    `first`: no bytes of an earlier round can be with anybody.
    """

    subject_id: str
    export_id: str
    id: str
    first: bool
    folder: Path
    keys: Keys

    def once(self, name: str, make: Callable[[], bytes]) -> bytes:
        """The bytes that were kept under this name first; whoever comes first makes them."""
        vault = Vault(Folder(self.folder), self.keys)
        with suppress(Missing):
            return vault.get(self.subject_id, self.export_id, name)
        data = make()
        try:
            vault.put(self.subject_id, self.export_id, name, data)
        except FileExistsError:
            return vault.get(self.subject_id, self.export_id, name)
        except FileNotFoundError:  # the round ended meanwhile
            pass
        return data


class Outgoing:
    def __init__(self, folder: Path, keys: Keys) -> None:
        self._folder = folder
        self._keys = keys

    def round(self, subject_id: str, export_id: str, part: int) -> Round:
        """The one that is under way, or a new one."""
        export = self._folder / export_id
        place = export / str(part)
        with suppress(FileExistsError):
            write_atomic(place / BEGUN, secrets.token_hex(16).encode(), once=True)
        name = (place / BEGUN).read_text()
        (place / name).mkdir(mode=0o700, exist_ok=True)
        return Round(subject_id, export_id, name, not (export / AGAIN).exists(), place / name, self._keys)

    def end(self, export_ids: Iterable[str]) -> None:
        """Their files go at once; the downloads can be fetched again from the beginning."""
        for export in (self._folder / export_id for export_id in export_ids):
            if export.exists():
                shutil.rmtree(export, ignore_errors=True)
                write_atomic(export / AGAIN, b"")

    def drop(self, export_ids: Iterable[str]) -> None:
        """Nothing of them stays."""
        for export_id in export_ids:
            shutil.rmtree(self._folder / export_id, ignore_errors=True)

    def drop_others(self, known: Iterable[str]) -> int:
        """What no download needs any more. Answers of how many there was something."""
        there = {path.name for path in self._folder.iterdir()} if self._folder.exists() else set()
        gone = there - set(known)
        self.drop(gone)
        return len(gone)


class Folder:
    """Blobs of one round: each written once, and none when the round is over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, data: bytes) -> None:
        """Raises FileExistsError, and FileNotFoundError when the folder is gone."""
        if not self._folder.exists():
            raise FileNotFoundError(self._folder)
        write_atomic(self._folder / name, data, once=True)

    def get(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            raise Missing(f"blob {name}") from None

    def delete(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def names(self) -> list[str]:
        return [path.name for path in self._folder.iterdir()]

    def clear_unfinished(self) -> int:
        return 0

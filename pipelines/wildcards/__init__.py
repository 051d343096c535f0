"""Lists of words that a prompt names as `__name__`: text files, one entry a line. A few are shipped beside this module.

Knows where the files are and how they are read, not what a prompt does with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
LARGEST = 2**20  # bytes of one file
MOST_LINES = 5000
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 -]|_(?!_)){0,63}(?<!_)")


class BadWildcard(ValueError):
    """A file that is no list of words. The message says what was expected."""


class Wildcards(Mapping[str, Sequence[str]]):
    """Name -> its lines. The owner's files in the `wildcards` folder of the models folder come before the shipped ones.

    `animals/cats.txt` is `__animals/cats__`. Looks anew each time: files may be dropped in.
    """

    def __init__(self, models_dir: Path) -> None:
        self.folder = models_dir / "wildcards"

    def __getitem__(self, name: str) -> Sequence[str]:
        """Raises KeyError, also for a file that cannot be read."""
        parts = name.split("/")
        if not all(NAME.fullmatch(part) for part in parts):
            raise KeyError(name)  # a name, never a way to somewhere else
        for folder in (self.folder, HERE):
            path = folder.joinpath(*parts).with_suffix(".txt")
            if path.is_file() and path.stat().st_size <= LARGEST:
                return lines_of(path.read_bytes().decode("utf-8", "replace"))
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        found = {
            path.relative_to(folder).with_suffix("").as_posix()
            for folder in (self.folder, HERE)
            if folder.is_dir()
            for path in folder.rglob("*.txt")
        }
        return iter(sorted(name for name in found if all(NAME.fullmatch(part) for part in name.split("/"))))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def add(self, file_name: str, data: bytes) -> str:
        """Keeps a dropped file under its own name, which is answered. Raises BadWildcard."""
        name = Path(file_name).stem.strip()
        if not NAME.fullmatch(name):
            raise BadWildcard(f"file: {file_name!r} has no usable name. Expected letters, digits, spaces and dashes.")
        if len(data) > LARGEST:
            raise BadWildcard(f"file: {len(data)} bytes are too many. Expected at most {LARGEST}.")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            reason = f"file: byte {error.start} is not UTF-8. Expected a text file, one entry a line."
            raise BadWildcard(reason) from error
        lines = lines_of(text)
        if not lines or "\0" in text:
            raise BadWildcard("file: no entries are inside. Expected a text file, one entry a line.")
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.txt").write_text("\n".join(lines) + "\n", "utf-8")
        return name


def lines_of(text: str) -> tuple[str, ...]:
    """The entries: empty lines and those that begin with # are none."""
    stripped = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    return tuple(line for line in stripped if line and not line.startswith("#"))[:MOST_LINES]

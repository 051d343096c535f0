"""What the map of data says of a column and of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "moment", "flag", "json"]
Erase = Literal["rows", "kept", "nobody"]
Key = Literal["content", "pii", "public"]

LAWFUL = {
    "contract": "Needed for what you asked for (GDPR Art. 6(1)(b))",
    "consent": "Your consent (GDPR Art. 6(1)(a))",
    "law": "Required by law (GDPR Art. 6(1)(c))",
    "interest": "Keeping the studio safe and working (GDPR Art. 6(1)(f))",
}


@dataclass(frozen=True, slots=True)
class Column:
    """`sealed` is the field's name under which the vault sealed it, with other columns in braces; empty when it is not.

    `shown` False: it is said that it exists, and its value stays here, because it opens or proves something, or
    is somebody else's word.
    """

    name: str
    means: str
    kind: Kind = "text"
    sealed: str = ""
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """`owner` is the column that says whose row it is; `input_id>input` leads to a table that does; empty: nobody's.

    `guest` is how long a row of a visitor without an account stays, where that is not what `retention` says.

    `object` is what the vault bound a sealed field to: a column, or a fixed word in quotation marks. `key` is the
    one of the owner's keys that opens it.
    """

    database: str
    name: str
    title: str
    purpose: str
    lawful: str
    retention: str
    columns: tuple[Column, ...]
    owner: str = "subject_id"
    object: str = "id"
    key: Key = "content"
    guest: str = ""
    erase: Erase = "rows"
    kept_because: str = ""
    export: bool = True

    @property
    def id(self) -> str:
        return f"{self.database}.{self.name}"

    def kept(self, *, guest: bool) -> str:
        """How long a row of this person stays."""
        if not guest:
            return self.retention
        return self.guest or (VISIT if self.retention == ACCOUNT else self.retention)

    def column(self, name: str) -> Column:
        return next(one for one in self.columns if one.name == name)


def columns(**meanings: str) -> tuple[Column, ...]:
    """`name="what it means"`; a meaning may end in `|moment`, `|number`, `|flag`, `|json`, `|sealed`, `|secret`.

    `|sealed=field` names the field that the vault sealed it under, where that is not the column's own name.
    """
    return tuple(read(name, meaning) for name, meaning in meanings.items())


def read(name: str, meaning: str) -> Column:
    words, *marks = meaning.split("|")
    kind: Any = next((mark for mark in marks if mark in ("number", "moment", "flag", "json")), "text")
    sealed = next((mark.partition("=")[2] or name for mark in marks if mark.startswith("sealed")), "")
    return Column(name, words, kind, sealed, "secret" not in marks)


MAKING = "until you delete it, or 90 days of inactivity without a premium plan"
ACCOUNT = "until you delete your account"
VISIT = "as long as this browser is known"
A_DAY = "a day"

"""Every word that a script asks for exists, and none is kept that nobody reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from components import words
from components.pages.shell import STATIC
from policies import data_map

WORDS = Path(words.__file__).parent
ROOT = WORDS.parent
SAID = re.compile(r"\bsay\(\s*f?[\"'`]([a-z_${}.]+)[\"'`]")


def stem(key: str) -> str:
    return re.sub(r"_(one|other)$", "", key)


def scripts() -> str:
    return "\n".join(path.read_text() for path in STATIC.glob("*.js"))


def sources() -> str:
    files = [path for path in (*ROOT.rglob("*.py"), *ROOT.rglob("*.html")) if WORDS not in path.parents]
    return "\n".join([scripts(), *(path.read_text() for path in files)])


def asked() -> set[str]:
    """Keys as they are written; a key with a hole in it stands for all that begin the same."""
    return set(SAID.findall(sources()))


def test_every_key_that_is_asked_for_exists() -> None:
    known = {stem(key) for key in words.ENGLISH} | set(words.ENGLISH)
    missing = {key for key in asked() if "{" not in key and key not in known}
    assert not missing


def test_every_key_is_read_somewhere() -> None:
    text = sources()
    beginnings = tuple(re.split(r"\$?{", key)[0] for key in asked() if "{" in key)
    written = {stem(key) for key in re.findall(r"[\"'`]([a-z_]+)[\"'`]", text)}
    unread = {stem(key) for key in words.ENGLISH} - written
    assert {key for key in unread if not key.startswith(beginnings)} == set()


@pytest.mark.parametrize("key", sorted(key for key in words.ENGLISH if key.endswith("_one")))
def test_a_plural_has_both_forms(key: str) -> None:
    assert key.removesuffix("_one") + "_other" in words.ENGLISH


def test_sentences_are_calm() -> None:
    loud = {key for key, sentence in words.ENGLISH.items() if "!" in sentence}
    assert not loud


def test_words_for_scripts_cannot_end_their_element() -> None:
    assert "<" not in words.for_scripts()


def test_an_unknown_code_still_says_what_to_do() -> None:
    title, hint = words.error("never heard of")
    assert title and hint


@pytest.mark.parametrize("code", sorted(set(words.LANGUAGES) - {"en"}))
def test_a_language_has_every_word(code: str) -> None:
    assert set(words.table(code)) == set(words.table("en"))
    assert set(words.errors(code)) == set(words.errors("en"))


@pytest.mark.parametrize("code", sorted(set(words.LANGUAGES) - {"en"}))
def test_a_translation_keeps_the_values(code: str) -> None:
    """The braces are filled by the same names; a plural may say its number in words."""
    wrong = {
        key
        for key, sentence in words.table(code).items()
        if (holes(sentence) ^ holes(words.ENGLISH[key])) - ({"n"} if key.endswith("_one") else set())
    }
    assert not wrong


@pytest.mark.parametrize("code", sorted(set(words.LANGUAGES) - {"en"}))
def test_a_language_says_all_that_the_map_of_data_says_to_people(code: str) -> None:
    said = set(data_map.LAWFUL.values())
    for table in data_map.TABLES:
        if table.owner or table.erase == "kept":
            said |= {table.title, table.kept_because}
        if table.owner:
            said |= {table.purpose, table.retention, table.kept(guest=True)}
            said |= {column.means for column in table.columns}
    assert set(words.OF_DATA[code]) == said - {""}
    assert all(words.of_data(text, code).strip() for text in said - {""})
    assert words.of_data("", code) == ""


def holes(sentence: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", sentence))


@pytest.mark.parametrize(
    ("accepted", "code"), [("", "en"), ("en-GB,de;q=0.5", "en"), ("xx, tlh;q=0.9", "en"), ("EN", "en")]
)
def test_the_first_language_that_is_spoken_here_counts(accepted: str, code: str) -> None:
    assert words.spoken(accepted) == code

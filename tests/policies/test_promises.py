"""The table answers for every sentence of the policy, and says nothing that no test shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from components.actions import promises
from policies.policy_text import parse, said
from policies.promises import BY_ID, GREETINGS, PROMISES, Promise, of_sentence, without_promise

TEXTS = sorted((promises.ROOT / "policies" / "texts").glob("*.txt"))
SENTENCES = tuple(said(parse(TEXTS[-1].read_text())))


def test_the_numbers_run_from_1_to_84() -> None:
    assert [one.number for one in PROMISES] == list(range(1, 85))


@pytest.mark.promise("P74")
@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_of_the_policy_has_a_promise(sentence: str) -> None:
    assert of_sentence(sentence) or sentence in GREETINGS
    assert without_promise([sentence]) == ()


def test_no_promise_quotes_what_the_policy_does_not_say() -> None:
    known = {sentence for text in TEXTS for sentence in said(parse(text.read_text()))}
    assert {(one.id, quote) for one in PROMISES for quote in one.says if quote not in known} == set()


@pytest.mark.parametrize("promise", PROMISES, ids=lambda one: one.id)
def test_a_kept_promise_has_a_test_and_code(promise: Promise) -> None:
    proofs = [proof for proof in promises.marked() if proof.promise == promise.id]
    if promise.kept:
        assert proofs, f"{promise.id} claims to be kept, and no test is marked with it"
        assert promise.code, f"{promise.id} claims to be kept, and names no code"
    assert promise.title and promise.does


@pytest.mark.parametrize("place", sorted({place for one in PROMISES for place in one.code}))
def test_the_code_that_is_named_is_there(place: str) -> None:
    assert promises.source_of(place), f"{place} is named by a promise and is not there"


def test_no_test_is_marked_with_an_unknown_number() -> None:
    assert {proof.key for proof in promises.marked() if proof.promise not in BY_ID} == set()


def test_marks_are_found_wherever_they_stand(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_one.py").write_text(
        'pytestmark = [pytest.mark.promise("P1"), pytest.mark.slow]\n'
        'def test_a(): ...\n'
        '@pytest.mark.promise("P2")\n@pytest.mark.promise("P3")\ndef test_b(): ...\n'
    )
    found = {(proof.promise, proof.name) for proof in promises.marked(tmp_path)}
    assert found == {("P1", "test_a"), ("P1", "test_b"), ("P2", "test_b"), ("P3", "test_b")}


def test_a_release_without_tests_still_names_them(tmp_path: Path) -> None:
    file = tmp_path / "evidence.json"
    file.write_text(
        '{"run_at": "2026-11-01T12:00:00+00:00", "commit": "abc", "tests": {"tests/test_x.py::test_y": ["P3"]}}'
    )
    row = next(row for row in promises.table(tmp_path, file) if row.promise.id == "P3")
    assert [proof.key for proof in row.proofs] == ["tests/test_x.py::test_y"]
    assert row.green == 1


FILE = """
import pytest
@pytest.mark.promise("P3")
def test_good(): ...
@pytest.mark.promise("P4")
@pytest.mark.parametrize("half", [0, 1])
def test_half(half):
    if half: pytest.skip("not on this machine")
@pytest.mark.promise("P5")
def test_other(): assert BAD
def test_no_proof(): ...
"""
RUN = """
import sys
from pathlib import Path
import pytest
from tests import evidence
_, changed, *wanted = sys.argv
evidence.changes = lambda: changed
options = ["-q", "-c", "/dev/null", "-o", "markers=promise(number): x", "-p", "no:cacheprovider"]
pytest.main([*options, "--rootdir", ".", "."], plugins=[evidence.Recorder(Path("evidence.json"), wanted)])
"""
NAMES = ("test_it.py::test_good", "test_it.py::test_half", "test_it.py::test_other")


@pytest.mark.parametrize(
    ("good", "changed", "wanted", "said"),
    [
        (True, "", NAMES, "2 tests proved their promises"),
        (False, "", NAMES, "1 proofs failed, 0 were not part"),
        (True, "store/vault.py", NAMES, "store/vault.py is not in it"),
        (True, "", (*NAMES, "test_elsewhere.py::test_more"), "0 proofs failed, 1 were not part"),
    ],
)
def test_evidence_is_of_a_whole_run_without_a_failure(
    tmp_path: Path, good: bool, changed: str, wanted: tuple[str, ...], said: str
) -> None:
    (tmp_path / "test_it.py").write_text(FILE.replace("BAD", str(good)))
    command = [sys.executable, "-c", RUN, changed, *wanted]
    env = os.environ | {"PYTHONPATH": str(promises.ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert said in done.stdout, done.stdout + done.stderr
    kept = promises.read_evidence(tmp_path / "evidence.json")
    assert {(one.promise, one.name) for one in kept.proofs} == (
        {("P3", "test_good"), ("P5", "test_other")} if wanted == NAMES and good and not changed else set()
    )


def test_sources_are_quoted_whole_or_not_at_all() -> None:
    assert promises.source_of("store/vault.py:Vault.put").startswith("    def put(")
    assert promises.source_of("store/vault.py:Vault.nothing") == ""
    assert promises.source_of("store/nothing.py") == ""

"""Which test proves which promise: read from the marks in the tests, and from the last green run in the release."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from policies.promises import PROMISES, Promise

ROOT = Path(__file__).resolve().parents[2]
EVIDENCE = ROOT / "policies" / "promises" / "evidence.json"


@dataclass(frozen=True, slots=True)
class Proof:
    """A test that is marked with a promise. `line` 0: only its name came with this release."""

    promise: str
    path: str
    name: str
    line: int = 0

    @property
    def key(self) -> str:
        return f"{self.path}::{self.name}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The last run in which every marked test passed."""

    run_at: datetime | None
    commit: str
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """`green` counts the proofs that passed in the last green run."""

    promise: Promise
    proofs: tuple[Proof, ...]
    green: int

    @property
    def state(self) -> str:
        return "kept" if self.promise.kept else "not yet"


def table(root: Path = ROOT, evidence_file: Path = EVIDENCE) -> tuple[Row, ...]:
    """Every promise with the tests that prove it, in order."""
    evidence = read_evidence(evidence_file)
    proofs = marked(root) or evidence.proofs
    passed = {(proof.promise, proof.key) for proof in evidence.proofs}
    rows = []
    for promise in PROMISES:
        own = tuple(proof for proof in proofs if proof.promise == promise.id)
        rows.append(Row(promise, own, sum((proof.promise, proof.key) in passed for proof in own)))
    return tuple(rows)


def newer(rows: Iterable[Row], evidence: Evidence) -> int:
    """Tests that the last green run did not see pass: written since, or renamed, or skipped there."""
    seen = {proof.key for proof in evidence.proofs}
    return len({proof.key for row in rows for proof in row.proofs} - seen)


def read_evidence(file: Path = EVIDENCE) -> Evidence:
    if not file.exists():
        return Evidence(None, "", ())
    kept = json.loads(file.read_text())
    proofs = (Proof(promise, *key.split("::", 1)) for key, ids in kept["tests"].items() for promise in ids)
    return Evidence(datetime.fromisoformat(kept["run_at"]), kept["commit"], tuple(proofs))


@lru_cache(maxsize=4)
def marked(root: Path = ROOT) -> tuple[Proof, ...]:
    """Every test under `tests/` with a mark, found without running anything."""
    found: list[Proof] = []
    for path in sorted((root / "tests").rglob("test_*.py")):
        text = path.read_text()
        if "mark.promise" in text:
            found += proofs_of(ast.parse(text), path.relative_to(root).as_posix())
    return tuple(found)


def proofs_of(module: ast.Module, path: str) -> Iterator[Proof]:
    everywhere = [mark for node in module.body if is_pytestmark(node) for mark in marks(node)]
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            own = [mark for decorator in node.decorator_list for mark in marks(decorator)]
            for promise in dict.fromkeys(everywhere + own):
                yield Proof(promise, path, node.name, node.lineno)


def is_pytestmark(node: ast.AST) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in targets)


def marks(node: ast.AST) -> Iterator[str]:
    """The numbers of `pytest.mark.promise("P1")`, wherever it stands inside."""
    for call in ast.walk(node):
        named = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "promise"
        if named and isinstance(call, ast.Call):
            yield from (str(one.value) for one in call.args if isinstance(one, ast.Constant))


def source_of(place: str, root: Path = ROOT) -> str:
    """The text of `path:Class.method`, or of a whole file. Empty when it is not there."""
    path, _, name = place.partition(":")
    file = root / path
    if not file.is_file():
        return ""
    text = file.read_text()
    if not name:
        return text
    node: ast.AST = ast.parse(text)
    for part in name.split("."):
        inside = (child for child in ast.iter_child_nodes(node) if getattr(child, "name", None) == part)
        found = next(inside, None)
        if found is None:
            return ""
        node = found
    return ast.get_source_segment(text, node, padded=True) or ""

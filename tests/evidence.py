"""Writes into the release which tests proved which promise, and when: `python -m pytest --evidence`.

`python -m tests.evidence` runs those tests alone. Only a run in which every marked test was there and none failed is
written, with its moment and the commit it ran on; a test that was skipped counts as not seen to pass.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from components.actions.promises import EVIDENCE, ROOT, marked


class Recorder:
    """Which promises each test is marked with, and which tests passed."""

    def __init__(self, target: Path = EVIDENCE, wanted: Iterable[str] | None = None) -> None:
        self._target = target
        self._wanted = {proof.key for proof in marked()} if wanted is None else set(wanted)
        self.marks: dict[str, set[str]] = {}
        self.failed: set[str] = set()
        self.skipped: set[str] = set()
        self.passed: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            ids = {str(mark.args[0]) for mark in item.iter_markers("promise")}
            if ids:
                self.marks.setdefault(plain(item.nodeid), set()).update(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(plain(report.nodeid))
        elif report.skipped:
            self.skipped.add(plain(report.nodeid))
        elif report.when == "call":
            self.passed.add(plain(report.nodeid))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(self.conclude())

    def green(self) -> dict[str, list[str]]:
        seen = self.passed - self.failed - self.skipped
        return {name: sorted(self.marks[name]) for name in sorted(seen & set(self.marks))}

    def conclude(self) -> str:
        """Writes the file, or says why not."""
        failed, absent = self.failed & set(self.marks), self._wanted - set(self.marks)
        if failed or absent:
            return f"No evidence is written: {len(failed)} proofs failed, {len(absent)} were not part of this run."
        try:
            changed = changes()
        except (OSError, subprocess.CalledProcessError):
            return "No evidence is written: it would name a commit, and git knows none here."
        if changed:
            return f"No evidence is written: it would name a commit, and {changed} is not in it."
        seen = {
            "run_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": git("rev-parse", "--short", "HEAD").strip(),
            "tests": self.green(),
        }
        self._target.write_text(json.dumps(seen, indent=1) + "\n")
        return f"{len(self.green())} tests proved their promises; written to {self._target.name}."


def changes() -> str:
    """The first file that is not as the commit has it, but for the evidence itself."""
    lines = git("status", "--porcelain").splitlines()
    return next((line[3:] for line in lines if not line.endswith(EVIDENCE.name)), "")


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def plain(nodeid: str) -> str:
    """Without the values of a parametrized test."""
    return nodeid.partition("[")[0]


if __name__ == "__main__":
    sys.exit(pytest.main(["-q", "-m", "promise", "--evidence", *sys.argv[1:]]))

"""Runs every test that proves a promise and writes what it saw into the release: `python -m tests.evidence`.

Only a run in which all of them passed is written, with its moment and the commit it ran on.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from components.actions.promises import EVIDENCE, ROOT


class Recorder:
    """Which promises each test is marked with, and which tests passed."""

    def __init__(self) -> None:
        self.marks: dict[str, set[str]] = {}
        self.failed: set[str] = set()
        self.passed: set[str] = set()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            ids = {str(mark.args[0]) for mark in item.iter_markers("promise")}
            self.marks.setdefault(plain(item.nodeid), set()).update(ids)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(plain(report.nodeid))
        elif report.when == "call" and report.passed:
            self.passed.add(plain(report.nodeid))

    def green(self) -> dict[str, list[str]]:
        return {name: sorted(self.marks[name]) for name in sorted(self.passed - self.failed)}


def plain(nodeid: str) -> str:
    """Without the values of a parametrized test."""
    return nodeid.partition("[")[0]


def main(arguments: list[str]) -> int:
    recorder = Recorder()
    code = pytest.main(["-q", "-m", "promise", *arguments], plugins=[recorder])
    if code != 0 or recorder.failed:
        print("Not every promise was proven, so nothing is written.")
        return 1
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    seen = {
        "run_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "tests": recorder.green(),
    }
    EVIDENCE.write_text(json.dumps(seen, indent=1) + "\n")
    print(f"{len(recorder.passed)} tests passed; written to {EVIDENCE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Teaches the starter model one thing from a few pictures, in a process of its own: drawing goes on beside it.

Knows no torch; `pipelines/starter/lesson.py` is the other end of the pipe.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np

from pipelines.types import Pixels

STEPS = 300
ROOT = Path(__file__).parents[1]


class TeachingFailed(Exception):
    """The lesson ended without an adapter; the last line that it printed says why."""


class Stopped(Exception):
    """The lesson was stopped; nothing is kept of it."""


@dataclass(slots=True)
class Lesson:
    """`facts` go into the header of the file at `out`. Thread-safe: one thread runs it, another may stop it."""

    prompt: str
    out: Path
    facts: Mapping[str, str] = field(default_factory=dict)
    steps: int = STEPS
    _process: subprocess.Popen[bytes] | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)

    def run(self, pictures: Sequence[Pixels], progress: Callable[[int, int], None]) -> None:
        """`progress(step, of)` after every step. Raises Stopped and TeachingFailed."""
        part = self.out.with_name(f".{self.out.stem}.part")
        asked = {"prompt": self.prompt, "steps": self.steps, "out": str(part), "facts": dict(self.facts)}
        self.out.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._teach(asked, pictures, progress)
            os.replace(part, self.out)
        finally:
            part.unlink(missing_ok=True)

    def stop(self) -> None:
        self._stopped.set()
        if self._process is not None:
            self._process.kill()

    def _teach(
        self, asked: Mapping[str, object], pictures: Sequence[Pixels], progress: Callable[[int, int], None]
    ) -> None:
        command = [sys.executable, "-m", "pipelines.starter.lesson"]
        pipe = subprocess.PIPE
        last: list[bytes] = []
        process = self._process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe)
        assert process.stdin and process.stdout and process.stderr
        listener = threading.Thread(target=keep_last, args=(process.stderr, last), daemon=True)
        listener.start()
        if self._stopped.is_set():  # between the thread's start and the process's
            process.kill()
        try:
            # A process that ended early breaks the pipe; its exit code and its last words say more.
            with suppress(BrokenPipeError), process:
                process.stdin.write(json.dumps(asked).encode() + b"\n")
                np.savez(process.stdin, *pictures)
                process.stdin.close()
                for line in process.stdout:
                    told = json.loads(line)
                    progress(told["step"], told["of"])
        except BaseException:
            process.kill()
            raise
        listener.join()
        if self._stopped.is_set():
            raise Stopped
        if process.returncode:
            said = last[0].decode(errors="replace").strip() if last else f"exit code {process.returncode}"
            raise TeachingFailed(said)


def keep_last(lines: IO[bytes], last: list[bytes]) -> None:
    """`last` holds the latest line that says something."""
    for line in lines:
        if line.strip():
            last[:] = [line]

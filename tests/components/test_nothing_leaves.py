"""A whole run of the studio, in a process in which every attempt to reach another host is written down."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

WATCHED = """
import sys
here = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "")
def watch(event, values):
    if event == "socket.connect" and isinstance(values[1], tuple) and values[1][0] not in here:
        print("REACHED", values[1], flush=True)
    if event == "socket.getaddrinfo" and values[0] not in (None, *here):
        print("ASKED", values[0], flush=True)
sys.addaudithook(watch)
import runpy
sys.argv = ["app.py", "generate", "a red apple", "--steps", "2", "--out", sys.argv[1]]
try:
    runpy.run_path("app.py", run_name="__main__")
finally:
    print("WATCHED", flush=True)
"""


@pytest.mark.promise("P33")
def test_drawing_reaches_no_other_host(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "GRADIO_"))}
    environment = clean | {"PIXCOSMOS_DATA": str(tmp_path / "data"), "PIXCOSMOS_OPEN_BROWSER": "false"}
    picture = tmp_path / "apple.png"
    command = [sys.executable, "-c", WATCHED, str(picture)]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=200)
    assert run.stdout.split() == ["WATCHED"], run.stdout + run.stderr
    assert picture.stat().st_size > 1000

"""The log tells what happened and never what was asked for, also when a library fails over it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipelines import tiny

ROOT = Path(__file__).parents[2]
CANARY = "zinnobercanary"

SCRIPT = f"""
import logging, sys, threading
from pathlib import Path
from components import logs
from components.actions import generate
from components.jobs import Dispatcher
from components.studio import open_studio
from policies.draft import Draft
from store.settings import Settings
from tests.conftest import ended
settings = Settings(data=Path(sys.argv[1]), device="cpu")
logs.configure(settings)
studio = open_studio(settings)
dispatcher = Dispatcher(studio)
dispatcher.start()
def draw(**values):
    return ended(studio, generate.start(studio, studio.owner, Draft(steps=2, seed=1, scheduler="euler", **values)))
flux = dict(model="flux", width=256, height=256)
print(draw(prompt="apple {CANARY}").state)
print(draw(prompt="<lora:{CANARY}:1> apple").state)  # the failure quotes the prompt
print(draw(prompt="apple " * 100 + "{CANARY}", **flux).state)  # so long that diffusers notes what it cut off
dispatcher.stop()
try:
    raise ValueError("{CANARY} is quoted by a library")
except ValueError:
    logging.getLogger("some.library").exception("a library failed")
def fail():
    raise RuntimeError("{CANARY} again")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
studio.close()
"""


@pytest.mark.promise("P21")
@pytest.mark.parametrize("form", ["json", "text"])
def test_a_prompt_is_in_no_line_of_the_log(tmp_path: Path, form: str) -> None:
    tiny.flux(tmp_path / "models" / "flux")
    settings = {
        "PIXCOSMOS_MODELS": str(tmp_path / "models"),
        "PIXCOSMOS_LOG_LEVEL": "debug",
        "PIXCOSMOS_LOG_FORMAT": form,
        "PYTHONPATH": ".",
        "HF_HUB_OFFLINE": "1",
    }
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "data")]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True)
    assert done.stdout.split() == ["done", "failed", "done"], done.stderr[-3000:]
    assert CANARY not in done.stderr
    for told in ("job done", "job failed", "model_missing", "a library failed", "ValueError", "thread ended"):
        assert told in done.stderr, done.stderr[-3000:]
    if form == "json":
        lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        failed = next(line for line in lines if line["event"] == "job failed")
        assert {"job", "model", "steps", "code", "level", "logger", "timestamp"} <= set(failed)
        assert "<string>" in str(next(line for line in lines if line.get("exception") == "ValueError")["places"])

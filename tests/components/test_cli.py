"""The command line as a person uses it: a process of its own, files, exit codes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from PIL import Image

from components import cli
from store.db import open_stores
from store.keys import KeyRing
from store.lock import DataLock
from store.settings import Settings

ROOT = Path(__file__).parents[2]


def run(data: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PIXCOSMOS_DATA": str(data), "COLUMNS": "200"} | settings
    command = [sys.executable, "app.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)


def test_the_same_seed_draws_the_same_picture_in_another_process(tmp_path: Path) -> None:
    files = [tmp_path / "one.png", tmp_path / "two.png"]
    for file in files:
        done = run(tmp_path / "data", "generate", "a red apple", "--seed", "1", "--steps", "4", "--out", str(file))
        assert done.returncode == 0, done.stderr
        assert "seed 1, 512 x 512" in done.stderr
    first, second = (np.asarray(Image.open(file)).astype(int) for file in files)
    assert np.abs(first - second).max() <= 6, "each file carries the watermark of its own picture, 3 levels at most"
    red, green, blue = first[180:330, 180:330].reshape(-1, 3).mean(axis=0)
    assert red > green + 40, "an apple of this seed is red in its middle"
    assert red > blue + 20


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (("generate", " "), {}, "prompt: ' ' is not allowed"),
        (("generate", "a fox", "--steps", "0"), {}, "steps: 0 is not allowed. Expected a whole number from 1 to 150."),
        (("generate", "a fox", "--model", "nobody"), {}, "model: 'nobody' is not here. Expected starter or"),
        (("generate", "a fox", "--out", "fox.gif"), {}, "'fox.gif' is not allowed. Expected a name ending in .png"),
        (("generate", "a fox", "--out", "no/such/folder/fox.png"), {}, "Expected a name in a folder that is there"),
        (("generate", "a fox", "--out", "[/b].gif"), {}, "'[/b].gif' is not allowed"),
        (("generate", "a fox", "--size", "²x²"), {}, "'²x²' is not allowed"),
        (("models",), {"PIXCOSMOS_DATA": "~nobody-of-this-machine/x"}, "PIXCOSMOS_DATA: '~nobody-of-this-machine/x'"),
        (("sweep",), {"PIXCOSMOS_DATA": "/dev/null/x"}, "/dev/null/x: Not a directory."),
        (("backup", "tests"), {}, "tests: Is a directory."),
        (("models",), {"PIXCOSMOS_PORT": "many"}, "PIXCOSMOS_PORT: 'many' is not allowed. Expected a valid integer"),
        (("serve",), {"PIXCOSMOS_HOST": "0.0.0.0"}, "PIXCOSMOS_ACCESS_TOKEN"),
        (("policy", "announce"), {}, "version: 1 is not allowed. Expected a second text of the policy"),
    ],
)
def test_what_a_person_can_mend_is_said_without_a_traceback(
    tmp_path: Path, arguments: tuple[str, ...], settings: dict[str, str], said: str
) -> None:
    done = run(tmp_path / "data", *arguments, **settings)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_every_command_of_the_readme_is_there() -> None:
    named = set(re.findall(r"^python app.py ([a-z-]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert named and named <= set(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]


def test_a_second_server_on_the_same_folder_is_told_why_not(tmp_path: Path) -> None:
    with DataLock(tmp_path / "data"):
        done = run(tmp_path / "data", "serve")
    assert done.returncode == 2
    assert "is in use by another studio" in done.stderr


def test_keys_are_rotated_while_the_studio_stands_still(tmp_path: Path) -> None:
    """And the doctor tells of a rotation that was cut off."""
    data = tmp_path / "data"
    open_stores(Settings(data=data)).close()
    with DataLock(data):
        busy = run(data, "rotate-keys")
    assert busy.returncode == 2
    assert "is in use by another studio" in busy.stderr
    ring = KeyRing.open(data / "keyring.json")
    assert list(ring.keys) == [1]
    ring.with_new().save(data / "keyring.json")
    assert "a rotation was cut off" in run(data, "doctor").stdout
    done = run(data, "rotate-keys")
    assert done.returncode == 0, done.stderr
    assert "Ended the rotation that was begun before: master key 2 is in place" in done.stdout
    assert list(KeyRing.open(data / "keyring.json").keys) == [2]


def test_a_dry_sweep_says_what_each_rule_would_do(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "sweep", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "would delete" in done.stdout
    for rule in ("inactivity", "guests", "analytics", "downloads", "backups", "accounts"):
        assert rule in done.stdout


def test_the_doctor_finds_this_installation_healthy(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "doctor")
    assert done.returncode == 0, done.stdout
    for check in ("settings", "python", "libraries", "data folder", "database", "key ring", "starter model", "device"):
        assert check in done.stdout
    assert not (tmp_path / "data").exists(), "an examination changes nothing"


def test_the_doctor_names_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    done = run(tmp_path / "data", "doctor")
    assert done.returncode == 1
    assert "others on this machine can read" in done.stdout


def test_the_models_are_listed_with_licence_and_state(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "models")
    assert done.returncode == 0
    assert "starter" in done.stdout
    assert "Apache-2.0" in done.stdout
    assert "available" in done.stdout

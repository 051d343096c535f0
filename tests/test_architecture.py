"""Which room may import which, and where each library lives: read from the source, not from running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("components", "pipelines", "policies", "store")

# A room -> the rooms of ours it may import.
DIRECTION = {
    "pipelines": {"pipelines"},
    "policies": {"policies"},
    "store": {"store", "policies"},
    "components/actions": {"components/actions", "components", "pipelines", "policies", "store"},
    "components": {"components", "components/actions", "components/pages", "components/cells", "components/web"}
    | {"pipelines", "policies", "store"},
}

# A library -> the places that may import it.
HOMES = {
    "gradio": ("components/pages", "components/cells", "components/theme.py", "app.py"),
    "fastapi": ("components/web", "app.py"),
    "starlette": ("components/web", "app.py"),
    "torch": ("pipelines",),
    "diffusers": ("pipelines",),
    "transformers": ("pipelines",),
    "safetensors": ("pipelines",),
    "spandrel": ("pipelines",),
    "controlnet_aux": ("pipelines",),
    "huggingface_hub": ("pipelines",),
    "dynamicprompts": ("policies/dynamic.py",),
    "nbformat": ("components/actions/exports.py",),
    "peewee": ("store",),
    "playhouse": ("store",),
    "apsw": ("store",),
    "psycopg": ("store",),
    "cryptography": ("store", "pipelines/provenance.py", "pipelines/credentials.py"),
    "passlib": ("store",),
    "zxcvbn": ("store",),
    "pyotp": ("components/actions/second_factor.py",),
    "segno": ("components/actions/second_factor.py", "components/web"),
    "email_validator": ("components/actions/accounts.py",),
    "limits": ("components/web/rates.py",),
    "ua_parser": ("components/web/devices.py",),
    "jinja2": ("components/web",),
    "aiosmtplib": ("components/smtp.py",),
    "authlib": ("components/openid.py",),
    "joserfc": ("components/openid.py",),
    "stripe": ("store",),
    "fsspec": ("store",),
    "pydantic_settings": ("store",),
    "prometheus_client": ("components/metrics.py",),
    "structlog": ("components/logs.py",),
    "zipstream": ("components/actions",),
}

# What the pure rules may not touch even in the standard library: files, clocks, networks, chance.
IMPURE = {"os", "io", "pathlib", "socket", "time", "random", "secrets", "threading", "subprocess", "logging", "asyncio"}


def sources() -> list[Path]:
    return sorted([ROOT / "app.py", *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))])


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(name: str) -> str:
    """components/actions is a room of its own; the rest of components is one."""
    parts = name.replace(".", "/").split("/")
    two = "/".join(parts[:2])
    return two if two in ("components/actions", "components/pages", "components/cells", "components/web") else parts[0]


@pytest.mark.parametrize("path", sources(), ids=place)
def test_a_room_imports_only_the_rooms_it_may(path: Path) -> None:
    here = room_of(place(path))
    allowed = DIRECTION.get(here, DIRECTION["components"])
    ours = {name for name in imports(path) if name.split(".")[0] in ROOMS}
    wrong = {name for name in ours if room_of(name) not in allowed}
    assert not wrong, f"{place(path)} may not import {sorted(wrong)}"


@pytest.mark.parametrize("path", sources(), ids=place)
def test_one_library_has_one_home(path: Path) -> None:
    wrong = {
        name
        for name in imports(path)
        if (homes := HOMES.get(name.split(".")[0])) and not place(path).startswith(homes)
    }
    assert not wrong, f"{place(path)} is not the home of {sorted(wrong)}"


@pytest.mark.parametrize("path", sorted((ROOT / "policies").rglob("*.py")), ids=place)
def test_policies_are_pure(path: Path) -> None:
    wrong = {name for name in imports(path) if name.split(".")[0] in IMPURE}
    if wrong == {"random", "random.Random"}:
        wrong = set()  # a generator of its own that starts from a seed is no chance
    assert not wrong, f"{place(path)} is a pure rule and may not import {sorted(wrong)}"


def test_the_page_is_up_before_torch() -> None:
    """Importing everything that serving needs must not import torch or diffusers: they load on the device's thread."""
    import subprocess
    import sys

    code = "import app, sys; print(sorted({'torch', 'diffusers', 'transformers'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip().splitlines()[-1] == "[]", done.stderr

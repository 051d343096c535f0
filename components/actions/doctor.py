"""Examines an installation: settings, data folder, database, shipped weights, libraries. Changes nothing."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from components.actions import policy_life
from pipelines.catalogue import Catalogue
from store import db
from store.keys import KeyRing
from store.settings import Settings, SettingsError

LIBRARIES = ("gradio", "torch", "torchvision", "diffusers", "transformers", "peewee", "pillow", "cryptography")
NEEDED_DISK = 2 * 10**9


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    ok: bool
    detail: str


def examine() -> list[Finding]:
    """Every check, also after one that failed."""
    try:
        settings = Settings.load()
    except SettingsError as error:
        return [Finding("settings", False, str(error))]
    return [Finding("settings", True, f"{settings.home} home on {settings.host}:{settings.port}"), *checks(settings)]


def checks(settings: Settings) -> Iterator[Finding]:
    named: tuple[tuple[str, Callable[[], tuple[bool, str]]], ...] = (
        ("python", python_version),
        ("libraries", libraries),
        ("data folder", lambda: data_folder(settings.data)),
        ("free disk", lambda: free_disk(settings.data)),
        ("database", lambda: db.versions(settings)),
        ("key ring", lambda: key_ring(settings.data / "keyring.json")),
        ("privacy policy", lambda: policy(settings)),
        ("starter model", lambda: starter(settings)),
        ("device", lambda: device(settings)),
    )
    for name, check in named:
        try:
            ok, detail = check()
        except Exception as error:
            ok, detail = False, f"{type(error).__name__}: {error}"
        yield Finding(name, ok, detail)


def python_version() -> tuple[bool, str]:
    return sys.version_info >= (3, 11), f"{platform.python_version()}, expected 3.11 or newer"


def libraries() -> tuple[bool, str]:
    return True, ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)


def data_folder(folder: Path) -> tuple[bool, str]:
    if not folder.exists():
        return True, f"{folder} will be made at the first start"
    loose = [path.name for path in (folder, *folder.iterdir()) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    return not loose, f"{folder}" + (f": others on this machine can read {', '.join(loose)}" if loose else ", private")


def free_disk(folder: Path) -> tuple[bool, str]:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    return free > NEEDED_DISK, f"{free / 1e9:.0f} GB free, expected at least {NEEDED_DISK / 1e9:.0f}"


def key_ring(file: Path) -> tuple[bool, str]:
    if not file.exists():
        return True, f"{file} will be made at the first start"
    keys = KeyRing.open(file, first_start=False).keys
    if len(keys) > 1:
        return False, "a rotation was cut off: everything opens, and `python app.py rotate-keys` ends it"
    return True, f"key {max(keys)}"


def policy(settings: Settings) -> tuple[bool, str]:
    """Whether people were told of the newest text. A hosted home writes to everybody, so its operator says when."""
    version = policy_life.newest()
    told = db.announced(settings)
    if version == 1 or told is None or version in told:
        return True, f"version {version}"
    if settings.home != "hosted":
        return True, f"version {version} is announced by itself at the next start"
    return False, f"nobody was told of version {version} yet: `python app.py policy announce` does it"


def starter(settings: Settings) -> tuple[bool, str]:
    model = Catalogue(settings.models_dir).get("starter")
    return model.state == "ready", f"{model.name}, {model.size_bytes / 1e6:.0f} MB, {model.state}"


def device(settings: Settings) -> tuple[bool, str]:
    from pipelines.device import choose

    return True, choose(settings.device).words

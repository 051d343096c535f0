"""The deployment files against what they deploy: names of settings, files that are there, a health check that answers.

No image is built here and no proxy is started; what they would run is run without them.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
import uvicorn
import yaml

from store.db import open_stores
from store.settings import PREFIX, SECRETS, Settings
from tests.postgres import Server, binaries

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
COMPOSE = (ROOT / "compose.yaml", DEPLOY / "compose.postgres.yaml", DEPLOY / "compose.cuda.yaml")
FILES = (ROOT / "Dockerfile", *COMPOSE, *(path for path in DEPLOY.iterdir() if path not in COMPOSE))
KNOWN = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def instructions(name: str) -> list[str]:
    """The Dockerfile's lines of one kind, continued lines joined."""
    joined = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    return [line.removeprefix(name).strip() for line in joined.splitlines() if line.startswith(f"{name} ")]


def environment_of_image() -> dict[str, str]:
    return dict(pair.split("=", 1) for line in instructions("ENV") for pair in shlex.split(line))


def composed(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return content


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_variable_is_a_setting(path: Path) -> None:
    text = path.read_text("utf-8")
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", text)) <= KNOWN


def test_secrets_come_by_file_and_are_settings_that_are_secret() -> None:
    for path in COMPOSE:
        content = composed(path)
        offered = content.get("secrets", {})
        for service in content["services"].values():
            assert set(service.get("secrets", ())) <= offered.keys() | composed(COMPOSE[0])["secrets"].keys()
            given = {name.removeprefix(PREFIX).lower() for name in service.get("environment", {})}
            assert given.isdisjoint(SECRETS), "a secret in the environment is shown by `docker inspect`"
        names = {name for name in offered if name.startswith(PREFIX.lower())}
        assert {name.removeprefix(PREFIX.lower()) for name in names} <= set(SECRETS)


def test_a_secret_is_read_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pixcosmos_smtp").write_text("smtps://me:hush@mail.example:465\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    smtp = Settings.load().smtp
    assert smtp is not None
    assert smtp.get_secret_value() == "smtps://me:hush@mail.example:465"
    monkeypatch.setenv("PIXCOSMOS_SMTP", "smtps://other.example")
    smtp = Settings.load().smtp
    assert smtp is not None
    assert smtp.get_secret_value() == "smtps://other.example", "what is said by hand counts more"


def test_a_composed_studio_would_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its settings are a hosted home's that strangers may reach."""
    said = {"DOMAIN": "studio.example", "POLICY_EFFECTIVE": "2026-12-01", "CONTACT_EMAIL": "privacy@studio.example"}
    given = environment_of_image() | composed(COMPOSE[0])["services"]["studio"]["environment"]
    for name, value in given.items():
        monkeypatch.setenv(name, re.sub(r"\$\{(\w+)[^}]*\}", lambda found: said[found[1]], str(value)))
    settings = Settings.load()
    settings.require_published_policy()
    settings.require_encrypted_way()
    assert (settings.home, settings.is_public, settings.is_https) == ("hosted", True, True)
    assert settings.data == Path("/data")


def test_the_proxy_is_the_one_whose_word_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    services = composed(COMPOSE[0])["services"]
    proxy = services["proxy"]["networks"]["inside"]["ipv4_address"]
    assert services["studio"]["environment"]["FORWARDED_ALLOW_IPS"] == proxy
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", proxy)
    assert uvicorn.Config("app:build").forwarded_allow_ips == proxy, "the server reads it from there"
    assert "ports" not in services["studio"], "strangers come by the proxy alone"


def test_files_that_are_mounted_or_named_are_there() -> None:
    for path in COMPOSE:
        for service in composed(path)["services"].values():
            for volume in service.get("volumes", ()):
                source = volume.split(":")[0]
                assert not source.startswith("./") or (ROOT / source).is_file(), source
    for name in re.findall(r"deploy/[\w.]+", (ROOT / "docs" / "deploying.md").read_text("utf-8")):
        assert (ROOT / name).exists(), name


def test_the_files_of_the_image_start_and_pass_its_health_check(tmp_path: Path) -> None:
    """What the Dockerfile copies, read-only and with its environment, is a whole studio."""
    app, data = tmp_path / "app", tmp_path / "data"
    app.mkdir()
    for line in instructions("COPY"):
        *sources, target = line.split()
        for source in sources:
            place = app / (target if (ROOT / source).is_dir() else source)
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            copy(ROOT / source, place)
    given = environment_of_image() | {
        "PIXCOSMOS_DATA": str(data),
        "PIXCOSMOS_PORT": str(free_port()),
        "PIXCOSMOS_ACCESS_TOKEN": "of the test",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HF_HUB_OFFLINE": "1",
    }
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)} | given
    entry = json.loads(instructions("ENTRYPOINT")[0])
    check = json.loads(instructions("HEALTHCHECK")[0].split("CMD", 1)[1])
    command = [sys.executable if part == "python" else part for part in entry]
    process = subprocess.Popen(command, cwd=app, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("PixCosmos is ready")
        asked = [sys.executable, *check[1:]]
        assert subprocess.run(asked, env=environment, timeout=60).returncode == 0
    finally:
        process.terminate()
        process.wait(timeout=60)
    assert subprocess.run(asked, env=environment, stderr=subprocess.DEVNULL, timeout=60).returncode != 0
    copied = {source for line in instructions("COPY") for source in line.split()[:-1]}
    assert {path.name for path in app.iterdir()} == copied, "a studio writes nothing beside its code"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_the_script_of_the_database_server_makes_what_the_studio_needs(postgres: Server, tmp_path: Path) -> None:
    made = {"content": ("pixcosmos", "pixcosmos"), "identity": ("pixcosmos_people",) * 2}
    made["keys"] = ("pixcosmos_people", "pixcosmos_keys")
    dsns = {
        f"{kind}_dsn": f"postgresql://{role}:abc123@/{database}?host={postgres.folder}"
        for kind, (role, database) in made.items()
    }
    for name, dsn in dsns.items():
        (tmp_path / f"pixcosmos_{name}").write_text(dsn + "\n")
    where = binaries()
    assert where is not None
    environment = os.environ | {
        "PATH": f"{where}:{os.environ['PATH']}",
        "PGHOST": str(postgres.folder),
        "SECRETS": str(tmp_path),
    }
    subprocess.run(["bash", str(DEPLOY / "databases.sh")], env=environment, check=True, stdout=subprocess.DEVNULL)
    stores = open_stores(Settings(data=tmp_path / "data", **dsns))
    stores.close()
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(dsns["identity_dsn"].replace("pixcosmos_people:", "pixcosmos:"))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="Debian's systemd package is not here")
def test_systemd_can_read_the_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "pixcosmos.service").read_text("utf-8")
    copy = tmp_path / "pixcosmos.service"
    copy.write_text(unit.replace("/opt/pixcosmos/.venv/bin/python", sys.executable))
    found = subprocess.run(["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    assert "Unknown" not in found.stderr


def test_a_space_brings_the_gradio_that_is_pinned() -> None:
    front = yaml.safe_load((ROOT / "README.md").read_text("utf-8").split("---")[1])
    pinned = dict(re.findall(r"^([\w-]+)(?:\[\w+\])?==([\d.]+)", (ROOT / "requirements.txt").read_text(), re.M))
    assert front["sdk"] == "gradio"
    assert front["sdk_version"] == pinned["gradio"]
    assert (ROOT / front["app_file"]).is_file()
    assert instructions("FROM")[0].startswith(f"python:{front['python_version']}")
    wanted = re.search(r"grep -oE '([^']+)'", (ROOT / "Dockerfile").read_text("utf-8"))
    assert wanted is not None
    first = re.findall(wanted[1], (ROOT / "requirements.txt").read_text(), re.M)
    assert len(first) == 2, "torch and torchvision come from the index that was asked for"

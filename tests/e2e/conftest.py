"""A real server on a free port with a data folder of its own, and a real browser that looks at it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 60_000  # milliseconds; a slow machine loads the model first
FEW_STEPS = {"steps": 3}

expect.set_options(timeout=PATIENCE)


@dataclass(frozen=True)
class Server:
    url: str
    data: Path
    temp_folders: tuple[Path, ...]
    lines: list[str] = field(default_factory=list)

    def said(self, wanted: re.Pattern[str], seconds: float = 30.0) -> list[str]:
        """What it printed that looks like this, once there is something."""
        until = time.monotonic() + seconds
        while not (found := wanted.findall("".join(self.lines))):
            assert time.monotonic() < until, f"the server did not say {wanted.pattern!r}"
            time.sleep(0.1)
        return found


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all: a test looks for pictures by the words of its own prompts."""
    with serving(tmp_path_factory.mktemp("studio"), free_port()) as server:
        yield server


@contextmanager
def serving(data: Path, port: int, **settings: str) -> Iterator[Server]:
    environment = os.environ | settings | {
        "PIXCOSMOS_DATA": str(data),
        "PIXCOSMOS_PORT": str(port),
        "PIXCOSMOS_OPEN_BROWSER": "false",
        "TMPDIR": str(data),
    }
    before = temp_folders(data)
    command = [sys.executable, "app.py"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("PixCosmos is ready"), f"the server said {line!r}"
    lines: list[str] = []
    threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True).start()
    try:
        yield Server(line.split()[-1], data, tuple(temp_folders(data) - before), lines)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def temp_folders(data: Path) -> set[Path]:
    return {*Path("/dev/shm").glob("pixcosmos-*"), *data.glob("pixcosmos-*")}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A desk: 1280 by 800, dark, a mouse."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    yield opened(context, server)
    context.close()


@pytest.fixture
def phone(browser: Browser, server: Server) -> Iterator[Page]:
    """A phone: 390 by 844, a thumb."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    yield opened(context, server)
    context.close()


def opened(context: BrowserContext, server: Server) -> Page:
    """The studio as no test left it: a draft of few steps, so that it draws quickly, and nothing folded out."""
    context.set_default_timeout(PATIENCE)
    context.request.put(f"{server.url}/api/preferences", data={"advanced_open": False})  # a hosted home asks who
    kept = json.dumps(json.dumps(FEW_STEPS))
    context.add_init_script(f"sessionStorage['pixcosmos.draft'] ??= {kept}")
    page = context.new_page()
    page.goto(server.url)
    ready(page)
    return page


def ready(page: Page) -> None:
    """The page has its controls, its words and its place in the event stream."""
    page.wait_for_selector("#generate", state="attached")
    page.wait_for_selector(".machine:not([data-state=unknown])[data-state]", state="attached")
    page.wait_for_function("JSON.parse(sessionStorage['pixcosmos.draft']).model === 'starter'")


def draw(page: Page, prompt: str, count: int = 1) -> str:
    """Types the prompt, generates, waits for the pictures. Returns a selector of the run."""
    page.locator("#count label", has_text=str(count)).click()
    page.fill("#prompt textarea", prompt)
    page.click("#generate")
    run = f'.run[aria-label="{prompt}"]'
    page.wait_for_selector(f"{run}[data-state=done]")
    page.wait_for_selector(f"{run} .final")
    return run

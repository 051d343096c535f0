"""How long until there is a page, and how much memory the studio takes, each against the barest script of its kind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.ratio import Ratio, interleave

ROOT = Path(__file__).parents[1]

BARE_PAGE = """
import os, gradio as gr
with gr.Blocks() as demo:
    gr.Textbox(); gr.Button()
demo.launch(server_port=int(os.environ["PIXCOSMOS_PORT"]), quiet=True)
"""

BARE_PICTURE = """
from benchmarks.drawing import DRAFT, Bare
Bare()(DRAFT)
"""

OUR_PICTURE = """
from components.actions import generate
from benchmarks.drawing import DRAFT, studio, wait
with studio() as (ours, owner):
    wait(ours, generate.start(ours, owner, DRAFT))
"""


def page_ready(turns: int) -> list[Ratio]:
    """From the start of the process to the first answer of the page."""
    return [
        interleave(
            "page ready / bare gradio",
            lambda: until_page([sys.executable, "app.py"]),
            lambda: until_page([sys.executable, "-c", BARE_PAGE]),
            turns,
            "at most 1.3",
        )
    ]


def peak_memory(turns: int) -> list[Ratio]:
    """Highest resident memory of a process that draws one picture."""
    ours = [peak(OUR_PICTURE) for _ in range(turns)]
    theirs = [peak(BARE_PICTURE) for _ in range(turns)]
    return [Ratio("peak memory / bare script", ours, theirs, "at most +200 MB", "MB")]


def until_page(command: list[str]) -> None:
    with tempfile.TemporaryDirectory() as data, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        settings = {"PIXCOSMOS_DATA": data, "PIXCOSMOS_PORT": str(port), "PIXCOSMOS_OPEN_BROWSER": "false"}
        environment = os.environ | settings | {"GRADIO_ANALYTICS_ENABLED": "False"}
        quiet = subprocess.DEVNULL
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
        try:
            while not answers(f"http://127.0.0.1:{port}/"):
                time.sleep(0.02)
        finally:
            server.kill()
            server.wait()


def answers(url: str) -> bool:
    try:
        return bool(urllib.request.urlopen(url, timeout=30).status == 200)
    except OSError:
        return False


def peak(script: str) -> float:
    """Megabytes, as the kernel kept it for the process: getrusage would also remember its parent's."""
    tell = "\nprint(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    command = [sys.executable, "-W", "ignore", "-c", script + tell]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return int(done.stdout.split()[-1]) / 1024

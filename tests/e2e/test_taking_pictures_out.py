"""All pictures at once, three ways: the page, the API and the command line take out the same."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.components.actions.test_importing import SETTINGS, png
from tests.e2e.conftest import ROOT, Server
from tests.e2e.test_gallery_page import search


def taken(data: bytes) -> dict[str, str]:
    """Number and hash of each picture of the archive's manifest, whose file is there."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        pictures = json.loads(archive.read("manifest.json"))["pictures"]
        assert {picture["file"] for picture in pictures} <= set(archive.namelist())
    return {picture["id"]: picture["sha256"] for picture in pictures}


@pytest.mark.promise("P51")
def test_the_page_the_api_and_the_command_line_take_out_the_same(page: Page, server: Server, tmp_path: Path) -> None:
    for colour, subject in (("red", "walrus"), ("green", "walrus"), ("blue", "walrus"), ("white", "gnu")):
        data = png(colour, settings=SETTINGS | {"prompt": f"a {subject} on violet"})
        file = {"name": f"{colour}.png", "mimeType": "image/png", "buffer": data}
        brought = page.request.post(f"{server.url}/api/imports", multipart={"file": file}).json()
        assert [one["state"] for one in brought["brought"]] == ["kept"]

    plan = page.request.post(f"{server.url}/api/exports", data={"q": "walrus"}).json()
    by_api = taken(page.request.get(f"{server.url}{plan['parts'][0]['url']}").body())
    assert len(by_api) == 3

    search(page, "walrus")
    expect(page.locator(".tile:not(.skeleton)")).to_have_count(3)
    page.get_by_role("button", name="Select", exact=True).click()
    page.locator(".tile a").first.click()
    page.get_by_role("button", name="Select all shown").click()
    expect(page.locator(".tray")).to_contain_text("3 selected")
    page.locator(".tray").get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    assert taken(Path(download.value.path()).read_bytes()).keys() == by_api.keys()

    out = tmp_path / "out.zip"
    command = [sys.executable, "app.py", "export", str(out), "--query", "walrus"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"PIXCOSMOS_DATA": str(server.data)}, check=True, timeout=120)
    assert taken(out.read_bytes()).keys() == by_api.keys()

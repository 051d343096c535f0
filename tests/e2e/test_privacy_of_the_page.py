"""What the page tells others, and what it leaves lying about: nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server, draw, opened

# A canary no other text contains.
PROMPT = "a koala named qxjzvw on white"


@pytest.mark.promise("P33")
def test_the_page_asks_no_other_host_for_anything(browser: Browser, server: Server) -> None:
    context = browser.new_context()
    hosts: set[str] = set()
    complaints: list[str] = []
    context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page = opened(context, server)
    draw(page, "a bear on white")
    page.click("nav a[href='#gallery']")
    page.locator(".tile a").first.click()
    expect(page.locator(".detail .canvas img")).to_be_visible()
    context.close()
    assert hosts - {""} == {urlsplit(server.url).netloc}
    assert complaints == []


@pytest.mark.promise("P3")
@pytest.mark.promise("P21")
def test_nothing_of_a_picture_is_in_gradios_cache_or_readable_on_disk(page: Page, server: Server) -> None:
    draw(page, PROMPT)
    assert server.temp_folders, "the server's own temporary folder was not found"
    left = [path for folder in server.temp_folders for path in folder.rglob("*") if path.is_file()]
    assert left == []
    for path in server.data.rglob("*"):
        if path.is_file():
            assert b"qxjzvw" not in path.read_bytes(), f"{path.name} holds the prompt in plain text"


@pytest.mark.promise("P25")
@pytest.mark.parametrize("path", ["/gradio_api/file=README.md", "/gradio_api/upload", "/gradio_api/deep_link"])
def test_gradios_own_file_routes_are_closed(page: Page, server: Server, path: str) -> None:
    assert page.request.get(f"{server.url}{path}").status == 404



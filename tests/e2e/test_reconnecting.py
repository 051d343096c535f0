"""The studio stops and starts again under an open page: it says so, keeps what was typed, and goes on."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import draw, free_port, opened, serving


def test_a_page_outlives_a_restart_of_its_studio(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    context = browser.new_context()
    with serving(tmp_path, port) as server:
        page = opened(context, server)
        page.fill("#prompt textarea", "typed before the restart")
        expect(page.locator(".banner")).to_be_hidden()
    expect(page.locator(".banner")).to_contain_text("The connection is gone")
    page.click("#generate")
    expect(page.locator("#bridge .notice")).to_contain_text("The studio does not answer")
    with serving(tmp_path, port):
        expect(page.locator(".banner")).to_be_hidden()
        expect(page.locator("#prompt textarea")).to_have_value("typed before the restart")
        draw(page, "a bicycle on white")
    context.close()

"""A refusal is read in the reader's own words, whatever language the server wrote it in."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Server, opened


def test_a_refusal_speaks_the_readers_language(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="de-DE")
    page = opened(context, server)
    page.fill("#prompt textarea", "")
    page.click("#generate")
    notice = page.locator("#bridge .notice")
    expect(notice).to_contain_text("Der Prompt ist leer")
    expect(notice).to_contain_text("Sag in ein paar Worten")
    assert "not allowed" not in notice.inner_text()
    assert "Expected" not in notice.inner_text()
    context.close()

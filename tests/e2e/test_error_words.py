"""A refusal is read in the reader's own words, whatever language the server wrote it in."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Server, draw, opened


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


def test_what_is_kept_is_told_in_the_readers_language(browser: Browser, server: Server) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="de-DE")
    page = opened(context, server)
    draw(page, "a fox on grey")
    page.goto(f"{server.url}/#account/data")
    jobs = page.locator(".data-table", has=page.locator("summary strong", has_text="Aufträge")).first
    jobs.locator("summary").click()
    expect(jobs).to_contain_text("Zeichnet, worum du bittest")
    took = jobs.locator(".data-rows div", has=page.locator("dt", has_text="Benötigte Sekunden")).first.locator("dd")
    expect(took).to_have_text(re.compile(r"^\d+(,\d{1,2})?$"))
    context.close()

"""Publish, look at it in a browser with no cookies, take the link back: the picture, then nothing of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import draw


@pytest.mark.promise("P42")
@pytest.mark.parametrize("width", [1280, 390])
def test_strangers_see_what_is_published_until_it_is_taken_back(page: Page, browser: Browser, width: int) -> None:
    run = draw(page, f"a lighthouse on the sea {width}")
    page.locator(f"{run} .bar").get_by_role("button", name="More").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.locator("dialog.publish")
    dialog.get_by_label("Title, if you like").fill("Light <b>house</b>")
    dialog.get_by_label("I agree").check()
    dialog.get_by_role("button", name="Publish").click()
    expect(dialog).to_have_count(0)
    page.goto(page.url.split("#")[0] + "#showcase")
    mine = page.locator(".shares li").first
    link = mine.locator(".link").input_value()

    context = browser.new_context(viewport={"width": width, "height": 844})
    stranger = context.new_page()
    assert stranger.goto(link).status == 200  # type: ignore[union-attr]
    expect(stranger.locator("h1")).to_have_text("Light <b>house</b>")
    expect(stranger.locator(".frame img")).to_be_visible()
    assert stranger.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert context.cookies() == []

    mine.get_by_role("button", name="Take the link back").click()
    expect(page.locator(".toast.acting")).to_contain_text("The link is gone")
    for end in ("", "/image.png", "/preview.jpg", "/thumb.webp", "/embed"):
        assert stranger.request.get(link + end).status == 410
    assert stranger.reload().status == 410  # type: ignore[union-attr]
    context.close()

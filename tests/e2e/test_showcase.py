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


@pytest.mark.promise("P42")
def test_a_notebook_is_published_read_by_a_stranger_and_remixed(page: Page, browser: Browser) -> None:
    """The remixes are clicked: one opens as a notebook of its own, one fills the controls."""
    run = draw(page, "a windmill <i>at dusk</i>")
    page.locator(".take-along .button").click()
    page.get_by_role("button", name="Publish the notebook").click()
    dialog = page.locator("dialog.publish")
    dialog.get_by_label("Title, if you like").fill("Mills <b>and more</b>")
    for choice in ("Show the prompts", "Let others open it", "I agree"):
        dialog.get_by_label(choice).check()
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(dialog).to_have_count(0)
    page.locator(f"{run} .bar").get_by_role("button", name="More").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    for choice in ("Let others open the settings", "I agree"):
        dialog.get_by_label(choice).check()
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(dialog).to_have_count(0)
    page.goto(page.url.split("#")[0] + "#showcase")
    one, whole = (page.locator(".shares li").nth(n).locator(".link").input_value() for n in (0, 1))

    context = browser.new_context(viewport={"width": 390, "height": 844})
    stranger = context.new_page()
    stranger.goto(whole)
    expect(stranger.locator("h1")).to_have_text("Mills <b>and more</b>")
    expect(stranger.locator("blockquote", has_text="a windmill <i>at dusk</i>")).to_be_visible()
    expect(stranger.locator(".plates img").first).to_be_visible()
    assert stranger.evaluate("document.documentElement.scrollWidth <= innerWidth")
    stranger.get_by_role("link", name="Remix in the studio").click()
    expect(stranger.locator(".toast")).to_contain_text("open as one of your own")
    expect(stranger.locator(".notebook-title")).to_have_value("Mills <b>and more</b>")
    expect(stranger.get_by_text("a windmill <i>at dusk</i>").first).to_be_visible()
    stranger.goto(one)
    stranger.get_by_role("link", name="Remix in the studio").click()
    expect(stranger.locator("#prompt textarea")).to_have_value("a windmill <i>at dusk</i>")
    context.close()


@pytest.mark.promise("P16")
def test_a_reported_page_is_taken_on_seen_and_taken_down(page: Page, browser: Browser) -> None:
    """On a home of one's own its owner is the moderator."""
    run = draw(page, "a kettle on grey")
    page.locator(f"{run} .bar").get_by_role("button", name="More").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.locator("dialog.publish")
    dialog.get_by_label("I agree").check()
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(dialog).to_have_count(0)
    page.goto(page.url.split("#")[0] + "#showcase")
    link = page.locator(".shares li").first.locator(".link").input_value()
    note = "mine <img src=x onerror=harmed=1>"
    stranger = browser.new_page()
    sent = stranger.request.post(f"{link}/report", form={"reason": "rights", "note": note})
    assert sent.status == 200

    page.goto(page.url.split("#")[0] + "#review")
    page.reload()
    expect(page.locator("nav a[href='#review'] .badge")).to_have_text("1")
    case = page.locator(".cases li").first
    case.get_by_role("button", name="Take it on").click()
    expect(case.locator("blockquote")).to_have_text(note)
    expect(case.get_by_role("img", name="The picture of this case, blurred")).to_be_visible()
    case.get_by_role("button", name="Show it clearly").click()
    expect(case.get_by_role("img", name="The picture of this case", exact=True)).to_be_visible()
    case.get_by_role("button", name="Take the page down").click()
    expect(page.locator(".toast.bad")).to_contain_text("A sentence is missing")
    case.get_by_label("Your message to the person").fill("Somebody else drew it <b>first</b>.")
    case.get_by_role("button", name="Take the page down").click()
    expect(page.locator("#review .welcome")).to_be_visible()
    assert stranger.request.get(link).status == 410
    page.locator("nav a[href='#showcase']").click()
    expect(page.locator(".taken-down blockquote").first).to_have_text("Somebody else drew it <b>first</b>.")
    page.get_by_role("link", name="Show everything that is held back").click()
    expect(page.locator("#gallery input[type=search]")).to_have_value("is:held")
    held = page.locator(".tile .caption")
    expect(held.filter(has_text="a kettle on grey")).to_have_count(1)
    expect(held.filter(has_text="a windmill")).to_have_count(0)
    assert page.evaluate("window.harmed") is None
    stranger.close()

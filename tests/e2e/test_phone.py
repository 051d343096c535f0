"""Everything with a thumb at 390 pixels: nothing scrolls sideways, and what is touched is large enough."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import draw

SMALL = """() => [...document.querySelectorAll("button, a, input, label")].filter(element => {
    const box = element.getBoundingClientRect();
    const shown = element.checkVisibility({opacityProperty: true}) && box.width && box.height;
    const inside = element.closest("label, .block") !== element && element.matches("label *, .block label *");
    return shown && !inside && box.height < 43.5 && !element.closest("#steps, #guidance, .wrap-inner");
}).map(element => `${element.tagName} ${element.id} ${element.className} ${element.getBoundingClientRect().height}`)"""


def sideways(page: Page) -> int:
    width: int = page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
    return width


def test_no_view_scrolls_sideways(phone: Page) -> None:
    assert sideways(phone) <= 390
    draw(phone, "a watermelon on yellow, with a very long description that goes on and on to see what a phone does")
    assert sideways(phone) <= 390
    phone.click("nav a[href='#gallery']")
    phone.locator(".tile a").first.click()
    expect(phone.locator(".detail .canvas img")).to_be_visible()
    assert sideways(phone) <= 390
    assert phone.evaluate("document.querySelector('dialog.detail').scrollWidth") <= 390


def test_the_cross_of_an_open_picture_covers_nothing(phone: Page) -> None:
    run = draw(phone, "a bell on blue")
    phone.locator(f"{run} .open").click()
    expect(phone.locator(".detail dl")).to_be_visible()
    bar = phone.locator(".detail .ways")
    for scrolled in (0, 300, 600):
        phone.evaluate("top => document.querySelector('dialog.detail').scrollTo(0, top)", scrolled)
        box, cross = bar.bounding_box(), phone.locator(".detail .shut").bounding_box()
        assert box is not None and cross is not None
        assert box["y"] == 0 and box["width"] == 390 and cross["y"] + cross["height"] <= box["y"] + box["height"]
        # The whole width of the row is its own: nothing shows through beside the cross.
        under = "x => document.elementFromPoint(x, 20).closest('.ways') !== null"
        assert all(phone.evaluate(under, x) for x in (130, 250, 370))
        assert bar.evaluate("one => getComputedStyle(one).backgroundColor").startswith("rgb(")
    phone.locator(".detail .shut").click()
    expect(phone.locator("dialog.detail")).to_be_hidden()


def test_targets_are_at_least_44_pixels_high(phone: Page) -> None:
    draw(phone, "a rose on green")
    assert phone.evaluate(SMALL) == []
    phone.get_by_role("button", name="Advanced").click()
    expect(phone.locator("#exact")).to_be_visible()
    assert phone.evaluate(SMALL) == []
    phone.click("nav a[href='#gallery']")
    phone.wait_for_selector(".tile")
    assert phone.evaluate(SMALL) == []


def test_the_picture_comes_first_and_generate_stays_in_reach(phone: Page) -> None:
    run = draw(phone, "a tulip on white")
    picture = phone.locator(f"{run} .box").first.bounding_box()
    prompt = phone.locator("#prompt").bounding_box()
    assert picture is not None and prompt is not None and picture["y"] < prompt["y"]
    phone.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(phone.locator("#generate")).to_be_in_viewport()
    expect(phone.locator("nav a[href='#studio']")).to_be_in_viewport()


def test_a_long_press_chooses_and_the_tray_is_within_reach(phone: Page) -> None:
    draw(phone, "a lighthouse on white")
    phone.click("nav a[href='#gallery']")
    phone.fill("#gallery input[type=search]", "lighthouse")
    tile = phone.locator(".tile:not(.skeleton)").first
    expect(tile).to_be_visible()
    tile.dispatch_event("touchstart", {"touches": [], "changedTouches": [], "targetTouches": []})
    expect(phone.locator(".tray")).to_contain_text("1 selected")
    expect(phone.locator(".tray").get_by_role("button", name="Move to board")).to_be_in_viewport()
    assert sideways(phone) <= 390
    assert phone.evaluate(SMALL) == []

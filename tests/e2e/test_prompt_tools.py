"""The tools at the prompt: a dynamic prompt is previewed and drawn, a style put on and off, a grid becomes a sheet."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import draw


def test_a_dynamic_prompt_says_what_it_becomes_and_draws_all(page: Page) -> None:
    page.fill("#prompt textarea", "a {kite|cactus} on {white|mint green}")
    line = page.locator(".reading-line")
    expect(line).to_contain_text("4 prompts in this one")
    line.get_by_role("button", name="See them").click()
    expect(page.locator(".sheet-of-words li")).to_have_text(
        ["a kite on white", "a kite on mint green", "a cactus on white", "a cactus on mint green"]
    )
    page.get_by_role("button", name="Draw all 4").click()
    series = page.locator(".cell.series").first
    expect(series.locator(".words")).to_have_value("a {kite|cactus} on {white|mint green}")
    expect(series.locator("figcaption")).to_have_count(4)
    expect(series.locator("a img")).to_have_count(4)
    page.fill("#prompt textarea", "a {kite|cactus")
    expect(line).to_contain_text("character 3: this choice is not closed")


def test_a_grid_is_priced_before_it_is_drawn_and_becomes_a_sheet(page: Page) -> None:
    page.fill("#prompt textarea", "a strawberry on white")
    page.get_by_role("button", name="Grid", exact=True).click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Values across").fill("2, 3")
    dialog.get_by_label("Values down").fill("1, 900")
    expect(dialog.locator(".notice")).to_contain_text("guidance: 900")
    dialog.get_by_label("Values down").fill("1, 3")
    dialog.get_by_role("button", name="Draw 4 pictures").click()
    series = page.locator(".cell.series.crossed").first
    expect(series).to_have_attribute("data-fresh", "fresh")
    series.get_by_label("Values across").fill("2, 3, 4")
    series.get_by_label("Values across").press("Tab")
    expect(series).to_have_attribute("data-fresh", "stale")
    series.get_by_role("button", name="Run").click()
    expect(series).to_have_attribute("data-fresh", "fresh")
    expect(series.locator("a img")).to_have_count(6)
    series.get_by_role("button", name="Sheet").click()
    sheet = page.locator("img.sheet")
    expect(sheet).to_be_visible()
    assert sheet.evaluate("image => image.decode().then(() => image.naturalWidth)") > 600


def test_a_picture_becomes_a_style_with_its_words_and_itself_as_thumbnail(page: Page) -> None:
    run = draw(page, "a banana on white")
    page.locator(f"{run} .bar").get_by_role("button", name="More").click()
    page.get_by_role("button", name="Save as a style").click()
    form = page.locator("dialog[open]")
    expect(form.get_by_label("Words, with")).to_have_value("{prompt}, a banana on white")
    form.get_by_label("Name").fill("Banana")
    form.get_by_label("Words, with").fill("{prompt} on white")
    form.get_by_role("button", name="Save").click()
    expect(form).to_have_count(0)
    page.get_by_role("toolbar", name="Prompt tools").get_by_role("button", name="Styles").click()
    mine = page.locator("dialog .own .tile", has_text="Banana")
    assert mine.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_on_a_phone_a_style_is_put_on_and_taken_off_and_the_history_finds_it(phone: Page) -> None:
    phone.fill("#prompt textarea", "a lighthouse")
    tools = phone.get_by_role("toolbar", name="Prompt tools")
    tools.get_by_role("button", name="Styles").click()
    snow = phone.locator("dialog .tile", has_text="Snow")
    boxes = [phone.locator("dialog .tile").nth(n).bounding_box() for n in range(3)]
    assert len({(box["x"], box["y"]) for box in boxes if box}) == 3, "the styles lie over each other"
    snow.click()
    expect(snow).to_have_attribute("aria-pressed", "true")
    expect(phone.locator("#prompt textarea")).to_have_value("a lighthouse in the snow")
    snow.click()
    expect(phone.locator("#prompt textarea")).to_have_value("a lighthouse")
    phone.keyboard.press("Escape")
    phone.click("#generate")
    expect(phone.locator('.run[aria-label="a lighthouse"]').first).to_be_visible()
    tools.get_by_role("button", name="History").click()
    expect(phone.get_by_role("button", name="Use the prompt: a lighthouse", exact=True)).to_be_visible()
    phone.get_by_label("Search your prompts").fill("nothing like it")
    expect(phone.locator(".past")).to_contain_text("No prompt of yours has all of these words.")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")

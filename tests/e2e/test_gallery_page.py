"""The gallery: find a picture by its words, look at it, go on to its neighbour, delete one or many."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import draw, ready


def search(page: Page, words: str) -> None:
    page.click("nav a[href='#gallery']")
    page.fill("#gallery input[type=search]", words)


def test_search_finds_pictures_by_the_words_of_their_prompt(page: Page) -> None:
    draw(page, "an umbrella on turquoise")
    draw(page, "an anchor on turquoise")
    search(page, "umbrella turquoise")
    expect(page.locator(".tile")).to_have_count(1)
    expect(page.locator(".tile .caption")).to_have_text("an umbrella on turquoise")
    page.fill("#gallery input[type=search]", "zeppelin")
    expect(page.locator("#gallery .message")).to_contain_text("No picture for “zeppelin”")
    page.get_by_role("button", name="Clear the search").click()
    expect(page.locator(".tile").first).to_be_visible()


def test_a_picture_opens_large_and_the_keys_go_on_and_back(page: Page) -> None:
    draw(page, "a drum on white", count=2)
    search(page, "drum")
    expect(page.locator(".tile")).to_have_count(2)
    page.locator(".tile a").first.click()
    first = page.url
    expect(page.locator(".detail .words").first).to_have_text("a drum on white")
    expect(page.locator(".detail .older")).to_be_enabled()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: url != first and "#image/" in url)
    page.keyboard.press("Escape")
    page.wait_for_url("**/#gallery")
    expect(page.locator("dialog.detail")).to_be_hidden()


def test_the_address_of_a_picture_opens_it_again_and_back_leaves_it(page: Page) -> None:
    draw(page, "a violin on black")
    page.locator('.run[aria-label="a violin on black"] .open').click()
    page.wait_for_url("**/#image/*")
    page.reload()
    ready(page)
    expect(page.locator(".detail .words").first).to_have_text("a violin on black")
    page.go_back()
    expect(page.locator("dialog.detail")).to_be_hidden()


def test_many_are_chosen_and_deleted_after_a_question_that_says_what_goes(page: Page) -> None:
    draw(page, "a snail on yellow", count=2)
    search(page, "snail")
    expect(page.locator(".tile")).to_have_count(2)
    page.get_by_role("button", name="Select", exact=True).click()
    for tile in page.locator(".tile a").all():
        tile.click()
    page.locator(".tray").get_by_role("button", name="Delete 2 images").click()
    question = page.locator("dialog.question")
    expect(question).to_contain_text("Delete 2 images?")
    question.get_by_role("button", name="Cancel").click()
    expect(page.locator(".tile")).to_have_count(2)
    page.locator(".tray").get_by_role("button", name="Delete 2 images").click()
    question.get_by_role("button", name="Delete 2 images").click()
    expect(page.locator(".tile")).to_have_count(0)
    page.reload()
    ready(page)
    search(page, "snail")
    expect(page.locator("#gallery .message")).to_contain_text("No picture for “snail”")


def test_a_deleted_picture_leaves_an_empty_place_and_is_gone_from_its_address(page: Page) -> None:
    run = draw(page, "a turtle on green")
    address = page.locator(f"{run} .final").get_attribute("src")
    assert address is not None and page.request.get(page.url.split("#")[0].rstrip("/") + address).status == 200
    page.locator(f"{run} .bar").get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(f"{run} .gone")).to_have_text("Deleted")
    expect(page.locator(f"{run} .final")).to_have_count(0)
    assert page.request.get(page.url.split("#")[0].rstrip("/") + address).status == 404

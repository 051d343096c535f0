"""The gallery: find a picture by its words, look at it, go on to its neighbour, delete one or many."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from pipelines import images
from tests.e2e.conftest import draw, ready

HOSTILE = "Sea <img src=x onerror=harmed=1><script>harmed=1</script>"
HOSTILE_TAG = "<img src=x onerror=harmed=1>"  # a tag has at most 40 characters
FISH_TAG = "<img src=y onerror=harmed=1>"  # of no other picture of the studio that these tests share


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


def test_many_are_chosen_deleted_at_once_and_brought_back(page: Page) -> None:
    draw(page, "a snail on yellow", count=2)
    search(page, "snail")
    expect(page.locator(".tile")).to_have_count(2)
    thumb = page.locator(".tile img").first.get_attribute("src")
    page.get_by_role("button", name="Select", exact=True).click()
    page.locator(".tile a").first.click()
    page.locator(".tile a").last.click(modifiers=["Shift"])
    expect(page.locator(".tray")).to_contain_text("2 selected")
    page.locator(".tray").get_by_role("button", name="Delete").click()
    expect(page.locator(".tile")).to_have_count(0)
    assert thumb is not None and page.request.get(address_of(page, thumb)).status == 404
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".tile")).to_have_count(2)
    assert page.request.get(address_of(page, thumb)).status == 200


def test_stars_tags_and_boards_by_menu_by_drag_and_in_the_search(page: Page) -> None:
    draw(page, "a whale on white", count=2)
    search(page, "whale")
    expect(page.locator(".tile")).to_have_count(2)
    page.locator(".tile").first.hover()
    page.locator(".tile .starred").first.click()
    expect(page.locator(".tile.is-starred")).to_have_count(1)
    page.get_by_role("button", name="New board").click()
    page.get_by_role("textbox", name="Title", exact=True).fill(HOSTILE)
    page.get_by_role("button", name="Make the board").click()
    board = page.locator(".board-item", has_text="Sea")
    page.locator(".tile").first.drag_to(board)
    expect(board.locator(".count")).to_have_text("1")
    page.locator(".tile a").last.focus()
    page.keyboard.press("b")
    page.get_by_role("dialog", name="Move to board").get_by_role("button", name="Sea").click()
    expect(board.locator(".count")).to_have_text("2")
    page.locator(".tile a").first.focus()
    page.keyboard.press("t")
    page.get_by_placeholder("Add a tag").fill(HOSTILE_TAG)
    page.keyboard.press("Enter")
    expect(page.locator(".popover .tag")).to_have_text(HOSTILE_TAG)
    page.keyboard.press("Escape")
    for query, count in ((f'whale tag:"{HOSTILE_TAG}"', 1), (f'board:"{HOSTILE}"', 2), ("whale is:starred", 1)):
        page.fill("#gallery input[type=search]", query)
        expect(page.locator(".tile:not(.skeleton)")).to_have_count(count)
    page.fill("#gallery input[type=search]", "whale steps:many")
    expect(page.locator("#search-trouble")).to_contain_text("steps:many")
    assert page.evaluate("window.harmed") is None


def test_what_people_type_stays_text_in_the_gallery_the_detail_and_the_messages(page: Page) -> None:
    draw(page, HOSTILE)
    search(page, "harmed")
    page.locator(".tile a").first.click()
    expect(page.locator(".detail .words").first).to_have_text(HOSTILE)
    page.locator(".detail").get_by_placeholder("Add a tag").fill(HOSTILE_TAG)
    page.keyboard.press("Enter")
    expect(page.locator(".detail .tag")).to_have_text(HOSTILE_TAG)
    page.keyboard.press("Escape")
    expect(page.locator("dialog.detail[open]")).to_have_count(0)  # until then nothing behind it takes letters
    page.fill("#gallery input[type=search]", f"{HOSTILE} nothing")
    expect(page.locator("#gallery .message")).to_contain_text("No picture for")
    assert page.evaluate("window.harmed") is None


def address_of(page: Page, path: str) -> str:
    return page.url.split("#")[0].rstrip("/") + path


def test_a_deleted_picture_leaves_an_empty_place_and_is_gone_from_its_address(page: Page) -> None:
    run = draw(page, "a turtle on green")
    address = page.locator(f"{run} .final").get_attribute("src")
    assert address is not None and page.request.get(page.url.split("#")[0].rstrip("/") + address).status == 200
    page.locator(f"{run} .bar").get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(f"{run} .gone")).to_have_text("Deleted")
    expect(page.locator(f"{run} .final")).to_have_count(0)
    assert page.request.get(page.url.split("#")[0].rstrip("/") + address).status == 404


def bring(page: Page, name: str, shade: int) -> None:
    """A picture of one's own, without drawing."""
    data = images.png(np.full((64, 96, 3), shade, np.uint8))
    file = {"name": name, "mimeType": "image/png", "buffer": data}
    answer = page.request.post(address_of(page, "/api/imports"), multipart={"file": file})
    assert answer.json()["brought"][0]["state"] == "kept"


def toasted(page: Page, words: str) -> None:
    expect(page.locator(".toast", has_text=words).last).to_be_visible()


def test_hostile_names_stay_text_in_dialogs_toasts_and_lists_and_tags_are_renamed_and_merged(page: Page) -> None:
    bring(page, f"{FISH_TAG} zebrafish.png", 40)
    bring(page, f"{FISH_TAG} zebrafish 2.png", 90)
    with page.expect_response(lambda answer: "kind%3Aimported" in answer.url):
        search(page, "kind:imported")
    tiles = page.locator(".tile:not(.skeleton)")
    expect(tiles).to_have_count(2)
    page.get_by_role("button", name="Select", exact=True).click()
    page.get_by_role("button", name="Select all shown").click()
    expect(page.locator(".tray")).to_contain_text("2 selected")
    page.locator(".tray").get_by_role("button", name="Tags").click()
    page.get_by_placeholder("Add a tag").fill(FISH_TAG)
    page.keyboard.press("Enter")
    toasted(page, f"2 images are tagged {FISH_TAG}.")
    page.get_by_placeholder("Add a tag").fill("<b>other</b>")
    page.keyboard.press("Enter")
    toasted(page, "tagged <b>other</b>.")
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Edit tags").click()
    dialog = page.get_by_role("dialog", name="Edit tags")
    dialog.get_by_role("button", name=f"Rename {FISH_TAG}").click()
    page.get_by_role("textbox", name="Name").fill("<b>other</b>")
    page.get_by_role("button", name="Rename", exact=True).click()
    question = page.get_by_role("dialog", name=f"Merge {FISH_TAG} into <b>other</b>?")
    expect(question).to_contain_text("The 2 pictures get <b>other</b>.")
    question.get_by_role("button", name="Merge them").click()
    expect(dialog.locator(".tag-list li", has_text="<b>other</b>")).to_contain_text("2 pictures")
    expect(dialog.locator(".tag-list li", has_text=FISH_TAG)).to_have_count(0)
    dialog.get_by_role("button", name="Delete <b>other</b>").click()
    page.get_by_role("dialog", name="Delete the tag <b>other</b>?").get_by_role("button", name="Delete").click()
    toasted(page, "The tag <b>other</b> is deleted.")
    dialog.get_by_role("button", name="Close").click()

    page.get_by_role("button", name="New board").click()
    page.get_by_role("textbox", name="Title", exact=True).fill(f"{HOSTILE} 2")
    page.get_by_role("button", name="Make the board").click()
    board = page.locator(".board-item", has_text=f"{HOSTILE} 2")
    board.hover()
    board.get_by_role("button", name="More for").click()
    page.get_by_role("button", name="Delete the board").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete the board").click()
    toasted(page, f"The board {HOSTILE} 2 is deleted.")
    assert page.evaluate("window.harmed") is None

"""What happens to pictures while a gallery is looked at: deletions, undo, late answers, and news from other tabs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from pipelines import images
from tests.e2e.conftest import Server, free_port, opened, ready, serving
from tests.e2e.test_late_answers import POST, arrived, held

PICTURES = 110
FISH = 5


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A studio of its own with more pictures than two pages; five of them are fish."""
    with serving(tmp_path_factory.mktemp("news"), free_port(), PIXCOSMOS_SCAN="false") as server:
        yield server


def archive() -> bytes:
    buffer, noise = io.BytesIO(), np.random.default_rng(2)
    names = [f"stone {number}.png" for number in range(PICTURES)] + [f"fish {number}.png" for number in range(FISH)]
    with zipfile.ZipFile(buffer, "w") as bundle:
        for name in names:
            bundle.writestr(name, images.png(noise.integers(0, 256, (40, 60, 3), np.uint8)))
    return buffer.getvalue()


@pytest.fixture
def desk(browser: Browser, full: Server) -> Iterator[Page]:
    yield from gallery_of(browser, full, 1280)


@pytest.fixture
def hand(browser: Browser, full: Server) -> Iterator[Page]:
    yield from gallery_of(browser, full, 390)


def gallery_of(browser: Browser, full: Server, width: int) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = opened(context, full)
    file = {"name": "all.zip", "mimeType": "application/zip", "buffer": archive()}
    page.request.post(f"{full.url}/api/imports", multipart={"file": file})
    page.click("nav a[href='#gallery']")
    expect(page.locator(".tile:not(.skeleton)").first).to_be_visible()
    yield page
    context.close()


def find(page: Page, words: str) -> None:
    page.fill("#gallery input[type=search]", words)


def fish(page: Page) -> list[str]:
    """Their ids as they are listed, newest first."""
    find(page, "fish")
    expect(page.locator(".tile:not(.skeleton)")).to_have_count(FISH)
    return ids_of(page)


def ids_of(page: Page) -> list[str]:
    tiles = page.locator(".tile:not(.skeleton)")
    return [str(one) for one in tiles.evaluate_all("tiles => tiles.map((tile) => tile.dataset.id)")]


def elsewhere(page: Page, verb: str, ids: list[str]) -> None:
    """As another tab does it: this one hears of it by the stream alone."""
    page.request.post(f"{page.url.split('#')[0]}api/images/{verb}", data={"ids": ids})


def tile(page: Page, image_id: str) -> str:
    return f'.tile[data-id="{image_id}"]'


@pytest.mark.parametrize("screen", ["desk", "hand"])
def test_a_picture_deleted_far_down_comes_back_where_it_was(screen: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(screen)
    page.evaluate("scrollTo(0, 700)")
    page.wait_for_timeout(300)
    near = page.evaluate("""() => [...document.querySelectorAll('.tile:not(.skeleton)')]
        .find((tile) => tile.getBoundingClientRect().top > 200).dataset.id""")
    page.locator(f"{tile(page, near)} a").focus()
    place = page.evaluate("scrollY")
    page.keyboard.press("Delete")
    expect(page.locator(tile(page, near))).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(tile(page, near))).to_be_visible()
    assert abs(page.evaluate("scrollY") - place) < 100


def test_a_picture_restored_in_another_tab_comes_back_far_down_too(desk: Page) -> None:
    desk.evaluate("scrollTo(0, 900)")
    desk.wait_for_timeout(300)
    near = ids_of(desk)[-1]
    elsewhere(desk, "discard", [near])
    expect(desk.locator(tile(desk, near))).to_have_count(0)
    elsewhere(desk, "restore", [near])
    expect(desk.locator(tile(desk, near))).to_have_count(1)


def test_a_late_page_brings_no_deleted_picture_back(desk: Page) -> None:
    first = fish(desk)[0]
    find(desk, "")
    expect(desk.locator(".tile").nth(FISH + 5)).to_be_visible()
    with held(desk, "**/api/images?*") as routes:
        find(desk, "fish")
        arrived(desk, routes)
        elsewhere(desk, "discard", [first])
        desk.wait_for_timeout(800)
    expect(desk.locator(".tile:not(.skeleton)")).to_have_count(FISH - 1)
    assert first not in ids_of(desk)
    elsewhere(desk, "restore", [first])
    expect(desk.locator(".tile:not(.skeleton)")).to_have_count(FISH)


def test_what_left_the_list_is_no_more_chosen(desk: Page) -> None:
    moved, kept, *_ = fish(desk)
    board = desk.evaluate(POST, ["/api/boards", {"title": "Pond"}])["id"]
    other = desk.evaluate(POST, ["/api/boards", {"title": "Sea"}])["id"]
    desk.evaluate(POST, ["/api/images/move", {"ids": [moved, kept], "board": board}])
    find(desk, "board:Pond")
    expect(desk.locator(".tile:not(.skeleton)")).to_have_count(2)
    desk.get_by_role("button", name="Select", exact=True).click()
    desk.get_by_role("button", name="Select all shown").click()
    expect(desk.locator(".tray")).to_contain_text("2 selected")
    # Moved in another tab, and seen here with the next news.
    desk.request.post(f"{desk.url.split('#')[0]}api/images/move", data={"ids": [moved], "board": other})
    desk.request.post(f"{desk.url.split('#')[0]}api/boards", data={"title": "Lake"})
    expect(desk.locator(".tile:not(.skeleton)")).to_have_count(1)
    expect(desk.locator(".tray")).to_contain_text("1 selected")
    desk.locator(".tray").get_by_role("button", name="Delete").click()
    expect(desk.locator(".tile:not(.skeleton)")).to_have_count(0)
    find(desk, "fish")
    expect(desk.locator(tile(desk, moved))).to_be_visible()
    desk.get_by_role("button", name="Undo").click()
    expect(desk.locator(".tile:not(.skeleton)")).to_have_count(FISH)


def test_choosing_far_down_survives_news(desk: Page) -> None:
    desk.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    desk.wait_for_function("document.querySelectorAll('.tile.skeleton').length === 0")
    last = ids_of(desk)[-1]
    desk.locator(f"{tile(desk, last)} .pick").click()
    desk.evaluate("scrollTo(0, 0)")
    expect(desk.locator(".tray")).to_contain_text("1 selected")
    with desk.expect_response("**/api/images?*"):
        desk.request.post(f"{desk.url.split('#')[0]}api/boards", data={"title": "Brook"})
    desk.wait_for_timeout(500)
    expect(desk.locator(".tray")).to_contain_text("1 selected")


def test_a_search_that_changes_while_one_scrolls_lists_each_picture_once(desk: Page) -> None:
    """The next page of the search before is still on its way when that of the new one is."""
    late: list[Route] = []
    of_both = "**/api/images?*before=*"
    desk.route(of_both, lambda route: late.append(route))
    desk.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    arrived(desk, late)
    find(desk, "stone")
    expect(desk.locator(".tile[data-id]:not(.skeleton)").first).to_be_visible()
    desk.wait_for_function("scrollY === 0")
    desk.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    arrived(desk, late, 2)
    late[0].continue_()
    desk.wait_for_timeout(500)
    desk.evaluate("scrollBy(0, -20)")
    desk.wait_for_timeout(500)
    for route in late[1:]:
        route.continue_()
    desk.unroute(of_both)
    desk.wait_for_function("document.querySelectorAll('.tile.skeleton').length === 0")
    desk.get_by_role("button", name="Select", exact=True).click()
    desk.get_by_role("button", name="Select all shown").click()
    expect(desk.locator(".tray")).to_contain_text(f"{PICTURES} selected")
    height = desk.evaluate("document.querySelector('.days').offsetHeight")
    desk.reload()
    ready(desk)
    find(desk, "stone")
    for _ in range(4):
        desk.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        desk.wait_for_timeout(500)
    assert desk.evaluate("document.querySelector('.days').offsetHeight") == height


def open_fish(page: Page, number: int) -> list[str]:
    """Opens one of them large; answers all of them."""
    ids = fish(page)
    page.locator(f"{tile(page, ids[number])} a").click()
    shows(page, ids[number])
    return ids


def shows(page: Page, image_id: str) -> None:
    expect(page.locator("dialog.detail .canvas > img")).to_have_attribute("src", f"/i/{image_id}")


def brought_back(page: Page, ids: list[str]) -> None:
    elsewhere(page, "restore", ids)


def test_after_a_deletion_the_next_picture_is_shown_and_its_undo_is_at_hand(desk: Page) -> None:
    ids = open_fish(desk, 1)
    expect(desk.locator(".detail .older")).to_be_enabled()
    desk.keyboard.press("Delete")
    shows(desk, ids[2])
    desk.keyboard.press("ArrowLeft")
    shows(desk, ids[0])
    desk.get_by_role("button", name="Undo").click()
    expect(desk.locator(".toast", has_text="back").last).to_be_visible()
    desk.keyboard.press("ArrowRight")
    shows(desk, ids[1])


def test_a_picture_deleted_before_its_neighbours_are_known_is_left_for_the_next_one(desk: Page) -> None:
    ids = fish(desk)
    with held(desk, "**/around?*") as routes:
        desk.locator(f"{tile(desk, ids[0])} a").click()
        shows(desk, ids[0])
        arrived(desk, routes)
        desk.keyboard.press("Delete")
        expect(desk.locator(".toast", has_text="deleted")).to_be_visible()
    shows(desk, ids[1])
    brought_back(desk, ids[:1])


def test_neighbours_that_went_in_another_tab_are_passed_over(desk: Page) -> None:
    ids = open_fish(desk, 1)
    expect(desk.locator(".detail .older")).to_be_enabled()
    elsewhere(desk, "discard", [ids[2]])
    desk.wait_for_timeout(800)
    desk.keyboard.press("ArrowRight")
    shows(desk, ids[3])
    elsewhere(desk, "discard", [ids[3], ids[4]])
    shows(desk, ids[1])
    expect(desk.locator(".detail .older")).to_be_disabled()
    brought_back(desk, ids[2:])
    expect(desk.locator(".detail .older")).to_be_enabled()


def test_the_view_closes_when_the_last_picture_is_deleted_and_the_undo_stays(desk: Page) -> None:
    ids = fish(desk)
    with desk.expect_response("**/api/images?*"):
        find(desk, '"fish 0"')
    expect(desk.locator(".tile:not(.skeleton)")).to_have_count(1)
    (only,) = ids_of(desk)
    desk.locator(".tile a").click()
    shows(desk, only)
    desk.keyboard.press("Delete")
    expect(desk.locator("dialog.detail[open]")).to_have_count(0)
    desk.get_by_role("button", name="Undo").click()
    expect(desk.locator(tile(desk, only))).to_be_visible()
    assert only in ids


def test_a_search_that_looked_far_and_found_nothing_yet_goes_on_by_itself(desk: Page) -> None:
    (some, *_) = desk.request.get(f"{desk.url.split('#')[0]}api/images?limit=1").json()["images"]

    def far(route: Route) -> None:
        later = "before=" in route.request.url
        route.fulfill(json={"images": [some] if later else [], "next": None if later else "1-a"})

    desk.route("**/api/images?*zeppelin*", far)
    find(desk, "zeppelin")
    expect(desk.locator(tile(desk, some["id"]))).to_be_visible()
    expect(desk.locator(".tile.skeleton")).to_have_count(0)

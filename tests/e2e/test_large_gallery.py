"""More pictures than a page of them: brought in as a ZIP with a report, scrolled through, filtered, taken out."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from pipelines import images
from tests.e2e.conftest import Server, free_port, opened, ready, serving

PICTURES = 130
SHAPES = ((60, 40), (40, 60), (50, 50), (90, 30), (30, 45))  # width, height

BOXES = """() => [...document.querySelectorAll('.tile:not(.skeleton)')].map((tile) => {
  const box = tile.getBoundingClientRect(), image = tile.querySelector('img');
  return { id: tile.dataset.id, top: box.top + scrollY, left: box.left, width: box.width, height: box.height,
           ratio: image.naturalWidth / image.naturalHeight };
})"""


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A studio of its own, so that nothing else is in its gallery."""
    with serving(tmp_path_factory.mktemp("full"), free_port(), PIXCOSMOS_SCAN="false") as server:
        yield server


@pytest.fixture(params=[1280, 390])
def screen(request: pytest.FixtureRequest, browser: Browser, full: Server) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    page = opened(context, full)
    page.click("nav a[href='#gallery']")
    yield page
    context.close()


def archive() -> bytes:
    """Pictures of several shapes, no two alike, and a file that is none."""
    buffer = io.BytesIO()
    noise = np.random.default_rng(1)
    with zipfile.ZipFile(buffer, "w") as bundle:
        for number in range(PICTURES):
            width, height = SHAPES[number % len(SHAPES)]
            pixels = noise.integers(0, 256, (height, width, 3), np.uint8)
            bundle.writestr(f"picture {number}.png", images.png(pixels))
        bundle.writestr("<b>notes.png", b"no picture")
    return buffer.getvalue()


def test_a_zip_comes_in_with_progress_and_a_report(screen: Page) -> None:
    """The first time all are kept; the second time each is there already."""
    screen.locator("#gallery").get_by_role("button", name="Import").click()
    file = {"name": "all.zip", "mimeType": "application/zip", "buffer": archive()}
    with screen.expect_file_chooser() as chooser:
        screen.get_by_role("button", name="Pictures or a ZIP").click()
    chooser.value.set_files(file)  # type: ignore[arg-type]
    dialog = screen.locator("dialog.import")
    expect(dialog.locator("progress, [role=status]").first).to_be_attached()
    expect(dialog.get_by_role("button", name="Close")).to_be_visible()
    expect(dialog.locator("[role=status]")).to_contain_text(str(PICTURES))
    expect(dialog.locator(".refusals li")).to_have_count(1)
    expect(dialog.locator(".refusals strong")).to_have_text("<b>notes.png")
    dialog.get_by_role("button", name="Show them").click()
    expect(screen.locator(".tile:not(.skeleton)").first).to_be_visible()


def test_scrolling_loads_the_next_page_without_a_jump_and_every_picture_has_its_shape(screen: Page) -> None:
    held: list[Route] = []
    screen.route(re.compile(r"/api/images\?.*before="), lambda route: held.append(route))
    screen.reload()
    ready(screen)
    expect(screen.locator(".tile:not(.skeleton)").first).to_be_visible()
    screen.wait_for_function("[...document.querySelectorAll('.tile img')].every((image) => image.complete)")
    screen.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    while not held:
        screen.wait_for_timeout(100)
    expect(screen.locator(".tile.skeleton").first).to_be_visible()
    screen.wait_for_function("[...document.querySelectorAll('.tile:not(.skeleton) img')].every((one) => one.complete)")
    before, place = screen.evaluate(BOXES), screen.evaluate("scrollY")
    last_row = max(box["top"] for box in before)
    held.pop().continue_()
    screen.unroute(re.compile(r"/api/images\?.*before="))
    expect(screen.locator(".tile.skeleton").first).to_be_hidden()
    after = {box["id"]: box for box in screen.evaluate(BOXES)}
    assert screen.evaluate("scrollY") == place
    stayed = [box for box in before if box["id"] in after and box["top"] < last_row]
    assert len(stayed) >= 2
    for box in stayed:  # the last row alone is filled up
        assert abs(after[box["id"]]["top"] - box["top"]) < 1 and abs(after[box["id"]]["left"] - box["left"]) < 1
    for box in before:
        if box["top"] < last_row:
            assert box["width"] / box["height"] == pytest.approx(box["ratio"], rel=0.08)


def test_the_end_is_reached_once_and_every_picture_was_there(screen: Page) -> None:
    seen: set[str] = set()
    until = time.monotonic() + 120
    while len(seen) < PICTURES and time.monotonic() < until:
        seen |= {box["id"] for box in screen.evaluate(BOXES)}
        screen.evaluate("scrollBy(0, 500)")
        screen.wait_for_timeout(150)
    assert len(seen) == PICTURES
    assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_filters_write_the_search_that_they_mean(screen: Page) -> None:
    screen.get_by_role("button", name="Filter").click()
    form = screen.locator(".filters")
    form.get_by_label("Longer side").fill(">=60")
    form.get_by_label("Longer side").press("Tab")
    search = screen.locator("#gallery input[type=search]")
    expect(search).to_have_value("size:>=60")
    form.get_by_text("Starred").click()
    expect(search).to_have_value("size:>=60 is:starred")
    expect(screen.locator("#gallery .message")).to_contain_text("No picture")


def test_a_download_without_its_signature_is_chosen_and_says_what_is_lost(screen: Page) -> None:
    screen.locator(".tile:not(.skeleton) a").first.click()
    screen.locator("dialog.detail").get_by_role("button", name="Download").click()
    menu = screen.locator(".menu")
    box = screen.locator(".popover").bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= screen.viewport_size["width"]  # type: ignore[index]
    credentials = menu.get_by_label("Keep its content credentials")
    for choice in (credentials, menu.get_by_label("Keep the settings inside the file")):
        expect(choice).to_be_checked()
    expect(menu).to_contain_text("nothing in the file says that AI made it")
    expect(menu).to_contain_text("the file does not say how it was made")
    credentials.uncheck()
    with screen.expect_download() as download:
        menu.locator("a.row", has_text="PNG").first.click()
    assert "signed=0" in download.value.url

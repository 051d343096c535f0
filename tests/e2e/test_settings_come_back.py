"""A picture's settings come back by its button and from its file, and the page's own choices after a reload."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import draw, ready

DROP = """([bytes, name]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], name));
    const options = {dataTransfer: transfer, bubbles: true, cancelable: true};
    document.querySelector("#prompt textarea").dispatchEvent(new DragEvent("drop", options));
}"""


def download(page: Page, run: str, *, settings: bool) -> Path:
    page.locator(f"{run} .bar").get_by_role("button", name="Download").click()
    keep = page.get_by_role("checkbox", name="Keep the settings")
    keep.set_checked(settings)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download as PNG").click()
    return Path(waiting.value.path())


def test_use_settings_fills_the_controls_with_prompt_and_seed(page: Page) -> None:
    run = draw(page, "a lemon on blue")
    seed = page.locator(f"{run} .seed").inner_text()
    page.fill("#prompt textarea", "something else")
    page.locator(f"{run} .bar").get_by_role("button", name="Use settings").click()
    expect(page.locator("#prompt textarea")).to_have_value("a lemon on blue")
    expect(page.locator("#seed input, #seed textarea")).to_have_value(seed)


@pytest.mark.parametrize("before", ["", "a plum on white"])
def test_what_is_typed_before_the_settings_are_back_stays(page: Page, before: str) -> None:
    page.fill("#prompt textarea", before)
    page.wait_for_function("before => JSON.parse(sessionStorage['pixcosmos.draft']).prompt === before", arg=before)
    asked: list[Route] = []
    page.route("**/gradio_api/queue/join**", lambda route: asked.append(route))
    page.reload()
    ready(page)
    page.wait_for_function("() => document.querySelector('#generate').dataset.keys")  # the bench is there
    expect(page.locator("#prompt textarea")).to_have_value(before)
    page.fill("#prompt textarea", "a pear on white")
    for route in asked:
        route.continue_()
    page.unroute("**/gradio_api/queue/join**")
    page.wait_for_timeout(1500)
    expect(page.locator("#prompt textarea")).to_have_value("a pear on white")
    assert page.evaluate("JSON.parse(sessionStorage['pixcosmos.draft']).steps") == 3


def test_a_dropped_file_restores_what_it_was_made_with(page: Page) -> None:
    run = draw(page, "a camera on beige")
    seed = page.locator(f"{run} .seed").inner_text()
    file = download(page, run, settings=True)
    page.fill("#prompt textarea", "")
    page.evaluate(DROP, [list(file.read_bytes()), "camera.png"])
    expect(page.locator("#prompt textarea")).to_have_value("a camera on beige")
    expect(page.locator("#seed input, #seed textarea")).to_have_value(seed)


def test_a_file_without_settings_becomes_the_picture_to_start_from(page: Page) -> None:
    run = draw(page, "a crown on red")
    file = download(page, run, settings=False)
    assert b"a crown on red" not in file.read_bytes()
    page.fill("#prompt textarea", "stays")
    page.evaluate(DROP, [list(file.read_bytes()), "crown.png"])
    expect(page.locator(".start-card img")).to_be_visible()
    expect(page.locator("#prompt textarea")).to_have_value("stays")
    page.reload()
    ready(page)
    page.get_by_role("button", name="Start from words alone").click()
    expect(page.locator(".start-card img")).to_have_count(0)


def test_reproduce_draws_the_same_seed_again(page: Page) -> None:
    run = draw(page, "a ghost on black")
    seed = page.locator(f"{run} .seed").inner_text()
    page.locator(f"{run} .bar").get_by_role("button", name="Reproduce").click()
    expect(page.locator(f"{run}[data-state=done] .seed")).to_have_text([seed, seed])


def test_the_theme_and_the_open_options_are_remembered(page: Page) -> None:
    page.get_by_role("button", name="Look").click()
    page.get_by_role("button", name="Light", exact=True).click()
    page.locator("#advanced > button").click()
    expect(page.locator("#steps")).to_be_visible()
    page.wait_for_function("fetch('/api/preferences').then(answer => answer.json()).then(kept => kept.advanced_open)")
    page.reload()
    ready(page)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.locator("#steps")).to_be_visible()
    page.locator("#advanced > button").click()

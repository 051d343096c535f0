"""What one tab does is seen in the other: results that go and come back, and what is public."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import draw, ready
from tests.e2e.test_late_answers import POST

# A picture, and what a bench makes of it with few steps.
DRAFTS = {
    "inpaint": {"kind": "inpaint", "steps": 4, "left": 64, "width": 576, "height": 512, "prompt": "a moon"},
    "upscale": {"kind": "upscale", "scale": 2, "width": 1024, "height": 1024},
}
RESULT = {"inpaint": "#inpaint .result-tile[aria-label]", "upscale": "#upscale .compare"}


@pytest.fixture
def other(page: Page) -> Iterator[Page]:
    other = page.context.new_page()
    other.goto(page.url.split("#")[0])
    ready(other)
    yield other


def image_of(page: Page, run: str) -> str:
    href = page.locator(f"{run} .open").first.get_attribute("href")
    return str(href).removeprefix("#image/")


def send(page: Page, bench: str, image: str) -> None:
    name = bench.capitalize()
    page.evaluate(f"id => import('/ui/{bench}.js').then((bench) => bench.sendTo{name}(id))", image)
    expect(page.locator(f"#{bench} .desk")).to_be_visible()


def made(page: Page, bench: str, image: str) -> str:
    """Draws on the bench's kind from it; answers the result's id."""
    job = page.evaluate(POST, ["/api/jobs", {"draft": DRAFTS[bench] | {"image": image}}])
    address = f"{page.url.split('#')[0]}api/jobs/{job['id']}"
    while (done := page.request.get(address).json())["state"] in ("queued", "running"):
        page.wait_for_timeout(200)
    return str(done["pictures"][0]["image"]["id"])


@pytest.mark.parametrize("bench", ["inpaint", "upscale"])
def test_a_result_restored_in_one_tab_is_back_on_the_bench_of_the_other(page: Page, other: Page, bench: str) -> None:
    image = image_of(page, draw(page, f"a cup for the {bench}"))
    send(other, bench, image)
    result = made(page, bench, image)
    shown = other.locator(RESULT[bench])
    expect(shown).to_have_count(1)
    page.evaluate("id => import('/ui/actions.js').then((actions) => actions.discardImages([id]))", result)
    expect(shown).to_have_count(0)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(shown).to_have_count(1)


@pytest.mark.parametrize("bench", ["inpaint", "upscale"])
def test_a_picture_restored_is_back_on_the_bench_that_it_lay_on(page: Page, other: Page, bench: str) -> None:
    image = image_of(page, draw(page, f"a bowl for the {bench}"))
    send(other, bench, image)
    page.evaluate("id => import('/ui/actions.js').then((actions) => actions.discardImages([id]))", image)
    expect(other.locator(f"#{bench} .desk")).to_be_hidden()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(other.locator(f"#{bench} .desk")).to_be_visible()


def test_what_is_published_and_taken_back_in_one_tab_is_seen_in_the_other(page: Page, other: Page) -> None:
    image = image_of(page, draw(page, "a gate on white"))
    home = page.url.split("#")[0]
    other.goto(f"{home}#showcase")
    share = page.evaluate(POST, ["/api/shares", {"image": image, "title": "A gate", "agreed": True}])
    row = other.locator(".shares li", has_text="A gate")
    expect(row).to_be_visible()
    page.evaluate(POST, [f"/api/shares/{share['id']}/take-back", {}])
    expect(row).to_have_count(0)

"""Edit a picture in the browser: paint a mask that outlives a reload, redraw, go on; enlarge with before and after;
steer with a map; carry a picture from bench to bench."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import draw, ready

PICTURE = """async ([width, height]) => {
    const canvas = Object.assign(document.createElement("canvas"), {width, height});
    const context = canvas.getContext("2d");
    context.fillStyle = "#2a7fd0";
    context.fillRect(0, 0, width, height);
    const file = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    const body = new FormData();
    body.append("file", file, "sky.png");
    return (await (await fetch("/api/inputs", {method: "POST", body})).json()).id;
}"""
BALL = """async () => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 512, height: 512});
    const context = canvas.getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, 512, 512);
    context.fillStyle = "#702080";
    context.arc(176, 256, 120, 0, 7);
    context.fill();
    const file = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    const body = new FormData();
    body.append("file", file, "ball.png");
    return (await (await fetch("/api/inputs", {method: "POST", body})).json()).id;
}"""
IN_PLACE = """async image => {  // what is not ground, against the ball: shared by both, of what either covers
    await image.decode();
    const context = new OffscreenCanvas(512, 512).getContext("2d");
    context.drawImage(image, 0, 0, 512, 512);
    const {data} = context.getImageData(0, 0, 512, 512);
    let shared = 0, either = 0;
    for (let i = 0; i < 512 * 512; i++) {
        const far = [0, 1, 2].reduce((sum, c) => sum + Math.abs(data[4 * i + c] - data[c]), 0) > 90;
        const ball = Math.hypot(i % 512 - 176, (i >> 9) - 256) < 120;
        shared += far && ball;
        either += far || ball;
    }
    return shared / either;
}"""
MARKED = """async () => {
    const {mask} = JSON.parse(sessionStorage["pixcosmos.inpaint"]);
    const image = new Image();
    image.src = `/inputs/${mask}?${Math.random()}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
    canvas.getContext("2d").drawImage(image, 0, 0);
    const {data} = canvas.getContext("2d").getImageData(0, 0, image.width, image.height);
    return data.filter((value, index) => index % 4 === 0 && value > 127).length;
}"""


@pytest.fixture
def bench(page: Page) -> Iterator[Page]:
    """The inpaint bench with a plain picture of 256 by 192."""
    brought = page.evaluate(PICTURE, [256, 192])
    page.evaluate("id => import('/ui/inpaint.js').then(bench => bench.sendToInpaint(id))", brought)
    expect(page.locator("#inpaint .easel")).to_be_visible()
    page.wait_for_function("JSON.parse(sessionStorage['pixcosmos.inpaint']).image")
    yield page


def middle(page: Page) -> tuple[float, float]:
    box = page.locator("#inpaint .easel").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def stroke(page: Page, across: float = 60) -> None:
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y + 10, steps=5)
    page.mouse.up()


def kept(page: Page) -> None:
    expect(page.locator(".mask-saved")).to_have_text("Mask kept")


def marked(page: Page) -> Any:
    return page.evaluate(MARKED)


def test_a_mask_outlives_a_reload_can_be_undone_and_what_it_marks_is_redrawn(bench: Page) -> None:
    stroke(bench)
    kept(bench)
    once = marked(bench)
    assert once > 100
    stroke(bench, -60)
    kept(bench)
    assert marked(bench) > once
    bench.locator("#inpaint .easel-canvas").focus()
    bench.keyboard.press("Control+z")
    kept(bench)
    assert marked(bench) == once
    bench.reload()
    ready(bench)
    expect(bench.locator("#inpaint .easel")).to_be_visible()
    assert marked(bench) == once
    bench.fill("#inpaint-prompt", "a red balloon")
    bench.get_by_role("button", name="Erase and redraw").click()
    expect(bench.get_by_role("button", name="Go on from this")).to_be_visible()
    bench.get_by_role("button", name="Go on from this").click()
    expect(bench.locator(".toast", has_text="This is the picture now")).to_be_visible()
    assert bench.evaluate("JSON.parse(sessionStorage['pixcosmos.inpaint']).mask") == ""


def test_nothing_marked_is_said_at_once(bench: Page) -> None:
    bench.get_by_role("button", name="Erase and redraw").click()
    expect(bench.locator("#inpaint .notice")).to_contain_text("Nothing is marked yet")
    stroke(bench)
    expect(bench.locator("#inpaint .notice")).to_be_hidden()


def test_room_is_added_by_a_number_or_a_handle_and_drawn(bench: Page) -> None:
    bench.get_by_text("Add room at the sides").click()
    right = bench.get_by_label("Right", exact=True)
    right.fill("64")
    right.press("Tab")
    bench.wait_for_function("JSON.parse(sessionStorage['pixcosmos.inpaint']).margins.right === 64")
    bench.get_by_role("button", name="Erase and redraw").click()
    expect(bench.get_by_role("button", name="Go on from this")).to_be_visible()


def test_a_picture_is_enlarged_and_both_lie_over_each_other(page: Page) -> None:
    brought = page.evaluate(PICTURE, [64, 48])
    page.evaluate("id => import('/ui/upscale.js').then(bench => bench.sendToUpscale(id))", brought)
    expect(page.locator("#upscale .sizes")).to_have_text("64 × 48 becomes 256 × 192")
    page.locator("#upscale").get_by_role("button", name="Upscale").click()
    after = page.locator("#upscale .compare-after")
    expect(after).to_be_visible()
    page.wait_for_function("document.querySelector('#upscale .compare-after').naturalWidth === 256")
    border = page.get_by_role("slider", name="Border between before and after")
    border.focus()
    page.keyboard.press("Home")
    assert page.locator("#upscale .compare").evaluate("e => e.style.getPropertyValue('--at')") == "0%"


def test_a_picture_is_drawn_along_the_edges_of_another_with_what_comes_along(page: Page) -> None:
    """Nothing was fetched: the network is the starter's own. What it draws alone stands in the middle."""
    page.evaluate("id => import('/ui/start.js').then(start => start.addControl(id))", page.evaluate(BALL))
    card = page.locator(".control-card")
    expect(card.locator(".control-preview img")).to_be_visible()
    expect(card.get_by_label("Control network")).to_have_value("starter-canny")
    assert page.locator(f"{draw(page, 'a plum on white along edges')} img.final").evaluate(IN_PLACE) > 0.6
    card.get_by_role("button", name="Take this control away").click()
    expect(card).to_have_count(0)


def test_a_picture_is_sent_on_from_its_menu_and_starts_another(page: Page) -> None:
    run = draw(page, "a lemon to start from")
    page.locator(f"{run} .bar").get_by_role("button", name="More").click()
    page.get_by_role("button", name="Start a picture from it").click()
    expect(page.locator(".start-card")).to_be_visible()
    page.fill("#prompt textarea", "a lime made from it")
    page.click("#generate")
    made = page.locator('.run[aria-label="a lime made from it"]')
    expect(made.locator(".final")).to_be_visible()
    expect(made.locator(".facts")).to_contain_text("Strength 0.6")
    page.get_by_role("button", name="Start from words alone").click()
    expect(page.locator(".start-card")).to_have_count(0)


def test_on_a_phone_painting_takes_the_whole_screen(phone: Page) -> None:
    brought = phone.evaluate(PICTURE, [256, 192])
    phone.evaluate("id => import('/ui/inpaint.js').then(bench => bench.sendToInpaint(id))", brought)
    canvas = phone.locator("#inpaint .easel-canvas")
    expect(canvas).to_be_visible()
    canvas.tap()
    expect(phone.locator(".desk.full")).to_be_visible()
    phone.touchscreen.tap(*middle(phone))
    kept(phone)
    assert marked(phone) > 50
    phone.get_by_role("button", name="Done").click()
    expect(phone.locator(".desk.full")).to_have_count(0)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_mask_is_inverted_downloaded_cleared_and_loaded_again(bench: Page, tmp_path: Path) -> None:
    stroke(bench)
    kept(bench)
    once = marked(bench)
    bench.get_by_role("button", name="Invert the mask (I)").click()
    bench.wait_for_function(f"({MARKED})().then(now => now === {256 * 192} - {once})")
    more = bench.locator("#inpaint .mask-head").get_by_role("button", name="More")
    more.click()
    with bench.expect_download() as download:
        bench.locator(".popover").get_by_text("Download the mask").click()
    file = tmp_path / "mask.png"
    download.value.save_as(file)
    assert Image.open(file).size == (256, 192)
    bench.get_by_role("button", name="Clear the mask").click()
    bench.wait_for_function(f"({MARKED})().then(now => now === 0)")
    more.click()
    with bench.expect_file_chooser() as chooser:
        bench.locator(".popover").get_by_text("Load a mask").click()
    chooser.value.set_files(file)
    bench.wait_for_function(f"({MARKED})().then(now => now === {256 * 192} - {once})")

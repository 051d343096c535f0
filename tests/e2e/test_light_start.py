"""What a notebook asks for when it opens: each picture in the size of its box, and what there is to draw with once."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server, draw, opened

WHOLE = re.compile(r"/i/[0-9a-f]{32}(\?.*)?$")
SIZES = """() => import('/ui/previews.js').then(({ srcset }) => {
    const names = { thumb: 'small', thumb_large: 'large', preview: 'preview' };
    const sides = [[200, 100], [512, 512], [512, 1024], [4096, 2048]];
    return sides.map(([width, height]) => srcset({ ...names, width, height }));
})"""


def test_a_notebook_opens_with_pictures_as_large_as_their_boxes(page: Page, browser: Browser, server: Server) -> None:
    draw(page, "a lantern on sand")
    fine = browser.new_context(viewport={"width": 1280, "height": 800}, device_scale_factor=2)
    asked: list[str] = []
    fine.on("request", lambda request: asked.append(request.url))
    desk = opened(fine, server)
    picture = desk.locator('.cell[aria-label="a lantern on sand"] .final')
    expect(picture).to_have_js_property("complete", True)
    sharp = "image => image.complete && image.currentSrc.endsWith('/thumb512')"
    desk.wait_for_function(sharp, arg=picture.element_handle())
    assert picture.evaluate("image => image.loading") == "lazy"
    assert not [url for url in asked if WHOLE.search(url)]
    assert len([url for url in asked if url.endswith("/api/editing")]) == 1
    picture.click()
    expect(desk.locator(".detail .canvas img")).to_be_visible()
    desk.wait_for_function("document.querySelector('.detail .canvas img').naturalWidth === 512")
    assert [url for url in asked if WHOLE.search(url)]
    assert desk.evaluate(SIZES) == [
        "small 200w",
        "small 256w, large 512w",
        "small 128w, large 256w, preview 512w",
        "small 256w, large 512w, preview 1536w",
    ]
    fine.close()

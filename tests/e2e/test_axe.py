"""axe finds nothing serious anywhere: every tab and view, dialogs, and the pages that the public sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.conftest import Server, draw, free_port, opened, ready, serving

axe = Axe()
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
SIZES: dict[str, ViewportSize] = {"dark": {"width": 1280, "height": 800}, "light": {"width": 390, "height": 844}}


@pytest.fixture(params=["dark", "light"])
def desk(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    """A large dark screen and a small light one."""
    theme = request.param
    context = browser.new_context(viewport=SIZES[theme], color_scheme=theme, reduced_motion="reduce")
    yield opened(context, server)
    context.close()


def serious(page: Page) -> list[str]:
    """What would keep somebody out: the rule, and where."""
    found = axe.run(page, options=RULES).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def test_the_studio_and_its_dialogs(desk: Page) -> None:
    post(desk, "/api/notebooks", {})
    desk.reload()
    ready(desk)
    expect(desk.locator(".welcome")).to_be_visible()
    assert serious(desk) == []
    draw(desk, "a teapot on white")
    post(desk, "/api/notebooks", {"template": "before_and_after"})
    desk.reload()
    ready(desk)
    desk.get_by_role("button", name="All settings").first.click()
    assert serious(desk) == []
    for bench in ("inpaint", "upscale"):
        desk.click(f"#tab-{bench}")
        desk.locator(f"#{bench} .latest-tile").first.click()
        expect(desk.locator(f"#{bench} .desk")).to_be_visible()
        assert serious(desk) == []
    desk.click("#tab-text_to_image")
    for tool in ("Styles", "History", "Grid"):
        desk.get_by_role("toolbar", name="Prompt tools").get_by_role("button", name=tool, exact=True).click()
        assert serious(desk) == []
        desk.keyboard.press("Escape")
    desk.get_by_role("button", name="More for this cell").first.click()
    assert serious(desk) == []
    desk.keyboard.press("Escape")
    desk.locator(".brand, .notebook-head button").first.press("?")
    expect(desk.locator("dialog.keys")).to_contain_text("Over a mask")
    assert serious(desk) == []


def test_the_other_views(desk: Page) -> None:
    for view in ("gallery", "showcase", "account", "trust"):
        desk.evaluate("view => (location.hash = view)", view)
        expect(desk.locator(f"html[data-view={view}]")).to_be_attached()
        desk.wait_for_timeout(700)  # what it shows is asked for
        assert serious(desk) == [], view


def test_a_picture_and_what_is_published_of_it(desk: Page, server: Server) -> None:
    draw(desk, "a bicycle on white")
    desk.locator(".final").first.click()
    expect(desk.locator("dialog.detail")).to_be_visible()
    assert serious(desk) == []
    image = desk.evaluate("location.hash.split('/')[1]")
    post(desk, "/api/shares", {"image": image, "title": "A bicycle", "agreed": True})
    link = desk.evaluate("import('/ui/api.js').then((api) => api.get('/api/shares')).then((all) => all.shares[0].link)")
    for path in (link, f"{link}/report", f"{server.url}/verify", f"{server.url}/showcase", f"{server.url}/trust"):
        answer = desk.goto(path)
        assert answer is not None and answer.status == 200, path
        assert serious(desk) == [], path


def test_the_pages_before_an_account(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIXCOSMOS_HOME", "hosted")
    with serving(tmp_path_factory.mktemp("hosted"), free_port()) as hosted:
        for theme, size in SIZES.items():
            page = browser.new_context(viewport=size, color_scheme=theme).new_page()  # type: ignore[arg-type]
            for path in ("sign-in", "sign-up", "reset"):
                page.goto(f"{hosted.url}/account/{path}")
                assert serious(page) == [], path
            page.context.close()


def post(page: Page, path: str, body: dict[str, object]) -> None:
    page.evaluate("([path, body]) => import('/ui/api.js').then((api) => api.post(path, body))", [path, body])

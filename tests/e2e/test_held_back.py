"""A picture that the scan holds back is blurred where it formed; its owner frees it there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import draw, free_port, opened, serving


@pytest.fixture(scope="module")
def strict(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A studio whose scan holds everything back."""
    with serving(tmp_path_factory.mktemp("strict"), free_port(), PIXCOSMOS_SCAN_EXPLICIT="0") as server:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        yield opened(context, server)
        context.close()


@pytest.mark.parametrize("prompt, reloaded", [("a teapot on white", False), ("a kite on white", True)])
def test_a_picture_held_back_is_freed_in_its_cell_and_in_every_other_tab(
    strict: Page, prompt: str, reloaded: bool
) -> None:
    run = draw(strict, prompt)
    if reloaded:
        strict.reload()
    other = strict.context.new_page()
    other.goto(strict.url)
    for page in (strict, other):
        expect(page.locator(f"{run} .flag")).to_be_visible()
    strict.locator(f"{run} .flag").get_by_role("button", name="The scan is wrong, show it").click()
    for page in (strict, other):
        expect(page.locator(f"{run} .final")).to_be_visible()
        expect(page.locator(f"{run} .flag:not(.open)")).to_have_count(0)
    other.close()

"""A file that was downloaded in the browser, checked by a stranger and by its owner, whole and with a pixel changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from pipelines import images
from tests.components.test_signing import with_a_pixel_changed
from tests.e2e.conftest import Server, draw
from tests.e2e.test_late_answers import arrived, held


@pytest.mark.promise("P84")
@pytest.mark.parametrize("width", [1280, 390])
def test_a_downloaded_file_verifies_and_one_changed_pixel_breaks_it(
    page: Page, browser: Browser, width: int, tmp_path: Path
) -> None:
    run = draw(page, f"a teapot on violet {width}")
    page.locator(f"{run} .bar").get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.locator(".menu a.row", has_text="PNG").first.click()
    whole, changed = tmp_path / "<b>teapot.png", tmp_path / "changed.png"
    whole.write_bytes(Path(download.value.path()).read_bytes())
    changed.write_bytes(with_a_pixel_changed(whole.read_bytes()))

    context = browser.new_context(viewport={"width": width, "height": 844})
    stranger = context.new_page()
    sent: list[str] = []
    stranger.on("response", lambda answer: sent.append(answer.text()) if answer.request.method == "POST" else None)
    stranger.goto(page.url.split("#")[0] + "verify")
    for file, said in ((whole, "Made here, and not changed since"), (changed, "Changed after it was signed")):
        stranger.locator("input[type=file]").set_input_files(file)
        expect(stranger.locator(".findings h2")).to_have_text(said)
        expect(stranger.locator(".findings .file")).to_have_text(file.name)
        shown = stranger.locator(".findings > img")
        expect(shown).to_be_visible()
        assert str(shown.get_attribute("src")).startswith("blob:")
        assert shown.evaluate("image => image.naturalWidth") == 512
        assert stranger.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(sent) == 2 and all("<img" not in text.partition('class="findings"')[2] for text in sent)
    assert context.cookies() == []
    context.close()

    page.goto(page.url.split("#")[0] + "verify")
    page.locator("input[type=file]").set_input_files(whole)
    expect(page.locator(".findings")).to_contain_text("In your notebook")
    expect(page.locator(".findings")).to_contain_text("Cell ")
    page.get_by_role("link", name="Open it in your gallery").click()
    expect(page.locator("dialog.detail")).to_contain_text(f"a teapot on violet {width}")


def test_without_its_script_the_page_answers_too(browser: Browser, page: Page, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    bare = context.new_page()
    bare.goto(page.url.split("#")[0] + "verify")
    file = tmp_path / "a.txt"
    file.write_text("no picture")
    bare.locator("input[type=file]").set_input_files(file)
    bare.get_by_role("button", name="Look at it").click()
    expect(bare.locator(".wrong")).to_contain_text("a.txt")
    context.close()


def test_of_two_files_the_later_one_is_answered_for(browser: Browser, server: Server, tmp_path: Path) -> None:
    """The answer to the first comes after that to the second."""
    context = browser.new_context()
    stranger = context.new_page()
    stranger.goto(f"{server.url}/verify")
    for name, shade in (("first.png", 40), ("second.png", 90)):
        (tmp_path / name).write_bytes(images.png(np.full((64, 96, 3), shade, np.uint8)))
    with held(stranger, "**/verify", lambda route: b"first.png" in (route.request.post_data_buffer or b"")) as routes:
        stranger.locator("input[type=file]").set_input_files(tmp_path / "first.png")
        arrived(stranger, routes)
        stranger.locator("input[type=file]").set_input_files(tmp_path / "second.png")
        expect(stranger.locator(".findings .file")).to_have_text("second.png")
    stranger.wait_for_timeout(500)
    expect(stranger.locator(".findings .file")).to_have_text("second.png")
    expect(stranger.locator(".findings > img")).to_have_attribute("alt", "second.png")
    expect(stranger.locator("form.drop")).not_to_have_attribute("aria-busy", "true")
    context.close()

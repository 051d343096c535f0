"""A lesson on the page: pictures and a name go in, progress shows, and stopping it leaves nothing."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import Page, expect


def picture(colour: str) -> dict[str, object]:
    file = io.BytesIO()
    Image.new("RGB", (128, 128), colour).save(file, "PNG")
    return {"name": f"{colour}.png", "mimeType": "image/png", "buffer": file.getvalue()}


def test_a_lesson_is_watched_and_stopped(page: Page) -> None:
    page.get_by_role("button", name="Teach it a thing").click()
    lessons = page.get_by_role("dialog", name="Teach the starter")
    begin = lessons.get_by_role("button", name="Teach", exact=True)
    expect(begin).to_be_disabled()
    lessons.locator("input[type=file]").set_input_files([picture(colour) for colour in ("red", "green", "blue")])
    expect(lessons.get_by_text("3 pictures", exact=True)).to_be_visible()
    lessons.get_by_label("What it is").fill("cube")
    begin.click()
    expect(page.locator(".toast.bad")).to_contain_text("Make up a word")
    lessons.get_by_label("Its name").fill("zorblax")
    begin.click()
    expect(lessons.get_by_text("a zorblax cube")).to_be_visible()
    lessons.get_by_role("button", name="Cancel").click()
    expect(lessons.get_by_text("The lesson was stopped. Nothing of it is kept.")).to_be_visible()
    expect(lessons.locator(".lesson-pictures img")).to_have_count(3)

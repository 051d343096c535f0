"""The way through the studio that all else is there for, from the first words to a file that draws it all again."""

from __future__ import annotations

import io
from pathlib import Path

import nbformat
import numpy as np
from PIL import Image, ImageFilter
from playwright.sync_api import Locator, Page, expect

from tests.components.actions.test_exports import run
from tests.e2e.test_notebook import add, begin, cell, draw, more, paint, state

HAT = 2
SOFT = 16  # pixels around a mask that its soft edge may touch


def pixels(page: Page, address: str) -> np.ndarray:
    answer = page.request.get(address)
    assert answer.ok, answer.status
    return np.asarray(Image.open(io.BytesIO(answer.body())).convert("RGB"))


def shown(page: Page, number: int) -> tuple[str, np.ndarray]:
    """The id of a cell's picture, and the picture."""
    link = cell(page, number).locator(".open").get_attribute("href") or ""
    image = link.removeprefix("#image/")
    return image, pixels(page, f"{page.url.split('#')[0]}i/{image}")


def chip(page: Page, number: int) -> Locator:
    return cell(page, number).locator("button.chip")


def test_a_fox_gets_a_hat_is_enlarged_noted_changed_and_taken_along(page: Page, tmp_path: Path) -> None:
    begin(page)
    draw(page, "a fox in a nebula")
    add(page, "Inpaint")
    chip(page, HAT).last.click()
    paint(page, page.locator(".mask-dialog canvas"))
    page.locator(".mask-dialog .primary").click()
    expect(cell(page, HAT).get_by_role("button", name="Change the mask")).to_be_visible()
    cell(page, HAT).locator(".words").fill("a yellow hat")
    cell(page, HAT).locator(".words").press("Control+Enter")
    state(page, HAT, "fresh")
    add(page, "Upscale")
    cell(page, 3).locator(".go").click()
    state(page, 3, "fresh")
    add(page, "Note")
    cell(page, 4).locator("textarea").fill("A **fox** with a hat.")
    cell(page, 4).locator("textarea").press("Control+Enter")
    expect(cell(page, 4).locator(".note strong")).to_have_text("fox")
    first = [shown(page, number)[0] for number in (1, 2, 3)]

    # Another first prompt, and the others follow.
    cell(page, 1).locator(".words").fill("a fox in a blue nebula")
    for number in (1, 2, 3):
        state(page, number, "stale")
    more(page, 1, "Run from here")
    for number in (1, 2, 3):
        state(page, number, "fresh")
        expect(cell(page, number).locator(".open")).not_to_have_attribute("href", f"#image/{first[number - 1]}")
    (_, fox), (_, hat), (_, large) = (shown(page, number) for number in (1, 2, 3))
    assert large.shape[:2] == (2 * fox.shape[0], 2 * fox.shape[1])

    # What is not marked differs by nothing, what is marked does.
    thumb = chip(page, HAT).last.locator("img").get_attribute("src") or ""
    marked = pixels(page, f"{page.url.split('#')[0].rstrip('/')}{thumb}")[..., 0] >= 128
    assert 0 < marked.sum() < marked.size / 4
    changed = (fox != hat).any(-1)
    near = np.asarray(Image.fromarray(marked).convert("L").filter(ImageFilter.MaxFilter(2 * SOFT + 1))) > 0
    assert changed[marked].mean() > 0.5
    assert not changed[~near].any()

    # The file that is taken along draws all of it again, with plain diffusers.
    page.get_by_role("button", name="Take it along").click()
    with page.expect_download() as download:
        page.locator(".popover").get_by_text("Jupyter notebook").click()
    written = nbformat.reads(Path(download.value.path()).read_text(), as_version=4)
    nbformat.validate(written)
    assert any("A **fox** with a hat." in one.source for one in written.cells if one.cell_type == "markdown")
    code = "\n".join(one.source for one in written.cells if one.cell_type == "code")
    assert run(code, tmp_path) == {"c1": (1, 1), "c2": (1, 1), "c3": (1, 1)}

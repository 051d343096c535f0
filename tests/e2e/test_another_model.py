"""Another model brings its own steps, guidance and scheduler; where guidance is off, the negative prompt says so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from pipelines.models import HUB
from tests.e2e.conftest import Server
from tests.e2e.test_notebook import add, begin, cell

TURBO = next(model for model in HUB if model.id == "sdxl-turbo")
IDLE = "It has no effect with a guidance of 1 or less."


@pytest.fixture
def turbo(server: Server) -> Iterator[None]:
    """Files that look like a model which needs no guidance; nobody draws with it."""
    folder = server.data / "models" / TURBO.id
    folder.mkdir(parents=True)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionXLPipeline"}))
    (folder / "model.safetensors").write_bytes(b"")
    yield
    shutil.rmtree(folder)


def test_a_model_without_guidance_says_so_beside_the_negative_prompt(page: Page, turbo: None) -> None:
    assert TURBO.guidance <= 1
    begin(page)
    note = page.locator("#negative_prompt .idle-note")
    expect(note).to_have_text("")
    page.locator("#model input").click()
    page.get_by_role("option", name=TURBO.name).click()
    expect(note).to_have_text(IDLE)
    page.get_by_role("button", name="Advanced").click()
    expect(page.locator("#steps input[type=number]")).to_have_value(str(TURBO.steps))
    expect(page.locator("#guidance input[type=number]")).to_have_value(f"{TURBO.guidance:g}")
    page.locator("#guidance input[type=number]").fill("3")
    page.keyboard.press("Tab")
    expect(note).to_have_text("")

    add(page, "Text to image")
    first = cell(page, 1)
    first.get_by_role("button", name="All settings").click()
    expect(first.locator(".idle-note")).to_have_text("")
    first.get_by_label("Width", exact=True).fill("320")  # a size that it does not offer
    page.keyboard.press("Tab")
    first.locator(".for-model select").select_option(TURBO.id)
    expect(first.get_by_label("Steps", exact=True)).to_have_value(str(TURBO.steps))
    expect(first.locator(".for-scheduler select")).to_have_value(TURBO.scheduler)
    expect(first.get_by_label("Width", exact=True)).to_have_value(str(TURBO.sizes[0][0]))
    expect(first.locator(".idle-note")).to_have_text(IDLE)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(first.get_by_label("Steps", exact=True)).not_to_have_value(str(TURBO.steps))  # one choice is one undo


def test_the_factor_of_an_upscale_cell_stands_in_its_first_row(page: Page) -> None:
    begin(page)
    add(page, "Upscale")
    row = cell(page, 1).locator(".quick")
    expect(row.get_by_label("Times larger")).to_have_value("2")
    expect(row.get_by_label("Width", exact=True)).to_be_hidden()
    row.get_by_label("Times larger").select_option("0")
    expect(row.get_by_label("Width", exact=True)).to_be_visible()
    row.get_by_role("button", name="All settings").click()
    expect(cell(page, 1).get_by_label("Times larger")).to_have_count(1)
    expect(cell(page, 1).locator(".for-upscaler select")).not_to_have_value("")

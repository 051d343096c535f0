"""A picture of another studio, drawn from a seed that a script's numbers cannot hold: shown, copied, used again."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from pipelines import images, provenance

SEED = "9007199254740993"  # 2^53 + 1


def test_a_large_seed_is_shown_copied_and_reused_to_the_last_digit(page: Page) -> None:
    pixels = images.png(np.random.default_rng(53).integers(0, 256, (64, 96, 3), np.uint8))
    settings = {"prompt": "a crane from elsewhere", "seed": int(SEED), "steps": 9, "width": 96, "height": 64}
    file = {"name": "crane.png", "mimeType": "image/png", "buffer": provenance.write(pixels, "png", settings)}
    page.request.post(f"{page.url.split('#')[0]}api/imports", multipart={"file": file})
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("nav a[href='#gallery']")
    page.fill("#gallery input[type=search]", f"seed:{SEED}")
    expect(page.locator(".tile:not(.skeleton)")).to_have_count(1)
    page.locator(".tile a").click()
    seed = page.locator("dialog.detail .seed")
    expect(seed).to_have_text(SEED)
    seed.click()
    expect(page.locator(".toast")).to_contain_text(SEED)
    assert page.evaluate("navigator.clipboard.readText()") == SEED
    page.locator("dialog.detail").get_by_role("button", name="Use settings").click()
    expect(page.locator("#seed textarea, #seed input")).to_have_value(SEED)


def test_a_large_seed_that_is_written_into_a_cell_stays(page: Page) -> None:
    page.evaluate("""import('/ui/api.js').then(async (api) => {
        const { id, version } = await api.post('/api/notebooks', {});
        const change = { op: 'add', kind: 'text_to_image', draft: { prompt: 'a swan' } };
        await api.post(`/api/notebooks/${id}/changes`, { version, change });
    })""")
    page.reload()
    field = page.locator(".cell .for-seed input")
    expect(field).to_be_visible()
    with page.expect_response("**/changes"):
        field.fill(SEED)
    page.reload()
    expect(field).to_have_value(SEED)

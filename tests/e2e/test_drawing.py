"""Type a prompt, watch it form, see the picture; cancel it; leave and come back to it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.conftest import draw, ready

# In its cell, not in the window: the page may still be scrolling to it, past cells that are laid out only then.
PLACE = """box => {
    const { left, top, width, height } = box.getBoundingClientRect();
    const cell = box.closest(".cell").getBoundingClientRect();
    return [left - cell.left, top - cell.top, width, height];
}"""
SUNFLOWER = '.run[aria-label="a sunflower in a meadow"]'


def test_a_typed_prompt_forms_before_the_eyes_and_becomes_a_picture_of_512_pixels(page: Page) -> None:
    restore_steps(page, 20)
    page.fill("#prompt textarea", "a sunflower in a meadow")
    page.click("#generate")
    run = page.locator(SUNFLOWER)
    box = run.locator(".box")
    expect(run.locator(".preview[src^='data:image/jpeg']")).to_be_visible()
    place = box.evaluate(PLACE)
    box.evaluate("box => (box.formed = true)")
    picture = run.locator(".final")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [512, 512]
    assert box.evaluate(PLACE) == place, "the picture must appear where it formed"
    expect(page.locator(f"{SUNFLOWER}[data-fresh=fresh]")).to_be_visible()
    page.wait_for_timeout(500)  # the notebook itself has told of its picture by now
    assert box.evaluate("box => box.formed"), "what is shown already is not built anew"


def restore_steps(page: Page, steps: int) -> None:
    page.evaluate("steps => import('/ui/bench.js').then(bench => bench.restore({steps}))", steps)
    page.wait_for_function("steps => JSON.parse(sessionStorage['pixcosmos.draft']).steps === steps", arg=steps)


def test_ctrl_enter_runs_and_generate_never_locks(page: Page) -> None:
    page.fill("#prompt textarea", "a blue heart on white")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    page.click("#generate")
    expect(page.locator('.run[aria-label="a blue heart on white"]')).to_have_count(3)
    expect(page.locator('.run[aria-label="a blue heart on white"][data-state=done]')).to_have_count(3)


def test_a_reload_in_the_middle_finds_the_run_again_and_keeps_what_was_typed(page: Page) -> None:
    restore_steps(page, 40)
    page.fill("#prompt textarea", "a castle at night")
    page.click("#generate")
    page.wait_for_selector('.run[aria-label="a castle at night"]')
    page.fill("#prompt textarea", "the next idea")
    page.wait_for_function("JSON.parse(sessionStorage['pixcosmos.draft']).prompt === 'the next idea'")
    page.reload()
    ready(page)
    expect(page.locator("#prompt textarea")).to_have_value("the next idea")
    page.wait_for_selector('.run[aria-label="a castle at night"][data-state=done] .final')


def test_cancel_stops_a_run_that_is_being_drawn(page: Page) -> None:
    restore_steps(page, 60)
    page.fill("#prompt textarea", "a volcano on the sea")
    page.click("#generate")
    run = page.locator('.run[aria-label="a volcano on the sea"]')
    run.get_by_role("button", name="Cancel").click()
    expect(run).to_have_attribute("data-state", "cancelled")
    expect(run.get_by_role("button", name="Try again")).to_be_visible()
    expect(run.locator(".final")).to_have_count(0)


def test_an_empty_prompt_is_refused_kindly_and_the_notice_goes_when_one_types(page: Page) -> None:
    page.click("#generate")
    notice = page.locator("#bridge .notice")
    expect(notice).to_contain_text("The prompt is empty")
    expect(page.locator("#prompt textarea")).to_be_focused()
    page.keyboard.type("a key")
    expect(notice).to_be_hidden()


def test_a_seed_that_is_no_number_is_refused_by_name(page: Page) -> None:
    page.fill("#prompt textarea", "a key")
    page.locator("#seed input, #seed textarea").fill("seven")
    page.click("#generate")
    expect(page.locator("#bridge .notice")).to_contain_text("seed")
    expect(page.locator("#prompt textarea")).to_have_value("a key")


def test_dice_and_lock_hold_and_free_the_seed(page: Page) -> None:
    seed = page.locator("#seed input, #seed textarea")
    page.get_by_role("button", name="Roll a seed and keep it").click()
    expect(seed).not_to_have_value("")
    page.get_by_role("button", name="Take a new seed each time").click()
    expect(seed).to_have_value("")


def test_a_small_model_says_gently_what_it_never_saw(page: Page) -> None:
    page.fill("#prompt textarea", "a motorbike in paris")
    expect(page.locator(".gentle")).to_contain_text("motorbike")


def test_words_of_a_prompt_never_become_markup(page: Page) -> None:
    prompt = "<img src=x onerror=document.title=666> `${1+1}` {{this}} a fox"
    page.fill("#prompt textarea", prompt)
    page.click("#generate")
    run = page.locator(".run").filter(has=page.locator("h2", has_text="onerror"))
    expect(run.locator("h2")).to_have_text(prompt)
    expect(run.locator(".final")).to_be_visible()
    page.click("nav a[href='#gallery']")
    expect(page.locator(".tile .caption").first).to_have_text(prompt)
    page.locator(".tile a").first.click()
    expect(page.locator(".detail .words").first).to_have_text(prompt)
    assert "666" not in page.title()
    assert page.locator("img[src='x']").count() == 0


def test_a_run_of_four_shows_four_pictures_with_seeds_in_a_row(page: Page) -> None:
    run = draw(page, "a doughnut on pink", count=4)
    expect(page.locator(f"{run} .final")).to_have_count(4)
    seeds = [int(text) for text in page.locator(f"{run} .seed").all_inner_texts()]
    assert seeds == list(range(seeds[0], seeds[0] + 4))

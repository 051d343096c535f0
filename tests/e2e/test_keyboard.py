"""The studio by keys alone, from the first word to the file that is taken along. No mouse moves here, and no test sets
the focus: what it wants it tabs to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.test_notebook import begin, begin_from, cell, state

FAR = 250  # stops that a page may have
ALL_SETTINGS = "All settings"
MARKED = """async chip => {
    const image = new Image();
    image.src = chip.querySelector("img").src.replace("/thumb512", "");
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), {width: image.width, height: image.height});
    canvas.getContext("2d").drawImage(image, 0, 0);
    const {data} = canvas.getContext("2d").getImageData(0, 0, image.width, image.height);
    return data.filter((value, index) => index % 4 === 0 && value > 127).length;
}"""
# What tells where the focus is looks other without it: the element itself, what is in it, beside it or around it.
# Answers the element when nothing does.
UNSEEN = """() => {
    const here = document.activeElement;
    const beside = here.parentElement?.children ?? [];
    const around = [here.parentElement, here.parentElement?.parentElement, here.closest(".wrap")];
    const near = [here, ...here.children, ...beside, ...around];
    const look = () => near.filter(Boolean).map((one) => {
        const {outline, boxShadow, borderColor, backgroundColor, stroke} = getComputedStyle(one);
        return [outline, boxShadow, borderColor, backgroundColor, stroke].join();
    }).join();
    const still = Object.assign(document.createElement("style"), {textContent: "* {transition: none !important}"});
    document.head.append(still);
    const focused = look();
    here.blur();
    const plain = look();
    here.focus({preventScroll: true});
    still.remove();
    return focused === plain ? here.outerHTML.slice(0, 200) : "";
}"""


@pytest.fixture
def keys(page: Page) -> Iterator[Page]:
    """A page with an empty notebook, the focus nowhere."""
    begin(page)
    yield page


def tab_to(page: Page, wanted: Locator | str, key: str = "Tab") -> None:
    """Presses Tab until what was wanted has the focus."""
    found = page.locator(wanted) if isinstance(wanted, str) else wanted
    for _ in range(FAR):
        if found.evaluate_all("all => all.includes(document.activeElement)"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"Tab never comes to {wanted}")


def at(page: Page, wanted: Locator | str) -> None:
    """The focus has come to what was wanted by itself."""
    expect(page.locator(wanted) if isinstance(wanted, str) else wanted).to_be_focused()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def choose(page: Page, entry: str) -> None:
    """An entry of the open menu, by the arrow keys."""
    expect(page.locator(".popover")).to_be_visible()
    for _ in range(40):
        here = page.locator(".popover :focus")
        if here.count() and here.inner_text().startswith(entry):
            return press(page, "Enter")
        press(page, "ArrowDown")
    raise AssertionError(f"no entry {entry}")


def write(page: Page, prompt: str) -> None:
    """From the top of the page into the prompt, and drawn."""
    press(page, "Tab", "Enter")
    at(page, "#prompt textarea")
    page.keyboard.type(prompt)
    press(page, "Control+Enter")
    state(page, 1, "fresh")


def words(page: Page, number: int) -> Locator:
    return cell(page, number).locator(".words")


def button(page: Page, number: int, name: str) -> Locator:
    return cell(page, number).get_by_role("button", name=name, exact=True)


def test_a_prompt_is_drawn_and_every_kind_of_cell_added(keys: Page) -> None:
    write(keys, "a kite on white")
    kinds = ("Image to image", "Inpaint", "Upscale", "Control", "Text to image", "X/Y grid", "Note")
    for number, kind in enumerate(kinds, 2):
        tab_to(keys, '[aria-label="Add a cell"]', "Shift+Tab")
        press(keys, "Enter")
        choose(keys, kind)
        expect(cell(keys, number).locator(".kind")).to_have_text(kind)
        at(keys, cell(keys, number) if kind == "Upscale" else words(keys, number))
    keys.keyboard.type("# Plan")
    press(keys, "Control+Enter")
    expect(cell(keys, 8).locator("h3")).to_have_text("Plan")
    at(keys, cell(keys, 8).locator(".note"))
    press(keys, "Enter")
    at(keys, words(keys, 8))


def test_cells_are_moved_copied_folded_deleted_and_brought_back(keys: Page) -> None:
    begin_from(keys, "colour_variations")
    tab_to(keys, words(keys, 2))
    said = words(keys, 2).input_value()
    press(keys, "Alt+ArrowDown")
    expect(words(keys, 3)).to_have_value(said)
    at(keys, words(keys, 3))
    press(keys, "Escape")
    at(keys, cell(keys, 3))
    press(keys, "ArrowUp")
    at(keys, cell(keys, 2))
    press(keys, "ArrowDown", "Enter")
    at(keys, words(keys, 3))
    count = keys.locator(".cell").count()
    for entry in ("Duplicate", "Branch"):
        tab_to(keys, button(keys, 3, "More for this cell"))
        press(keys, "Enter")
        choose(keys, entry)
        count += 1
        expect(keys.locator(".cell")).to_have_count(count)
        at(keys, ".cell .words:focus")  # that of the new one
        tab_to(keys, words(keys, 3), "Shift+Tab")
    tab_to(keys, button(keys, 3, "Fold"), "Shift+Tab")
    press(keys, "Enter")
    expect(cell(keys, 3).locator(".body")).to_be_hidden()
    at(keys, button(keys, 3, "Unfold"))
    press(keys, "Enter")
    tab_to(keys, words(keys, 3))
    press(keys, "Escape", "Delete")
    expect(keys.locator(".cell")).to_have_count(count - 1)
    at(keys, ".cell:focus")  # its neighbour
    press(keys, "Control+z")
    expect(keys.locator(".cell")).to_have_count(count)
    press(keys, "Control+Shift+z")
    expect(keys.locator(".cell")).to_have_count(count - 1)


def test_settings_are_typed_a_run_is_stopped_and_what_follows_is_run(keys: Page) -> None:
    write(keys, "a cup on white")
    tab_to(keys, button(keys, 1, "More for this cell"))
    press(keys, "Enter")
    choose(keys, "Go on from its picture")
    at(keys, words(keys, 2))
    press(keys, "Control+Enter")
    state(keys, 2, "fresh")
    tab_to(keys, words(keys, 1))
    tab_to(keys, button(keys, 1, ALL_SETTINGS))
    press(keys, "Enter")
    steps = cell(keys, 1).get_by_label("Steps")
    tab_to(keys, steps)
    press(keys, "Control+a")
    keys.keyboard.type("150")
    press(keys, "Control+Shift+Enter")
    tab_to(keys, button(keys, 1, "Cancel"), "Shift+Tab")
    press(keys, "Enter")
    expect(cell(keys, 1).locator(".mark")).to_have_text("Cancelled")
    at(keys, button(keys, 1, "Try again"))
    tab_to(keys, steps)
    press(keys, "Control+a")
    keys.keyboard.type("4")
    press(keys, "Control+Shift+Enter")
    for number in (1, 2):
        state(keys, number, "fresh")


def test_a_mask_is_painted_and_undone_and_its_picture_sent_to_the_benches(keys: Page) -> None:
    write(keys, "a kettle on white")
    tab_to(keys, '[aria-label="Add a cell"]')
    press(keys, "Enter")
    choose(keys, "Inpaint")
    at(keys, words(keys, 2))
    keys.keyboard.type("a red dot")
    marks = []
    # One dab where the brush is; a larger one, a line, and another dab that is taken back.
    for strokes in ([" "], ["]", "]", " ", "Shift+ArrowRight", "ArrowDown", "ArrowDown", " ", "Control+z"]):
        chip = cell(keys, 2).locator("button.chip").last
        before = chip.inner_html()
        tab_to(keys, chip)
        press(keys, "Enter")
        at(keys, ".mask-dialog canvas")
        press(keys, *strokes)
        tab_to(keys, ".mask-dialog .primary")
        press(keys, "Enter")
        expect(keys.locator(".mask-dialog")).to_have_count(0)
        expect(chip).not_to_have_js_property("innerHTML", before)
        at(keys, chip)
        marks.append(chip.evaluate(MARKED))
    assert 0 < marks[0] < marks[1] < 2.5 * marks[0], marks
    tab_to(keys, words(keys, 2), "Shift+Tab")
    press(keys, "Control+Enter")
    state(keys, 2, "fresh")
    picture = cell(keys, 2).locator(".open")
    for leave in (["Escape"], None):
        tab_to(keys, picture)
        press(keys, "Enter")
        at(keys, "dialog.detail")
        if leave:
            press(keys, *leave)
            expect(keys.locator("dialog.detail")).to_be_hidden()
            at(keys, picture)
    tab_to(keys, 'dialog.detail button[aria-label="More"]')
    press(keys, "Enter", "Escape")
    at(keys, 'dialog.detail button[aria-label="More"]')
    press(keys, "Enter")
    choose(keys, "Upscale")
    run = keys.locator("#upscale").get_by_role("button", name="Upscale", exact=True)
    at(keys, run)
    press(keys, "Enter")
    expect(keys.locator("#upscale .compare-after")).to_be_visible()
    at(keys, run)
    tab_to(keys, "#upscale .compare input")
    press(keys, "Home")
    tab_to(keys, "#upscale button[aria-label=More]")
    press(keys, "Enter")
    choose(keys, "Inpaint")
    at(keys, "#inpaint canvas")
    press(keys, " ")
    expect(keys.locator(".mask-saved")).to_have_text("Mask kept")
    tab_to(keys, "#inpaint button[aria-label=More]")
    press(keys, "Enter", "Escape")
    tab_to(keys, "#tab-inpaint", "Shift+Tab")
    press(keys, "ArrowLeft")
    at(keys, "#tab-text_to_image")
    expect(keys.locator("#prompt")).to_be_visible()


def test_a_notebook_is_taken_along_another_opened_and_the_keys_are_shown(keys: Page) -> None:
    begin_from(keys, "icon_set")
    along, shelf = '[aria-label="Take it along"]', ".shelf-button"
    tab_to(keys, along)
    press(keys, "Enter")
    with keys.expect_download() as download:
        choose(keys, "Jupyter notebook")
    assert download.value.suggested_filename.endswith(".ipynb")
    at(keys, along)
    tab_to(keys, shelf)
    press(keys, "Enter")
    expect(keys.locator(".popover")).to_be_visible()
    press(keys, "Escape")
    at(keys, shelf)
    press(keys, "Enter")
    choose(keys, "Character sheet")
    expect(keys.locator(".notebook-title")).to_have_value("Character sheet")
    at(keys, shelf)
    press(keys, "?")
    expect(keys.locator("dialog.keys")).to_be_visible()
    press(keys, "Escape")
    expect(keys.locator("dialog.keys")).to_have_count(0)
    at(keys, shelf)


@pytest.mark.parametrize("bench", ["text_to_image", "inpaint"])
def test_every_stop_shows_where_it_is(keys: Page, bench: str) -> None:
    begin_from(keys, "before_and_after")
    if bench == "text_to_image":
        keys.get_by_role("button", name="Advanced").click()
        expect(keys.locator("#scheduler")).to_be_visible()
    keys.evaluate("tab => import('/ui/tabs.js').then(tabs => tabs.openTab(tab))", bench)
    unseen, stops = [], 0
    while stops < FAR:
        press(keys, "Tab")
        if keys.evaluate("document.activeElement === document.body"):
            break
        stops += 1
        if found := keys.evaluate(UNSEEN):
            unseen.append(found)
    assert unseen == [] and 30 < stops < FAR

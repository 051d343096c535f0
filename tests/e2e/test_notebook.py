"""The notebook in a browser: change a cell and what follows from it goes stale, run from here, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Server, draw, opened, ready


@pytest.fixture
def desk(page: Page) -> Iterator[Page]:
    """A page with an empty notebook of its own as the current one."""
    begin(page)
    yield page


def begin(page: Page) -> None:
    page.evaluate("import('/ui/api.js').then((api) => api.post('/api/notebooks', {}))")
    page.reload()
    ready(page)
    expect(page.locator(".welcome")).to_be_visible()


def cell(page: Page, number: int) -> Locator:
    return page.locator(f".cell:has(.number:text-is('{number}'))")


def state(page: Page, number: int, value: str) -> None:
    expect(cell(page, number)).to_have_attribute("data-fresh", value)


def more(page: Page, number: int, entry: str) -> None:
    cell(page, number).get_by_role("button", name="More for this cell").click()
    page.locator(".popover").get_by_role("button", name=entry).click()


def chain(page: Page) -> None:
    """Three cells, each made from the one before it, all of them drawn."""
    draw(page, "a fox on white")
    for number in (2, 3):
        more(page, number - 1, "Go on from its picture")
        cell(page, number).locator(".words").fill(f"a fox in the snow, {number}")
        cell(page, number).locator(".words").press("Control+Enter")
        state(page, number, "fresh")


def test_editing_the_first_of_three_makes_the_others_stale_and_run_from_here_freshens_them(desk: Page) -> None:
    chain(desk)
    before = cell(desk, 3).locator(".final").get_attribute("src")
    expect(cell(desk, 3).locator(".chip")).to_contain_text("#2.1")
    cell(desk, 1).locator(".words").fill("a fox at sunset")
    for number in (1, 2, 3):
        state(desk, number, "stale")
    expect(cell(desk, 1).locator(".mark")).to_have_text("Changed since it was drawn")
    expect(cell(desk, 3).locator(".mark")).to_have_text("What it is made from has changed")
    more(desk, 1, "Run from here")
    for number in (1, 2, 3):
        state(desk, number, "fresh")
    expect(cell(desk, 3).locator(".final")).not_to_have_attribute("src", before or "")
    desk.reload()
    ready(desk)
    expect(cell(desk, 1).locator(".words")).to_have_value("a fox at sunset")
    expect(desk.locator(".cell .final")).to_have_count(3)


def test_what_is_typed_survives_a_reload_that_comes_before_it_is_sent(desk: Page) -> None:
    draw(desk, "a lemon on white")
    cell(desk, 1).locator(".words").fill("a lemon on blue")
    desk.reload()
    ready(desk)
    expect(cell(desk, 1).locator(".words")).to_have_value("a lemon on blue")
    state(desk, 1, "stale")


def test_a_deleted_cell_comes_back_with_its_picture(desk: Page) -> None:
    draw(desk, "a key on white")
    more(desk, 1, "Delete the cell")
    expect(desk.locator(".cell")).to_have_count(0)
    desk.locator(".toast").get_by_role("button", name="Undo").click()
    expect(cell(desk, 1).locator(".final")).to_be_visible()
    state(desk, 1, "fresh")


def test_a_note_renders_its_markdown_and_never_its_markup(desk: Page) -> None:
    draw(desk, "a star on black")
    more(desk, 1, "Add a note below")
    note = cell(desk, 2)
    note.locator("textarea").fill("# Plan\n**bold** <img src=x onerror=document.title=666> [a](javascript:alert(1))")
    note.locator("textarea").press("Control+Enter")
    expect(note.locator(".note h3")).to_have_text("Plan")
    expect(note.locator(".note strong")).to_have_text("bold")
    expect(note.locator(".note")).to_contain_text("<img src=x")
    assert desk.locator(".note img, .note a").count() == 0


def test_cells_are_moved_by_keys_but_not_past_what_they_are_made_from(desk: Page) -> None:
    draw(desk, "a drum on white")
    draw(desk, "a bell pepper on white")
    more(desk, 1, "Go on from its picture")
    expect(cell(desk, 3).locator(".words")).to_have_value("a drum on white")
    cell(desk, 1).locator(".words").press("Alt+ArrowUp")  # newest first: up is later
    expect(cell(desk, 2).locator(".words")).to_have_value("a drum on white")
    expect(cell(desk, 3).locator(".chip")).to_contain_text("#2.1")
    cell(desk, 2).locator(".words").press("Alt+ArrowUp")
    expect(desk.locator(".toast.bad")).to_contain_text("That does not fit")
    desk.get_by_role("button", name="Undo", exact=True).first.click()
    expect(cell(desk, 1).locator(".words")).to_have_value("a drum on white")


def test_two_tabs_see_each_others_changes_and_overwrite_nothing(desk: Page, browser: Browser, server: Server) -> None:
    draw(desk, "a rose on white")
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    other = opened(context, server)
    expect(cell(other, 1).locator(".words")).to_have_value("a rose on white")
    cell(desk, 1).locator(".words").fill("a rose in one tab")
    expect(cell(other, 1).locator(".words")).to_have_value("a rose in one tab")
    context.set_offline(True)
    cell(other, 1).locator(".words").fill("a rose in the other tab")
    expect(other.locator(".toast.bad")).to_be_visible()  # it could not be sent
    cell(desk, 1).locator(".words").fill("a rose in one tab again")
    all_sent(desk)
    context.set_offline(False)
    expect(cell(other, 1).locator(".clash")).to_contain_text("There it says: a rose in one tab again")
    expect(cell(other, 1).locator(".words")).to_have_value("a rose in the other tab")
    cell(other, 1).get_by_role("button", name="Keep mine").click()
    expect(cell(desk, 1).locator(".words")).to_have_value("a rose in the other tab")
    all_sent(other)
    # News of the other's words arrives while one's own still wait to be sent.
    context.route("**/changes", lambda route: route.abort())
    cell(other, 1).locator(".words").fill("a rose of mine")
    cell(desk, 1).locator(".words").fill("a rose of theirs")
    all_sent(desk)
    other.wait_for_timeout(500)
    context.unroute("**/changes")
    expect(cell(other, 1).locator(".clash")).to_contain_text("There it says: a rose of theirs")
    cell(other, 1).get_by_role("button", name="Take theirs").click()
    expect(cell(other, 1).locator(".words")).to_have_value("a rose of theirs")
    expect(cell(desk, 1).locator(".words")).to_have_value("a rose of theirs")
    context.close()


def test_what_is_typed_offline_is_sent_once_the_studio_answers(desk: Page) -> None:
    begin_from(desk, "character_sheet")
    words = desk.locator(".cell.run .words").first
    desk.context.route("**/changes", lambda route: route.abort())
    words.fill("a hat, typed in a tunnel")
    expect(desk.locator(".toast.bad")).to_be_visible()
    desk.context.unroute("**/changes")
    all_sent(desk)
    desk.reload()
    ready(desk)
    expect(words).to_have_value("a hat, typed in a tunnel")


def all_sent(page: Page) -> None:
    page.wait_for_function("sessionStorage['pixcosmos.unsent'] === '{}'")


def test_an_inpaint_cell_is_added_and_its_mask_painted_from_the_notebook(desk: Page) -> None:
    draw(desk, "a kettle on white")
    add(desk, "Inpaint")
    redrawn = cell(desk, 2)
    expect(redrawn.locator(".chip").first).to_contain_text("#1.1")
    redrawn.get_by_role("button", name="Paint the mask").click()
    paint(desk, desk.locator(".mask-dialog canvas"))
    desk.locator(".mask-dialog").get_by_role("button", name="Done").click()
    expect(redrawn.get_by_role("button", name="Change the mask")).to_be_visible()
    redrawn.locator(".words").fill("a red dot")
    redrawn.locator(".words").press("Control+Enter")
    state(desk, 2, "fresh")
    # The notebook stands below the other benches too.
    desk.get_by_role("tab", name="Inpaint").click()
    desk.get_by_role("button", name="Notebook, 2 cells").click()
    expect(redrawn.locator(".final")).to_be_in_viewport()


def test_a_cell_is_dragged_to_another_place_and_undone_and_done_again(desk: Page) -> None:
    begin_from(desk, "colour_variations")
    words = desk.locator(".cell .words")
    before = [words.nth(number).input_value() for number in range(1, 4)]
    grip = desk.get_by_role("button", name="Move cell 2")
    target = cell(desk, 4).bounding_box()
    box = grip.bounding_box()
    assert box is not None and target is not None
    desk.mouse.move(box["x"] + 8, box["y"] + 8)
    desk.mouse.down()
    desk.mouse.move(target["x"] + 40, target["y"] + target["height"] - 4, steps=8)
    expect(desk.locator(".drop-line")).to_be_visible()
    desk.mouse.up()
    moved = [before[1], before[2], before[0]]
    for number in range(3):
        expect(words.nth(number + 1)).to_have_value(moved[number])
    for name, order in (("Undo", before), ("Do it again", moved)):
        desk.get_by_role("button", name=name, exact=True).click()
        for number in range(3):
            expect(words.nth(number + 1)).to_have_value(order[number])
    # After something new, what was undone cannot be done again.
    desk.get_by_role("button", name="Undo", exact=True).click()
    words.nth(1).fill("something new")
    all_sent(desk)
    expect(desk.get_by_role("button", name="Do it again", exact=True)).to_be_disabled()


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_that_is_dropped_or_pasted_makes_a_cell(desk: Page, way: str) -> None:
    begin_from(desk, "before_and_after")
    count = desk.locator(".cell").count()
    desk.locator("#stage .notebook-title").evaluate(CARRY, way)
    expect(desk.locator(".cell")).to_have_count(count + 1)
    made = cell(desk, count + 1)
    expect(made.locator(".kind")).to_have_text("Image to image")
    expect(made.locator(".chip")).to_contain_text("A picture")
    image = made.locator(".chip img")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


# A picture in the clipboard or under the mouse, as a browser hands it over.
CARRY = """async (place, way) => {
    const canvas = new OffscreenCanvas(64, 48);
    canvas.getContext("2d").fillRect(8, 8, 40, 20);
    const file = new File([await canvas.convertToBlob()], "picture.png", { type: "image/png" });
    const carried = new DataTransfer();
    carried.items.add(file);
    const how = { bubbles: true, cancelable: true };
    place.dispatchEvent(way === "drop"
        ? new DragEvent("drop", { ...how, dataTransfer: carried })
        : new ClipboardEvent("paste", { ...how, clipboardData: carried }));
}"""


def test_a_pictures_line_is_drawn_and_clicked_through_and_its_pixels_verified(desk: Page) -> None:
    draw(desk, "a whistle on white")
    more(desk, 1, "Go on from its picture")
    cell(desk, 2).locator(".words").press("Control+Enter")
    state(desk, 2, "fresh")
    cell(desk, 2).locator(".final").click()
    detail = desk.locator("dialog.detail")
    expect(detail.locator(".lineage .node")).to_have_count(2)
    assert detail.locator(".side").evaluate("side => side.scrollTop") == 0, "the lineage took the reader down to itself"
    here = desk.url
    detail.get_by_role("button", name="Verify").click()
    expect(detail.locator(".check")).to_contain_text("every pixel is the same")
    detail.locator(".lineage a.node:not(.here)").click()
    expect(desk).not_to_have_url(here)
    expect(detail.locator(".lineage .node.here")).to_have_attribute("aria-label", "This picture: a whistle on white")


def begin_from(page: Page, template: str) -> None:
    page.evaluate("name => import('/ui/api.js').then((api) => api.post('/api/notebooks', {template: name}))", template)
    page.reload()
    ready(page)
    expect(page.locator(".cell").first).to_be_visible()


def test_a_control_cell_has_its_map_and_a_second_one(desk: Page) -> None:
    draw(desk, "a mug on white")
    add(desk, "Control")
    steered = cell(desk, 2)
    # The map is shown before anything is drawn, and anew when another kind is chosen.
    shown = steered.locator(".control-preview img")
    shown.scroll_into_view_if_needed()
    edges = shown.get_attribute("src") or ""
    assert grey(shown)
    steered.get_by_label("Map").select_option("shuffle")
    expect(shown).not_to_have_attribute("src", edges)
    assert not grey(shown)
    steered.get_by_role("button", name="All settings").click()
    steered.get_by_role("button", name="Add a control").click()
    expect(steered.locator(".control-row")).to_have_count(2)
    steered.get_by_role("button", name="Take this control away").first.click()
    expect(steered.locator(".control-row")).to_have_count(1)
    expect(steered.get_by_label("Map")).to_have_value("canny")
    desk.get_by_role("button", name="Undo", exact=True).first.click()
    expect(steered.get_by_label("Map").first).to_have_value("shuffle")
    expect(steered.locator(".chip").first).to_contain_text("#1.1")


def grey(map_of: Locator) -> bool:
    """Whether a map is white lines on black, as Canny's is."""
    found: bool = map_of.evaluate("""async image => {
        await image.decode();
        const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
        canvas.getContext("2d").drawImage(image, 0, 0);
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const clear = data.every((value, index) => value === 255 || (value === 0 && index % 4 < 3));
        return clear && image.naturalWidth === 512;
    }""")
    return found


def add(page: Page, kind: str) -> None:
    page.get_by_role("button", name="Add a cell", exact=True).click()
    page.locator(".popover").get_by_role("button", name=kind, exact=True).click()


def paint(page: Page, canvas: Locator) -> None:
    """A stroke through the middle."""
    box = canvas.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 60, y)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()


def test_a_grid_that_was_never_run_leaves_the_other_cells_their_news(desk: Page) -> None:
    draw(desk, "a spoon on white")
    add(desk, "X/Y grid")
    expect(cell(desk, 2).get_by_label("Values across")).to_have_value("5, 10, 20")
    expect(cell(desk, 2).locator(".mark")).to_have_text("Not drawn yet")
    draw(desk, "a fork on white")
    expect(cell(desk, 3).locator(".final")).to_be_visible()


def test_a_phone_edits_and_runs_a_cell_and_nothing_scrolls_sideways(phone: Page) -> None:
    begin(phone)
    draw(phone, "a tulip on white")
    cell(phone, 1).locator(".words").fill("a tulip on pink")
    state(phone, 1, "stale")
    cell(phone, 1).locator(".go").click()
    state(phone, 1, "fresh")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("key", ["Enter", "Control+Enter", "Meta+Enter"])
def test_a_title_is_left_by_enter_and_nothing_is_drawn(desk: Page, key: str) -> None:
    begin_from(desk, "icon_set")
    desk.fill("#prompt textarea", "a bench that stays still")
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url) if "queue/join" in request.url else None)
    title = desk.locator(".notebook-title")
    title.fill(f"By {key}")
    desk.wait_for_timeout(500)
    asked.clear()
    title.press(key)
    expect(title).not_to_be_focused()
    desk.wait_for_timeout(800)
    assert not asked
    desk.reload()
    expect(desk.locator(".notebook-title")).to_have_value(f"By {key}")


def test_an_enter_that_ends_a_word_being_composed_stays_in_the_title(desk: Page) -> None:
    """As people write Japanese or Chinese."""
    begin_from(desk, "icon_set")
    title = desk.locator(".notebook-title")
    title.focus()
    title.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(title).to_be_focused()

"""On a slow line answers come late, twice or never: none takes away what a person did in the meantime."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import APIResponse, Page, Route, expect

from tests.e2e.conftest import draw, ready
from tests.e2e.test_notebook import all_sent, begin_from, cell, desk, more, paint, state

__all__ = ["desk"]

POST = "([path, body]) => import('/ui/api.js').then((api) => api.post(path, body))"


@contextmanager
def held(page: Page, pattern: str, wanted: Callable[[Route], bool] = lambda route: True) -> Iterator[list[Route]]:
    """The studio answers at once, but the page hears of it only after the block."""
    answers: list[tuple[Route, APIResponse]] = []
    routes: list[Route] = []
    over = False

    def hold(route: Route) -> None:
        if over or not wanted(route):
            return route.continue_()
        answers.append((route, route.fetch()))
        routes.append(route)

    page.route(pattern, hold)
    yield routes
    over = True
    for route, answer in answers:
        route.fulfill(response=answer)
    page.unroute(pattern)


def arrived(page: Page, routes: list[Route], n: int = 1) -> None:
    for _ in range(300):
        if len(routes) >= n:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{len(routes)} of {n} requests came")


def test_news_of_the_notebook_before_does_not_come_back_after_another_was_opened(desk: Page) -> None:
    begin_from(desk, "before_and_after")
    first = desk.locator(".notebook-title").input_value()
    with held(desk, "**/api/notebooks/*?pictures=false", lambda route: "open" not in route.request.url) as routes:
        desk.locator(".cell.run .words").first.fill("a cup of tea")
        arrived(desk, routes)
        desk.get_by_role("button", name="Notebooks", exact=True).click()
        desk.locator(".shelf .row").filter(has_text="Icon set").last.click()
        expect(desk.locator(".notebook-title")).not_to_have_value(first)
        opened = desk.locator(".notebook-title").input_value()
    desk.wait_for_timeout(500)
    expect(desk.locator(".notebook-title")).to_have_value(opened)


def test_a_run_in_another_tab_leaves_this_tabs_notebook_open(desk: Page) -> None:
    begin_from(desk, "before_and_after")
    title = desk.locator(".notebook-title").input_value()
    desk.evaluate("document.hasFocus = () => false")
    desk.evaluate(POST, ["/api/notebooks", {}])  # what the other tab shows, and draws in
    draft = {"kind": "text_to_image", "prompt": "a bell of another tab", "steps": 3}
    for _ in range(3):  # so that one of them waits for its turn
        desk.evaluate(POST, ["/api/jobs", {"draft": draft}])
    desk.wait_for_timeout(1500)
    expect(desk.locator(".notebook-title")).to_have_value(title)


def test_words_whose_answer_was_lost_are_no_others(desk: Page) -> None:
    begin_from(desk, "character_sheet")
    words = desk.locator(".cell.run .words").first
    lost: list[Route] = []

    def lose(route: Route) -> None:
        route.fetch()  # it is written
        lost.append(route)
        route.abort()

    desk.route("**/changes", lose)
    words.fill("a hat")
    arrived(desk, lost)
    words.press_sequentially(" of felt")
    desk.unroute("**/changes")
    all_sent(desk)
    expect(desk.locator(".clash:visible")).to_have_count(0)
    expect(words).to_have_value("a hat of felt")


def test_a_deleted_picture_stays_away_from_its_cell_and_comes_back_when_that_is_undone(desk: Page) -> None:
    run = draw(desk, "a lamp on white", count=2)
    expect(desk.locator(f"{run} .final")).to_have_count(2)
    desk.locator(f"{run} .picture").first.get_by_role("button", name="More", exact=True).click()
    desk.locator(".popover").get_by_role("button", name="Delete", exact=True).click()
    expect(desk.locator(f"{run} .final")).to_have_count(1)
    draw(desk, "a sock on white")  # news of jobs and of the document
    expect(desk.locator(f"{run} .final")).to_have_count(1)
    desk.locator(".toast").get_by_role("button", name="Undo").click()
    expect(desk.locator(f"{run} .final")).to_have_count(2)


def test_a_cell_runs_once_however_often_its_button_is_pressed(desk: Page) -> None:
    draw(desk, "a pot on white")
    cell(desk, 1).locator(".words").fill("a pot on blue")
    all_sent(desk)
    with held(desk, "**/run") as routes:
        cell(desk, 1).locator(".go").dblclick()
        cell(desk, 1).locator(".words").press("Control+Enter")
        arrived(desk, routes)
        desk.wait_for_timeout(500)
        assert len(routes) == 1
    state(desk, 1, "fresh")


def test_two_steps_in_a_row_are_two_places(desk: Page) -> None:
    begin_from(desk, "colour_variations")
    words = desk.locator(".cell.run .words")
    first = words.first.input_value()
    with held(desk, "**/changes"):
        words.first.press("Alt+ArrowDown")
        words.first.press("Alt+ArrowDown")
        desk.wait_for_timeout(300)
    expect(words.nth(2)).to_have_value(first)


def test_undo_of_a_deleted_cell_is_offered_only_while_it_is_the_last_change(desk: Page) -> None:
    begin_from(desk, "colour_variations")
    more(desk, 3, "Delete the cell")
    offer = desk.locator(".toast").get_by_role("button", name="Undo")
    expect(offer).to_be_visible()
    desk.locator(".cell.run .words").first.fill("a mug, changed later")
    all_sent(desk)
    expect(offer).to_have_count(0)


def test_two_pictures_dropped_on_an_empty_studio_stand_in_one_notebook(desk: Page) -> None:
    desk.evaluate("""import('/ui/api.js').then(async (api) => {
        const { notebooks } = await api.get('/api/notebooks');
        for (const { id } of notebooks) await api.remove(`/api/notebooks/${id}`);
    })""")
    desk.reload()
    ready(desk)
    expect(desk.locator(".welcome")).to_be_visible()
    desk.evaluate("""async () => {
        const carried = new DataTransfer();
        for (const colour of ["red", "blue"]) {
            const canvas = new OffscreenCanvas(64, 64);
            Object.assign(canvas.getContext("2d"), { fillStyle: colour }).fillRect(0, 0, 64, 64);
            carried.items.add(new File([await canvas.convertToBlob()], `${colour}.png`, { type: "image/png" }));
        }
        const how = { bubbles: true, cancelable: true, dataTransfer: carried };
        document.querySelector("#stage .welcome").dispatchEvent(new DragEvent("drop", how));
    }""")
    expect(desk.locator(".cell")).to_have_count(2)


def to_inpaint(page: Page, prompt: str) -> None:
    run = draw(page, prompt)
    page.locator(f"{run} .bar").get_by_role("button", name="More", exact=True).click()
    page.locator(".popover").get_by_role("button", name="Inpaint").click()
    expect(page.locator("#inpaint .desk")).to_be_visible()


def test_another_picture_right_after_a_stroke_is_opened_and_masked(desk: Page) -> None:
    to_inpaint(desk, "a boot on white")
    paint(desk, desk.locator("#inpaint canvas"))
    desk.locator("#inpaint").get_by_role("button", name="More", exact=True).click()
    desk.locator(".popover").get_by_role("button", name="Another picture", exact=True).click()
    desk.locator("#inpaint .latest-tile").first.click()
    expect(desk.locator("#inpaint .desk")).to_be_visible()
    paint(desk, desk.locator("#inpaint canvas"))
    expect(desk.locator("#inpaint .mask-saved")).to_have_text("Mask kept")


def test_nothing_is_drawn_with_a_mask_that_could_not_be_kept(desk: Page) -> None:
    to_inpaint(desk, "a tent on white")
    paint(desk, desk.locator("#inpaint canvas"))
    expect(desk.locator("#inpaint .mask-saved")).not_to_have_text("")
    desk.route("**/api/inputs", lambda route: route.abort())
    desk.keyboard.press("i")
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url) if request.url.endswith("/api/jobs") else None)
    desk.locator("#inpaint .launch").click()
    expect(desk.locator("#inpaint .notice")).to_be_visible()
    assert not asked
    desk.unroute("**/api/inputs")


def test_what_is_set_on_a_bench_before_its_offers_are_there_stays(desk: Page) -> None:
    kept = "{prompt: 'before', settings: {prompt: 'before'}}"
    for name in ("inpaint", "upscale"):
        desk.evaluate(f"sessionStorage['pixcosmos.{name}'] = JSON.stringify({kept})")
    with held(desk, "**/api/editing*") as routes:
        desk.reload()
        arrived(desk, routes)
        for name in ("inpaint", "upscale"):
            desk.wait_for_selector(f"#{name}-prompt", state="attached")
            assert desk.locator(f"#{name}-prompt").input_value() == "before"
            desk.locator(f"#{name}-prompt").evaluate(
                "field => { field.value = 'typed'; field.dispatchEvent(new Event('input')); }"
            )
    ready(desk)
    desk.wait_for_timeout(500)
    for name in ("inpaint", "upscale"):
        assert desk.locator(f"#{name}-prompt").input_value() == "typed"


def test_ctrl_enter_held_down_asks_a_bench_once(desk: Page) -> None:
    run = draw(desk, "a sled on white")
    desk.locator(f"{run} .bar").get_by_role("button", name="More", exact=True).click()
    desk.locator(".popover").get_by_role("button", name="Upscale").click()
    expect(desk.locator("#upscale .desk")).to_be_visible()
    with held(desk, "**/api/jobs") as routes:
        for _ in range(3):
            desk.keyboard.press("Control+Enter")
        arrived(desk, routes)
        desk.wait_for_timeout(500)
        assert len(routes) == 1

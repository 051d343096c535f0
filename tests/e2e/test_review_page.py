"""Moderators decide one case; what they write in another stays as it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server, draw, free_port, opened, serving
from tests.e2e.test_late_answers import POST


@pytest.fixture(scope="module")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("court"), free_port(), PIXCOSMOS_SCAN="false") as server:
        yield server


@pytest.fixture(params=[1280, 390])
def page(request: pytest.FixtureRequest, browser: Browser, court: Server) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 800})
    yield opened(context, court)
    context.close()


def reported(page: Page) -> None:
    """A public page that a visitor complains about."""
    run = page.request.get(f"{page.url.split('#')[0]}api/images?limit=1").json()["images"]
    share = page.evaluate(POST, ["/api/shares", {"image": run[0]["id"], "title": "A page", "agreed": True}])
    form = {"reason": "other", "note": "I do not like it."}
    assert page.request.post(f"{share['link']}/report", form=form).ok


@pytest.fixture
def cases(page: Page, court: Server) -> Page:
    draw(page, "a hen on white")
    for _ in range(3):
        reported(page)
    page.goto(f"{court.url}/#review")
    expect(page.locator(".cases li")).to_have_count(3)
    return page


def comes_back(page: Page) -> None:
    """To another view and back, so that the list is asked for anew."""
    page.evaluate("location.hash = '#gallery'")
    page.wait_for_timeout(200)
    page.evaluate("location.hash = '#review'")


def test_a_decision_changes_its_own_row_alone(cases: Page) -> None:
    rows = cases.locator(".cases li")
    for number in (0, 1):
        rows.nth(number).get_by_role("button", name="Take it on").click()
        expect(rows.nth(number).get_by_label("Your message to the person")).to_be_visible()
    written = rows.nth(1).get_by_label("Your message to the person")
    written.fill("I am still thinking ab")
    rows.nth(1).get_by_role("button", name="Show").click()
    seen = rows.nth(1).locator(".seen img").get_attribute("src")
    kept = rows.nth(1).element_handle()
    rows.nth(0).get_by_role("button", name="Leave the page").click()
    expect(rows).to_have_count(2)
    left = rows.first.get_by_label("Your message to the person")
    expect(left).to_have_value("I am still thinking ab")
    expect(rows.first.locator(".seen img")).to_have_attribute("src", str(seen))
    assert kept is not None and kept.evaluate("row => row.isConnected")
    comes_back(cases)
    cases.wait_for_timeout(500)
    expect(left).to_have_value("I am still thinking ab")
    cases.route("**/api/review", lambda route: route.abort())
    comes_back(cases)
    expect(cases.locator("#review .notice")).to_be_visible()
    expect(left).to_have_value("I am still thinking ab")
    cases.unroute("**/api/review")
    comes_back(cases)
    expect(cases.locator("#review .notice")).to_have_count(0)
    for _ in range(2):
        if rows.first.get_by_role("button", name="Take it on").count():
            rows.first.get_by_role("button", name="Take it on").click()
        rows.first.get_by_role("button", name="Leave the page").click()
        cases.wait_for_timeout(300)
    expect(cases.locator("#review .welcome")).to_be_visible()

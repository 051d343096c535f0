"""After an update in a browser: a new use of data leads to its switch, and an absence is told of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from store.db import open_stores
from store.settings import Settings
from tests.e2e.conftest import PATIENCE, free_port, ready, serving


def as_left_by_an_older_release(data: Path) -> None:
    """A home that did not know one of the uses of data, and its owner who was away for a while."""
    stores = open_stores(Settings(data=data))
    now = datetime.now(UTC)
    stores.databases[0].execute_sql("DELETE FROM data_use WHERE purpose = 'model_improvement'")
    owner = stores.subjects.owner(now)
    for days in (60, 76):
        facts = {"days": days, "ends": f"{now + timedelta(days=90 - days):%Y-%m-%d}"}
        stores.notices.add(owner, "inactive", facts, now - timedelta(days=1))
    stores.close()


@pytest.mark.promise("P63")
@pytest.mark.promise("P27")
def test_a_new_use_of_data_leads_to_its_switch(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    context.add_init_script("""sessionStorage["pixcosmos.draft"] ??= JSON.stringify({ steps: 3 })""")
    page = context.new_page()
    with serving(tmp_path, free_port()) as before:
        page.goto(before.url)
        ready(page)
        assert page.locator(".news:not([hidden])").count() == 0
        page.close()
    as_left_by_an_older_release(tmp_path)
    with serving(tmp_path, free_port()) as server:
        page = context.new_page()
        page.goto(server.url)
        ready(page)
        banner = page.locator(".news:not([hidden])")
        expect(banner).to_contain_text("New in this studio: “Improving models”")
        banner.get_by_role("link", name="Look at your settings").click()
        row = page.locator(".switches li", has_text="Improving models")
        expect(row.locator(".fresh")).to_have_text("New")
        switch = row.get_by_role("switch")
        expect(switch).not_to_be_checked()
        switch.check()
        expect(page.locator(".account-body .devices")).to_contain_text("Improving models")
        expect(page.locator(".switches .fresh")).to_have_count(0)

        # Below it waited the warnings of an absence: one card, closed once.
        expect(banner).to_contain_text("your pictures were to be deleted")
        banner.get_by_role("button").click()
        expect(page.locator(".news")).to_be_hidden()
        page.reload()
        ready(page)
        page.wait_for_timeout(1000)
        expect(page.locator(".news")).to_be_hidden()
    context.close()

"""A person in a browser on a home for many: from sign-up to the download and the request to delete everything."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import FEW_STEPS, PATIENCE, ROOT, Server, draw, free_port, ready, serving

PASSWORD = "violet tractor nebula seven"
CANARY = "kanarienvogel 7723"
NAME = "zaunkoenig7723"


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("hosted"), free_port(), PIXCOSMOS_HOME="hosted") as server:
        yield server


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    context.set_default_timeout(PATIENCE)
    kept = json.dumps(json.dumps(FEW_STEPS))
    context.add_init_script(f"sessionStorage['pixcosmos.draft'] ??= {kept}")
    yield context
    context.close()


def asked(page: Page, server: Server, name: str) -> str:
    """Fills the form in. The link of the letter that follows."""
    page.goto(server.url)
    ready(page)
    page.goto(f"{server.url}/account/sign-up")
    values = {"name": name.title(), "email": f"{name}@example.org", "username": name, "password": PASSWORD}
    for field, value in (values | {"birth_day": "7", "birth_month": "3", "birth_year": "1990"}).items():
        page.fill(f"[name={field}]", value)
    assert not page.is_checked("[name=consent]"), "nobody agrees by doing nothing"
    page.check("[name=consent]")
    page.click("button.go")
    page.wait_for_url("**/account/sent")
    return letter(server)


def sign_up(page: Page, server: Server, name: str) -> None:
    page.goto(asked(page, server, name))
    page.click("button.go")
    page.wait_for_url(f"{server.url}/")
    ready(page)


def letter(server: Server, about: str = "verify") -> str:
    """The link of the letter, which a home without a mail server prints."""
    [link] = server.said(re.compile(rf"http\S+/account/{about}/\S+"))
    server.lines.clear()
    return link


def section(page: Page, server: Server, name: str) -> None:
    page.goto(f"{server.url}/#account/{name}")
    page.wait_for_selector(f'.account-entry[aria-current][data-id="{name}"]')


def run(server: Server, *words: str) -> None:
    settings = {"PIXCOSMOS_DATA": str(server.data), "PIXCOSMOS_HOME": "hosted"}
    subprocess.run([sys.executable, "app.py", *words], cwd=ROOT, env=os.environ | settings, check=True)


def found(places: list[Path], needles: list[bytes]) -> list[str]:
    """Files that hold one of them. A database is read as a copy: to close its file would let go of SQLite's locks."""
    names = []
    for place in places:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.is_file():
                text = subprocess.run(["cat", path], capture_output=True, check=True).stdout
                names += [path.name] * any(needle in text for needle in needles)
    return names


@pytest.mark.promise("P21")
@pytest.mark.promise("P45")
@pytest.mark.promise("P46")
@pytest.mark.promise("P78")
def test_from_sign_up_to_the_request_to_delete(hosted: Server, visitor: BrowserContext, tmp_path: Path) -> None:
    page = visitor.new_page()
    sign_up(page, hosted, NAME)
    draw(page, CANARY)
    run(hosted, "backup", str(tmp_path / "yesterday.pxb"))

    section(page, hosted, "download")
    page.get_by_role("button", name="Pack my data").click()
    fetch = page.locator(".account-body .devices").get_by_role("button", name="Download")
    fetch.wait_for()
    with page.expect_download() as download:
        fetch.click()
    download.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as taken:
        data = json.loads(taken.read("data.json"))
        assert [row["draft"]["prompt"] for row in data["content.image"]] == [CANARY]
        assert [row["name"] for row in data["identity.account"]] == [NAME.title()]
        assert [(row["purpose"], row["how"]) for row in data["identity.receipt"]] == [("policy", "box")]
        [picture, *_] = [taken.read(name) for name in taken.namelist() if name.endswith(".png")]

    section(page, hosted, "leave")
    expect(page.locator("#leave-7")).to_be_checked()
    page.get_by_role("button", name="Delete my account").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete everything").click()
    expect(page.locator(".data-note.warn")).to_contain_text("Everything is deleted on")
    page.get_by_role("button", name="Keep everything").click()
    expect(page.get_by_role("button", name="Delete my account")).to_be_visible()

    page.locator("#leave-0").check()
    page.get_by_role("button", name="Delete my account").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete everything").click()
    receipt = page.locator(".account-body code").first.inner_text()
    assert re.fullmatch(r"[0-9a-f]{32}", receipt)
    run(hosted, "sweep")
    expect(page.locator(".account-body")).to_contain_text("nothing is left")
    expect(page.locator(".account-body code").first).to_have_text(receipt)
    page.wait_for_timeout(4000)  # longer than a page takes to notice that it was signed out
    expect(page.locator(".account-body code").first).to_have_text(receipt)
    needles = [word.encode() for word in (CANARY, NAME, NAME.title(), f"{NAME}@example.org")]
    needles += [picture[at : at + 48] for at in range(200, len(picture) - 200, 4001)]
    assert len(needles) > 6
    places = [hosted.data, *hosted.temp_folders, tmp_path / "yesterday.pxb"]
    assert found(places, needles) == [], "not in a file, a cache, a write-ahead log or a backup"
    assert found([tmp_path], needles) == ["mine.zip"], "or the search would prove nothing"


def test_a_page_that_was_signed_out_elsewhere_shows_nothing_any_more(hosted: Server, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    sign_up(page, hosted, "robin")
    draw(page, CANARY)
    session = page.evaluate("fetch('/api/account').then((answer) => answer.json()).then(({ session }) => session)")
    with page.expect_navigation():
        page.evaluate(f"fetch('/api/account/sessions/{session}/end', {{ method: 'POST' }})")
    ready(page)
    assert page.locator(f'.run[aria-label="{CANARY}"]').count() == 0
    page.goto(f"{hosted.url}/#account")
    expect(page.locator(".account-person h1")).to_have_text("You are a guest")

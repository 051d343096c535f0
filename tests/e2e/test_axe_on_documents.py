"""axe finds nothing serious on the pages that stand alone: lost links, what is published, `/verify`, and accounts.

Each is looked at large and dark, small and light.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.components.test_signing import with_a_pixel_changed
from tests.e2e.conftest import FEW_STEPS, PATIENCE, Server, draw, free_port, ready, serving
from tests.e2e.test_account_life import PASSWORD, asked, letter
from tests.e2e.test_axe import SIZES, post, serious
from tests.e2e.test_sign_in_with_hugging_face import environment_of_a_space
from tests.openid_provider import provider


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    kept = json.dumps(json.dumps(FEW_STEPS))
    context.add_init_script(f"sessionStorage['pixcosmos.draft'] ??= {kept}")
    yield context.new_page()
    context.close()


def look(page: Page, what: str) -> None:
    for theme, size in SIZES.items():
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.wait_for_load_state()  # a form's answer may be there before its style sheets
        page.wait_for_timeout(300)  # colours that go over into others
        assert serious(page) == [], f"{what}, {theme}"


def go(page: Page, address: str, status: int = 200) -> None:
    answer = page.goto(address)
    assert answer is not None and answer.status == status, address
    look(page, address)


def test_links_that_lead_nowhere(stranger: Page, server: Server) -> None:
    for path in ("nothing/here", "i/none", "s/none"):
        go(stranger, f"{server.url}/{path}", 404)


def test_what_is_published_until_it_is_taken_back(page: Page, stranger: Page, server: Server) -> None:
    draw(page, "a barn on violet")
    page.locator(".final").first.click()
    expect(page.locator("dialog.detail")).to_be_visible()
    image = page.evaluate("location.hash.split('/')[1]")
    notebook = page.evaluate("fetch('/api/notebooks').then((answer) => answer.json()).then(({ current }) => current)")
    agreed = {"agreed": True, "prompt": True}
    open_to_all = publish(page, {"image": image, "title": "A barn", "listed": True, "remix": True, **agreed})
    guarded = publish(page, {"image": image, "password": PASSWORD, **agreed})
    whole = publish(page, {"notebook": notebook, "title": "Barns", "notes": True, **agreed})
    for link in (open_to_all, whole):
        go(stranger, link)
    go(stranger, f"{server.url}/showcase")
    for path in ("embed", "share?to=bluesky", "report"):
        go(stranger, f"{open_to_all}/{path}")
    stranger.locator("input[type=radio]").first.check()
    stranger.locator("main form button").click()
    expect(stranger.locator("main form")).to_have_count(0)
    look(stranger, "what was reported")
    page.goto(f"{server.url}/#review")
    page.reload()
    page.locator(".cases li").first.get_by_role("button", name="Take it on").click()
    expect(page.locator(".cases li").first.get_by_label("Your message to the person")).to_be_visible()
    look(page, "the review of it")
    page.locator(".cases li").first.get_by_label("Your message to the person").fill("It may stay.")
    page.locator(".cases li").first.get_by_role("button", name="Leave the page").click()
    expect(page.locator("#review .welcome")).to_be_visible()
    look(page, "a review of nothing")
    go(stranger, f"{guarded}/embed")
    go(stranger, guarded, 401)
    for password, shown in (("wrong", ".wrong"), (PASSWORD, ".frame img")):
        stranger.fill("[name=password]", password)
        stranger.click("main form button")
        expect(stranger.locator(shown).first).to_be_visible()
        look(stranger, f"the guarded page after {password!r}")
    for share in page.evaluate("import('/ui/api.js').then((api) => api.get('/api/shares')).then((all) => all.shares)"):
        post(page, f"/api/shares/{share['id']}/take-back", {})
    go(stranger, open_to_all, 410)


def publish(page: Page, wish: dict[str, object]) -> str:
    post(page, "/api/shares", wish)
    link: str = page.evaluate(
        "import('/ui/api.js').then((api) => api.get('/api/shares')).then((all) => all.shares[0].link)"
    )
    return link


def test_what_verify_answers(page: Page, stranger: Page, server: Server, tmp_path: Path) -> None:
    run_of = draw(page, "a wagon on violet")
    page.locator(f"{run_of} .bar").get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.locator(".menu a.row", has_text="PNG").first.click()
    whole = Path(download.value.path()).read_bytes()
    files = {"whole": whole, "changed": with_a_pixel_changed(whole), "none": b"no picture"}
    stranger.goto(f"{server.url}/verify")
    for name, data in files.items():
        (tmp_path / f"{name}.png").write_bytes(data)
        stranger.locator("input[type=file]").set_input_files(tmp_path / f"{name}.png")
        shown = stranger.locator(".findings .file" if name != "none" else ".wrong")
        expect(shown).to_contain_text(f"{name}.png")
        look(stranger, f"verify, {name}")


def test_every_page_around_an_account(stranger: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    with serving(tmp_path_factory.mktemp("hosted"), free_port(), PIXCOSMOS_HOME="hosted") as hosted:
        account = f"{hosted.url}/account"
        for path in ("sign-up", "sent", "sign-in", "reset", "email/new/none", "unsubscribe/none"):
            go(stranger, f"{account}/{path}")
        for path in ("verify/none", "reset/none"):
            go(stranger, f"{account}/{path}", 404)
        for path in ("sign-up", "sign-in"):
            stranger.goto(f"{account}/{path}")
            refused(stranger)
            look(stranger, f"{path} with nothing in it")
        go(stranger, asked(stranger, hosted, "wren"))
        stranger.click("button.go")
        stranger.wait_for_url(f"{hosted.url}/")
        ready(stranger)
        look_at_the_sections(stranger, hosted)
        code = second_step(stranger)
        stranger.context.clear_cookies()
        stranger.goto(f"{account}/sign-in")
        stranger.fill("[name=name]", "wren")
        stranger.fill("[name=password]", PASSWORD)
        stranger.click("button.go")
        expect(stranger.locator("[name=code]")).to_be_visible()
        look(stranger, "the second step")
        refused(stranger)
        look(stranger, "a wrong code")
        stranger.fill("[name=code]", code)
        stranger.click("button.go")
        stranger.wait_for_url(f"{hosted.url}/")
        stranger.context.clear_cookies()
        stranger.goto(f"{account}/reset")
        stranger.fill("[name=email]", "wren@example.org")
        stranger.click("button.go")
        expect(stranger.locator("button.go")).to_have_count(0)
        look(stranger, "a letter is on its way")
        go(stranger, letter(hosted, "reset"))


def test_every_page_of_a_sign_in_with_hugging_face(stranger: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    port = free_port()
    with provider() as there, serving(
        tmp_path_factory.mktemp("space"), port, **environment_of_a_space(port, there.url)
    ) as space:
        there.is_now("9918", name="Wren", preferred_username="wren", email="wren@example.org", email_verified=True)
        go(stranger, f"{space.url}/account/sign-in")
        stranger.click("summary")
        look(stranger, "sign-in with a password on a Space")
        go(stranger, f"{space.url}/account/huggingface/callback", 400)
        stranger.goto(space.url)
        ready(stranger)
        stranger.goto(f"{space.url}/#account")
        expect(stranger.get_by_role("link", name="Sign in with Hugging Face")).to_be_visible()
        look(stranger, "the account of a guest on a Space")
        stranger.goto(f"{space.url}/account/huggingface/go/enter")
        expect(stranger.locator("[name=username]")).to_have_value("wren")
        look(stranger, "the welcome")
        refused(stranger)
        look(stranger, "the welcome with nothing in it")
        for part, value in {"day": "7", "month": "3", "year": "1990"}.items():
            stranger.fill(f"[name=birth_{part}]", value)
        stranger.check("[name=consent]")
        stranger.click("button.go")
        stranger.wait_for_url(f"{space.url}/")
        ready(stranger)
        look_at_the_sections(stranger, space)


def look_at_the_sections(page: Page, server: Server) -> None:
    """All that this person has."""
    page.goto(f"{server.url}/#account")
    expect(page.locator('.account-entry[data-id="leave"]')).to_be_attached()
    sections = page.locator(".account-entry").evaluate_all("entries => entries.map((one) => one.dataset.id)")
    assert len(sections) > 6
    for section in sections:
        page.goto(f"{server.url}/#account/{section}")
        page.wait_for_selector(f'.account-entry[aria-current][data-id="{section}"]', state="attached")
        page.wait_for_timeout(500)  # what it shows is asked for
        look(page, f"the section {section}")


def refused(page: Page) -> None:
    """Sends the form as it is, past what the browser itself would not send."""
    page.locator("form").evaluate("form => { form.noValidate = true; }")
    page.click("button.go")
    expect(page.locator(".error, .trouble").first).to_be_visible()


def second_step(page: Page) -> str:
    """Switches it on. One of the codes on paper."""
    offered = asks(page, "offer", {"password": PASSWORD})
    code: str = asks(page, "on", {"code": pyotp.TOTP(offered["secret"]).now()})["codes"][0]
    return code


def asks(page: Page, what: str, body: dict[str, str]) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(
        "([what, body]) => import('/ui/api.js').then((api) => api.post(`/api/account/factor/${what}`, body))",
        [what, body],
    )
    return answer

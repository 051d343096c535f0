"""A person on a Space in a browser: out to Hugging Face (a provider that stands in its place), back, and in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Server, free_port, opened, ready, serving
from tests.openid_provider import CLIENT, SECRET, Running, provider


@pytest.fixture(scope="module")
def there() -> Iterator[Running]:
    with provider() as running:
        yield running


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory, there: Running) -> Iterator[Server]:
    port = free_port()
    with serving(tmp_path_factory.mktemp("space"), port, **environment_of_a_space(port, there.url)) as server:
        yield server


def environment_of_a_space(port: int, provider_url: str) -> dict[str, str]:
    return {
        "SPACE_ID": "someone/studio",
        "PIXCOSMOS_HOST": "127.0.0.1",
        "PIXCOSMOS_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PIXCOSMOS_POLICY_EFFECTIVE": "2026-01-01",
        "PIXCOSMOS_CONTACT_EMAIL": "privacy@example.org",
        "OAUTH_CLIENT_ID": CLIENT,
        "OAUTH_CLIENT_SECRET": SECRET,
        "OAUTH_SCOPES": "openid profile email",
        "OPENID_PROVIDER_URL": provider_url,
    }


@pytest.mark.promise("P78")
def test_from_the_button_to_the_account_and_out_again(space: Server, there: Running, browser: Browser) -> None:
    there.is_now("9917", name="Wren", preferred_username="wren", email="wren@example.org", email_verified=True)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = opened(context, space)
    page.goto(f"{space.url}/#account")
    page.get_by_role("link", name="Sign in with Hugging Face").click()
    expect(page.locator("[name=username]")).to_have_value("wren")
    assert not page.is_checked("[name=consent]")
    for part, value in {"day": "7", "month": "3", "year": "1990"}.items():
        page.fill(f"[name=birth_{part}]", value)
    page.check("[name=consent]")
    page.click("button.go")
    page.wait_for_url(f"{space.url}/")
    ready(page)

    page.goto(f"{space.url}/#account/security")
    expect(page.locator(".account-body")).to_contain_text("You sign in with Hugging Face")
    assert page.locator("input[type=password]").count() == 0
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.wait_for_url(f"{space.url}/")
    page.goto(f"{space.url}/account/sign-in")
    page.click("a.go")
    page.wait_for_url(f"{space.url}/")
    ready(page)
    page.goto(f"{space.url}/#account")
    expect(page.locator(".account-person h1")).to_have_text("Wren")
    context.close()

"""Pictures on their way in over a bad line: what breaks off leaves nothing behind, is named, and holds up no other."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from playwright.sync_api import Page, Route, expect

from pipelines import images
from tests.e2e.conftest import Server

POST = "POST /api/imports HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nOrigin: {origin}\r\n"
KIND = "Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: {length}\r\n\r\n"
PART = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="cut.png"\r\nContent-Type: image/png\r\n\r\n'


def picture(name: str, shade: int) -> dict[str, object]:
    pixels = np.random.default_rng(shade).integers(0, 256, (64, 96, 3), np.uint8)
    return {"name": name, "mimeType": "image/png", "buffer": images.png(pixels)}


def bring(page: Page, files: list[dict[str, object]]) -> None:
    page.click("nav a[href='#gallery']")
    page.locator("#gallery").get_by_role("button", name="Import").click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Pictures or a ZIP").click()
    chooser.value.set_files(files)  # type: ignore[arg-type]


def imported(page: Page, server: Server) -> list[str]:
    found = page.request.get(f"{server.url}/api/images?q=kind:imported").json()
    return [one["id"] for one in found["images"]]


def test_an_upload_that_breaks_off_is_named_and_the_others_come_in(page: Page, server: Server) -> None:
    def cut(route: Route) -> None:
        torn = b"torn.png" in (route.request.post_data_buffer or b"")
        route.abort("connectionreset") if torn else route.continue_()

    page.route("**/api/imports", cut)
    bring(page, [picture("whole 1.png", 1), picture("torn.png", 2), picture("whole 2.png", 3)])
    dialog = page.locator("dialog.import")
    expect(dialog.get_by_role("button", name="Close")).to_be_visible()
    expect(dialog.locator("[role=status]")).to_contain_text("2 pictures came in.")
    expect(dialog.locator(".refusals li")).to_have_count(1)
    expect(dialog.locator(".refusals li")).to_contain_text("torn.png")
    expect(dialog.locator(".refusals li")).to_contain_text("did not arrive whole")
    brought = imported(page, server)
    assert len(brought) == 2
    page.request.post(f"{server.url}/api/images/delete", data={"ids": brought})  # other tests count theirs
    assert imported(page, server) == []


def test_without_a_studio_the_rest_is_named_and_not_tried(page: Page) -> None:
    asked: list[str] = []

    def lose(route: Route) -> None:
        asked.append(route.request.url)
        route.abort("connectionrefused")

    page.route("**/api/imports", lose)
    bring(page, [picture(f"lost {number}.png", number) for number in range(6)])
    dialog = page.locator("dialog.import")
    expect(dialog.get_by_role("button", name="Close")).to_be_visible()
    expect(dialog.locator(".refusals li")).to_have_count(6)
    expect(dialog.locator(".refusals li").last).to_contain_text("lost 5.png")
    assert len(asked) == 3


def everything_below(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_size for path in folder.rglob("*") if path.is_file() and "db" not in path.name}


def test_half_an_upload_leaves_nothing_behind(page: Page, server: Server) -> None:
    """Cut at the socket: past what is kept in memory, and before the end."""
    address = urlsplit(server.url)
    folders = (server.data, *server.temp_folders)
    before = [everything_below(folder) for folder in folders]
    known = page.request.get(f"{server.url}/api/images?limit=200").json()
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    head = POST.format(host=address.netloc, cookie=cookie, origin=server.url) + KIND.format(length=6_000_000)
    with socket.create_connection((str(address.hostname), int(address.port or 80))) as line:
        line.sendall(head.encode() + PART + b"\x89PNG" + b"\0" * 3_000_000)
        page.wait_for_timeout(500)
    page.wait_for_timeout(1500)
    assert [everything_below(folder) for folder in folders] == before
    assert page.request.get(f"{server.url}/api/images?limit=200").json() == known
    assert not [line for line in server.lines if "Traceback" in line]

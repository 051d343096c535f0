"""A download of pictures that broke off goes on where it stopped, and never mixes two versions of a file."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from components.actions import choices, exporting, gallery
from components.studio import Studio
from store.db import open_stores
from tests.components.web.public import keep, served
from tests.e2e.conftest import free_port

PICTURES = 6


@pytest.fixture
def ids(studio: Studio) -> list[str]:
    """Pictures of the owner's that are signed on their way out: never twice with the same bytes."""
    return [keep(studio, studio.owner.subject_id, f"waves {number}") for number in range(PICTURES)]


def planned(client: TestClient, ids: list[str], **wanted: object) -> str:
    plan = client.post("/api/exports", json={"ids": ids, **wanted}).json()
    return str(plan["parts"][0]["url"])


def whole(data: bytes, ids: list[str]) -> None:
    """A ZIP with these pictures, each with the digest that its manifest promises."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    pictures = json.loads(archive.read("manifest.json"))["pictures"]
    assert [one["id"] for one in pictures] == ids
    for one in pictures:
        assert hashlib.sha256(archive.read(one["file"])).hexdigest() == one["sha256"]


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """A real server on a port of its own."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.promise("P51")
@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_a_download_that_broke_off_goes_on_after_a_restart(studio: Studio, ids: list[str], format: str) -> None:
    client = served(studio)
    address = planned(client, ids, format=format)
    with running(client.app) as url, httpx.stream("GET", url + address, timeout=60) as answer:
        assert answer.status_code == 200 and answer.headers["accept-ranges"] == "bytes"
        tag, beginning = answer.headers["etag"], b""
        for some in answer.iter_raw(1000):
            beginning += some
            if len(beginning) > 50_000:
                break  # the line is cut
    assert not tag.startswith("W/")
    again = open_stores(studio.settings)
    try:
        restarted = Studio(studio.settings, studio.catalogue, studio.engine, again)
        asked = {"range": f"bytes={len(beginning)}-", "if-range": tag}
        with running(served(restarted).app) as url:
            rest = httpx.get(url + address, headers=asked, timeout=60)
    finally:
        again.close()
    total = len(beginning) + len(rest.content)
    assert rest.status_code == 206 and rest.headers["etag"] == tag
    assert rest.headers["content-range"] == f"bytes {len(beginning)}-{total - 1}/{total}"
    whole(beginning + rest.content, ids)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_curl_goes_on(studio: Studio, ids: list[str], tmp_path: Path) -> None:
    client, out = served(studio), tmp_path / "out.zip"
    with running(client.app) as url:
        address = url + planned(client, ids)
        with httpx.stream("GET", address, timeout=60) as answer:
            out.write_bytes(next(answer.iter_raw(40_000)))
        said = subprocess.run(["curl", "-sS", "-C", "-", "-o", out, address], capture_output=True, text=True)
        assert said.returncode == 0, said.stderr
    whole(out.read_bytes(), ids)


def test_any_stretch_is_the_same_bytes(studio: Studio, ids: list[str]) -> None:
    client = served(studio)
    address = planned(client, ids)
    data = client.get(address).content
    assert client.get(address).content == data
    for first, last in ((0, 0), (1, 99), (len(data) // 2, len(data) // 2 + 70_000), (len(data) - 5, len(data) - 1)):
        found = client.get(address, headers={"range": f"bytes={first}-{last}"})
        assert (found.status_code, found.content) == (206, data[first : last + 1])
    assert client.get(address, headers={"range": "bytes=7-"}).content == data[7:]
    late = client.get(address, headers={"range": f"bytes={len(data)}-"})
    assert (late.status_code, late.headers["content-range"]) == (416, f"bytes */{len(data)}")
    for several in ("bytes=0-1,5-6", "bytes=-5", "pages=1-2"):
        assert client.get(address, headers={"range": several}).status_code == 200


def test_what_changed_is_sent_from_the_beginning(studio: Studio, ids: list[str]) -> None:
    """A star, a tag and a board stand in the manifest, the training choice in each signature."""
    client, owner = served(studio), studio.owner
    address = planned(client, ids)

    def star() -> None:
        gallery.star(studio, owner, ids[:1], True)

    def tag() -> None:
        gallery.tag(studio, owner, ids[:1], "sea", True)

    def agree() -> None:
        choices.choose(studio, owner, "model_improvement", True, "en")

    for change in (star, tag, agree):
        tag_before = client.get(address).headers["etag"]
        change()
        for headers in ({"if-range": tag_before}, {}):  # also who does not say which version they have
            found = client.get(address, headers={"range": "bytes=1000-", **headers})
            assert found.status_code == 200 and found.headers["etag"] != tag_before
            whole(found.content, ids)


@pytest.mark.promise("P26")
def test_a_deleted_picture_is_in_no_download_and_no_file_of_one(studio: Studio, ids: list[str]) -> None:
    client = served(studio)
    address = planned(client, ids)
    before = client.get(address).headers["etag"]
    folder = studio.settings.data / "outgoing"
    assert len([file for file in folder.rglob("*") if file.is_file() and file.stat().st_size > 10_000]) == PICTURES
    gallery.discard(studio, studio.owner, ids[:1])
    assert not [file for file in folder.rglob("*") if file.is_file() and file.stat().st_size > 100]
    gone = client.get(address, headers={"range": "bytes=1000-", "if-range": before})
    assert gone.status_code == 200
    whole(gone.content, ids[1:])
    gallery.restore(studio, studio.owner, ids[:1])  # signed anew: what somebody has of before does not fit
    for headers in ({"if-range": before}, {}):
        back = client.get(address, headers={"range": "bytes=1000-", **headers})
        assert back.status_code == 200
        whole(back.content, ids)


def test_what_was_packed_goes_with_its_download(studio: Studio, ids: list[str]) -> None:
    client = served(studio)
    first = planned(client, ids)
    client.get(first)
    folder = studio.settings.data / "outgoing"
    assert len(list(folder.iterdir())) == 1
    for _ in range(5):  # as many as are remembered
        planned(client, ids)
    assert client.get(first).status_code == 404 and list(folder.iterdir()) == []
    last = planned(client, ids)
    client.get(last)
    studio.stores.exports.sweep(studio.clock() + exporting.KEPT)
    assert list(folder.iterdir()) == []


def test_nothing_packed_can_be_read_on_disk(studio: Studio, ids: list[str]) -> None:
    client = served(studio)
    data = client.get(planned(client, ids)).content
    files = [file.read_bytes() for file in (studio.settings.data / "outgoing").rglob("*") if file.is_file()]
    assert sum(map(len, files)) > len(data) / 2
    for packed in files:
        assert b"PNG" not in packed[:64] and b"waves" not in packed and b"c2pa" not in packed

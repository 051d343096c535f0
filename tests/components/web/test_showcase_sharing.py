"""What goes on from a public page: the code that a phone reads, the snippet for other sites, and the look before it."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from components.studio import Studio
from tests.components.web.public import keep, served
from tests.components.web.test_showcase import path, publish

BRUSH = re.compile(r'<path[^>]*class="qrline"[^>]*d="([^"]+)"')


@pytest.fixture
def owner(studio: Studio) -> TestClient:
    return served(studio)


@pytest.fixture
def image(studio: Studio) -> str:
    return keep(studio, studio.owner.subject_id)


def painted(svg: str) -> np.ndarray:
    """The code's own strokes as pixels: it is drawn as horizontal lines, one unit thick."""
    size = re.search(r'width="(\d+)"', svg)
    strokes = BRUSH.search(svg)
    assert size and strokes
    modules = int(size[1]) // 6
    dark = np.zeros((modules, modules), bool)
    x = y = 0.0
    for kind, numbers in re.findall(r"([Mmhz])([^Mmhz]*)", strokes[1]):
        values = [float(value) for value in re.findall(r"-?[\d.]+", numbers)]
        if kind == "M":
            x, y = values
        elif kind == "m":
            x, y = x + values[0], y + values[1]
        elif kind == "h":
            dark[int(y), int(x) : int(x + values[0])] = True
            x += values[0]
    return np.where(np.kron(dark, np.ones((8, 8), bool)), 0, 255).astype(np.uint8)


def test_the_code_is_read_as_the_link(studio: Studio, owner: TestClient, image: str) -> None:
    share = publish(owner, image)
    answer = served(studio).get(f"{path(share)}/code")
    assert answer.headers["content-type"] == "image/svg+xml"
    found, _, _ = cv2.QRCodeDetector().detectAndDecode(cv2.cvtColor(painted(answer.text), cv2.COLOR_GRAY2BGR))
    assert found == share["link"]


class Fields(HTMLParser):
    """What stands in fields to copy, and where the frames of a page lead."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.frames: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "iframe":
            self.frames.append(dict(attrs)["src"] or "")


def test_the_snippet_frames_a_page_with_the_picture_and_a_word_that_ai_made_it(
    studio: Studio, owner: TestClient, image: str
) -> None:
    share = publish(owner, image, title="A wave")
    page = served(studio).get(path(share)).text
    snippet = re.search(r'<textarea class="copied"[^>]*>(.+?)</textarea>', page)
    assert snippet is not None
    [frame] = Fields(html.unescape(snippet[1])).frames
    assert frame == f"{share['link']}/embed"
    framed = served(studio).get(f"{path(share)}/embed").text
    assert f'src="{path(share)}/preview.jpg"' in framed and "A wave" in framed and "Made with AI" in framed
    guarded = publish(owner, image, password="four")
    assert "copied" not in served(studio).post(path(guarded), data={"password": "four"}).text


@pytest.mark.promise("P42")
@pytest.mark.parametrize("prompt", [True, False])
def test_what_its_owner_looks_at_first_is_what_others_see(
    studio: Studio, owner: TestClient, image: str, prompt: bool
) -> None:
    """The same words in the same places; only what needs the link is not there yet."""
    wish = {"title": "A <b>wave</b>", "pseudonym": "Ada", "prompt": prompt}
    first = owner.get("/api/shares/preview", params={"image": image} | wish).text
    assert served(studio).get("/api/shares").json()["shares"] == []  # nothing is public yet
    shown = served(studio).get(path(publish(owner, image, **wish))).text

    def said(page: str) -> list[str]:
        about = page.partition('<div class="said">')[2].partition('<div class="acts">')[0]
        words = [line.strip() for line in re.sub(r"<[^>]+>", "\n", about).splitlines() if line.strip()]
        return [html.unescape(word) for word in words if "view" not in word]

    assert said(first) == said(shown) and "A <b>wave</b>" in said(shown) and ("waves at sea" in said(shown)) == prompt

"""A public link from its making to its end: what strangers see, what they never see, and that it is gone when it is."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlencode

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from components import words
from components.studio import Studio
from pipelines import credentials, provenance
from store.blobs import blob_name
from store.settings import Settings
from tests.components.web.public import drawing, keep, served

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
FILES = ("image.png", "preview.jpg", "thumb.webp")


class Elements(HTMLParser):
    """Which elements a page has, and which of them name an outside address."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag in ("img", "script", "iframe", "link", "source"):
            self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset")]


@pytest.fixture
def owner(studio: Studio) -> TestClient:
    return served(studio)


@pytest.fixture
def image(studio: Studio) -> str:
    return keep(studio, studio.owner.subject_id)


def publish(client: TestClient, image: str, **wish: object) -> dict[str, object]:
    answer = client.post("/api/shares", json={"image": image, "agreed": True, **wish})
    assert answer.status_code == 201, answer.text
    share: dict[str, object] = answer.json()
    return share


def path(share: dict[str, object]) -> str:
    return "/s/" + str(share["link"]).rpartition("/s/")[2]


@pytest.mark.promise("P42")
def test_a_picture_is_private_until_published_and_gone_after(studio: Studio, owner: TestClient, image: str) -> None:
    stranger = served(studio)
    assert owner.get("/api/shares").json() == {"shares": [], "reach": "machine", "taken_down": []}
    share = publish(owner, image, listed=True)
    link = path(share)
    addresses = [link, *(f"{link}/{name}" for name in FILES), f"{link}/embed", f"{link}/code", f"{link}/report"]
    addresses += [f"{link}/share?to=reddit", f"/oembed?url={share['link']}"]
    assert [stranger.get(one).status_code for one in addresses] == [200] * len(addresses)
    tag = stranger.get(f"{link}/thumb.webp").headers["etag"]
    assert link in stranger.get("/showcase").text
    names = studio.stores.shares.names()
    assert names <= set(studio.stores.vault.blobs.names())

    assert owner.post(f"/api/shares/{share['id']}/take-back").status_code == 200
    assert [stranger.get(one).status_code for one in addresses] == [410] * len(addresses)
    assert stranger.get(f"{link}/thumb.webp", headers={"if-none-match": tag}).status_code == 410
    assert link not in stranger.get("/showcase").text
    assert not names & set(studio.stores.vault.blobs.names())
    assert owner.get("/api/shares").json()["shares"] == []


@pytest.mark.promise("P26")
def test_deleting_a_picture_takes_its_links_back(studio: Studio, owner: TestClient, image: str) -> None:
    link = path(publish(owner, image))
    names = studio.stores.shares.names()
    assert owner.post("/api/images/delete", json={"ids": [image]}).status_code == 200
    assert {served(studio).get(f"{link}{end}").status_code for end in ("", "/image.png", "/embed")} == {410}
    assert not names & set(studio.stores.vault.blobs.names())


def test_what_never_was_is_missing(owner: TestClient) -> None:
    assert owner.get("/s/AAAAAAAAAAAAAAAAAAAAAA").status_code == 404
    assert owner.get("/s/AAAAAAAAAAAAAAAAAAAAAA/image.png").status_code == 404
    assert owner.get("/oembed?url=http://elsewhere/x").status_code == 404


def test_the_token_has_128_bits_and_stands_nowhere_in_the_open(studio: Studio, owner: TestClient, image: str) -> None:
    token = path(publish(owner, image)).removeprefix("/s/")
    assert len(token) == 22 and token != path(publish(owner, image)).removeprefix("/s/")
    for file in studio.settings.data.rglob("*"):
        assert not file.is_file() or token.encode() not in file.read_bytes()


def test_a_link_ends_by_itself(studio: Studio, image: str) -> None:
    link = path(publish(served(studio), image, days=7))
    now = studio.clock()

    def at(moment: datetime) -> int:
        return served(replace(studio, clock=lambda: moment)).get(f"{link}/thumb.webp").status_code

    assert [at(now + timedelta(days=days)) for days in (0, 6, 8)] == [200, 200, 410]
    assert studio.stores.shares.withdraw_expired(now + timedelta(days=8)) == 1


@pytest.mark.promise("P41")
def test_without_agreement_nothing_is_public_and_with_it_there_is_a_receipt(
    studio: Studio, owner: TestClient, image: str
) -> None:
    refused = owner.post("/api/shares", json={"image": image})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "no_consent")
    assert studio.stores.consents.of_subject(studio.owner.subject_id) == ()
    share = publish(owner, image, listed=True)
    receipts = studio.stores.consents.of_subject(studio.owner.subject_id)
    assert {(one.purpose, one.scope, one.withdrawn_at) for one in receipts} == {
        ("showcase", share["id"], None),
        ("showcase_listing", share["id"], None),
    }
    owner.post(f"/api/shares/{share['id']}/take-back")
    assert all(one.withdrawn_at for one in studio.stores.consents.of_subject(studio.owner.subject_id))


@pytest.mark.promise("P43")
def test_the_page_says_nothing_that_was_not_chosen(studio: Studio, owner: TestClient, image: str) -> None:
    hidden = path(publish(owner, image))
    stranger = served(studio)
    for address in (hidden, f"{hidden}/embed", f"/oembed?url=http://x{hidden}"):
        assert "waves at sea" not in stranger.get(address).text
    assert b"waves at sea" not in stranger.get(f"{hidden}/image.png").content
    assert studio.owner.subject_id not in stranger.get(hidden).text
    assert stranger.get(f"{hidden}/settings").status_code == 404
    shown = path(publish(owner, image, prompt=True, metadata=True, remix=True, pseudonym="Ada"))
    page = stranger.get(shown).text
    assert "waves at sea" in page and "by Ada" in page
    found = provenance.read(stranger.get(f"{shown}/image.png").content)
    assert found is not None and found["prompt"] == "waves at sea"
    assert stranger.get(f"{shown}/settings").json()["draft"]["prompt"] == "waves at sea"


@pytest.mark.parametrize("file", FILES)
def test_every_public_copy_is_signed_as_made_by_ai(studio: Studio, owner: TestClient, image: str, file: str) -> None:
    data = served(studio).get(f"{path(publish(owner, image))}/{file}").content
    report = credentials.verify(data, studio.signer.credentials.root)
    assert report is not None and report.intact and report.ours and report.ai_made
    assert provenance.read(data) is None
    assert Image.open(io.BytesIO(data)).format in ("PNG", "JPEG", "WEBP")


def test_a_page_sets_no_cookie_loads_nothing_from_elsewhere_and_counts_a_number(
    studio: Studio, owner: TestClient, image: str
) -> None:
    share = publish(owner, image, listed=True, prompt=True)
    link = path(share)
    for address in (link, f"{link}/embed", "/showcase", "/verify", f"{link}/share?to=bluesky", f"{link}/report"):
        answer = served(studio).get(address, headers={"accept": "text/html"})
        assert "set-cookie" not in answer.headers
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        loads = [one for one in Elements(answer.text).loads if not one.startswith(("/", "data:"))]
        assert [one for one in loads if not one.startswith("http://127.0.0.1:7860/")] == []
    assert owner.get("/api/shares").json()["shares"][0]["views"] == 1


@pytest.mark.promise("P65")
def test_sharing_elsewhere_says_so_first(studio: Studio, owner: TestClient, image: str) -> None:
    link = path(publish(owner, image, title="A wave"))
    page = served(studio).get(link).text
    assert "reddit.com" not in page and f"{link}/share?to=reddit" in page
    between = served(studio).get(f"{link}/share?to=reddit").text
    assert "https://www.reddit.com/submit?" in between and 'rel="noreferrer noopener"' in between
    assert served(studio).get(f"{link}/share?to=elsewhere").status_code == 404


def test_a_password_opens_page_and_files_and_guesses_end(studio: Studio, owner: TestClient, image: str) -> None:
    link = path(publish(owner, image, password="open sesame"))
    stranger = served(studio)
    assert stranger.get(link).status_code == 401
    for file in FILES:
        assert stranger.get(f"{link}/{file}").status_code == 404
    assert "og:image" not in stranger.get(link).text and "/image.png" not in stranger.get(f"{link}/embed").text
    assert stranger.get(f"/oembed?url=http://x{link}").status_code == 401
    assert stranger.post(link, data={"password": "wrong"}).status_code == 401
    page = stranger.post(link, data={"password": "open sesame"})
    key = re.search(rf"{link}/preview.jpg\?key=([\w.]+)", page.text)
    assert page.status_code == 200 and key is not None
    assert stranger.get(f"{link}/image.png?key={key[1]}").status_code == 200
    assert stranger.get(f"{link}/image.png?key={key[1][:-1]}x").status_code == 404
    later = replace(studio, clock=lambda: studio.clock() + timedelta(hours=2))
    assert served(later).get(f"{link}/image.png?key={key[1]}").status_code == 404
    statuses = [stranger.post(link, data={"password": f"guess {n}"}).status_code for n in range(12)]
    assert statuses[-1] == 429 and stranger.post(link, data={"password": "open sesame"}).status_code == 429


def test_many_who_know_the_password_come_in_at_once(studio: Studio, owner: TestClient, image: str) -> None:
    link, stranger = path(publish(owner, image, password="open sesame")), served(studio)
    statuses = [stranger.post(link, data={"password": "open sesame"}).status_code for _ in range(12)]
    assert statuses == [200] * 12
    statuses = [stranger.post(link, data={"password": "wrong"}).status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2


def test_the_public_gallery_goes_on_where_its_page_ended(studio: Studio, owner: TestClient, image: str) -> None:
    at = studio.clock()
    fixed = served(replace(studio, clock=lambda: at))
    made = {str(publish(fixed, image, listed=True)["id"]) for _ in range(3)}
    seen, place = [], None
    for _ in range(3):
        (share,), place = studio.stores.shares.listed(at, place, 1)
        seen.append(share.id)
    assert set(seen) == made and place is None
    shown = served(studio).get(f"/showcase?before={at:%Y}000000000000-{'f' * 32}")
    assert shown.status_code == 200 and "before=" not in shown.text
    assert served(studio).get("/showcase?before=x").status_code == 422


def test_a_link_that_is_published_again_lasts_as_long_as_before(owner: TestClient, image: str) -> None:
    assert [publish(owner, image, days=days)["options"]["days"] for days in (0, 1, 30)] == [0, 1, 30]  # type: ignore[index]


def test_words_of_strangers_stay_words_wherever_they_stand(studio: Studio, owner: TestClient) -> None:
    image = keep(studio, studio.owner.subject_id, prompt=EVIL)
    share = publish(owner, image, title=EVIL, pseudonym="<b>'\"&lt;x", prompt=True, remix=True, listed=True)
    link = path(share)
    plain = Elements(served(studio).get(path(publish(owner, image, listed=False))).text)
    preview = f"/api/shares/preview?{urlencode({'image': image, 'title': EVIL, 'pseudonym': EVIL[:40], 'prompt': 1})}"
    for address in (link, f"{link}/embed", "/showcase", f"{link}/share?to=x", preview):
        page = served(studio).get(address)
        assert page.status_code == 200
        elements = Elements(page.text)
        assert elements.tags.count("script") == 1 and "b" not in elements.tags
        assert not {name for name in elements.attributes if name.startswith("on")}
    assert plain.tags.count("script") == 1
    oembed = served(studio).get(f"/oembed?url=http://x{link}").json()
    assert oembed["title"] == EVIL and "<script" not in oembed["html"]
    data = served(studio).get(f"{link}/image.png").content
    upload = served(studio).post("/verify", files={"file": (f"{EVIL}.png", data, "image/png")})
    assert Elements(upload.text).tags.count("script") == 1


def test_a_report_is_kept_and_says_nothing_about_who_sent_it(studio: Studio, owner: TestClient, image: str) -> None:
    link = path(publish(owner, image))
    stranger = served(studio)
    sent = stranger.post(f"{link}/report", data={"reason": "rights", "note": "this is my photograph"})
    assert sent.status_code == 200 and "reported" in sent.text
    assert stranger.post(f"{link}/report", data={"reason": "nonsense"}).status_code == 422
    statuses = [stranger.post(f"{link}/report", data={"reason": "other"}).status_code for _ in range(6)]
    assert statuses[-1] == 429


def test_another_persons_pictures_and_links_are_not_there(studio: Studio) -> None:
    hosted = replace(studio, settings=Settings(data=studio.settings.data, home="hosted"))
    browsers = []
    for _ in range(2):
        token, subject = hosted.stores.subjects.new_guest(hosted.clock())
        browser = served(hosted, "http://studio.example")
        browser.cookies.set("pixcosmos", token)
        browsers.append((browser, subject))
    (alice, subject), (bob, _) = browsers
    image = keep(hosted, subject)
    share = publish(alice, image)
    assert bob.post("/api/shares", json={"image": image, "agreed": True}).status_code == 404
    assert bob.get(f"/api/shares/preview?image={image}").status_code == 404
    assert bob.post(f"/api/shares/{share['id']}/take-back").status_code == 404
    assert bob.post(f"/api/images/{image}/appeal", json={}).status_code == 404
    assert bob.get(f"/i/{image}/preview").status_code == 404
    assert bob.get("/api/shares").json()["shares"] == []
    nobody = served(hosted, "http://studio.example")
    assert nobody.get("/api/shares").status_code == 401
    assert nobody.get(path(share)).status_code == 200 and not nobody.cookies
    assert alice.get(path(share)).status_code == 200


def test_a_private_home_opens_its_public_pages_alone(studio: Studio) -> None:
    settings = Settings(data=studio.settings.data, host="0.0.0.0", access_token="open sesame")  # type: ignore[arg-type]
    shared = replace(studio, settings=settings)
    image = keep(shared, shared.owner.subject_id)
    owner = served(shared, "http://10.0.0.7:7860")
    owner.get("/?token=open sesame", follow_redirects=False)
    share = publish(owner, image)
    stranger = served(shared, "http://10.0.0.7:7860")
    for address in (path(share), f"{path(share)}/image.png", "/showcase", "/verify"):
        assert stranger.get(address).status_code == 200
    for address in ("/", "/api/shares", "/api/images", f"/i/{image}", "/ui/shell.js", "/s", "/verifyx", "/showcase/x"):
        assert stranger.get(address).status_code in (401, 404)
    assert stranger.get("/api/images").status_code == 401
    assert owner.get("/api/shares").json()["reach"] == "network"


def test_other_sites_may_frame_and_show_but_not_change(studio: Studio, owner: TestClient, image: str) -> None:
    link = path(publish(owner, image))
    elsewhere = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    picture = served(studio).get(f"{link}/preview.jpg", headers=elsewhere)
    assert picture.status_code == 200 and picture.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "frame-ancestors *" in served(studio).get(f"{link}/embed").headers["content-security-policy"]
    assert "frame-ancestors 'none'" in served(studio).get(link).headers["content-security-policy"]
    assert served(studio).post(f"{link}/report", data={"reason": "other"}, headers=elsewhere).status_code == 403
    assert served(studio).get("/api/shares", headers=elsewhere).status_code == 403


def test_a_link_unfurls(studio: Studio, owner: TestClient, image: str) -> None:
    share = publish(owner, image, title="A wave")
    page = served(studio).get(path(share)).text
    for said in ('property="og:title" content="A wave"', f'property="og:image" content="{share["link"]}/preview.jpg"'):
        assert said in page
    discovery = re.search(r'application/json\+oembed" href="http://127.0.0.1:7860(/oembed\?url=[^"]+)"', page)
    assert discovery is not None
    oembed = served(studio).get(discovery[1]).json()
    assert (oembed["type"], oembed["title"]) == ("rich", "A wave")
    assert f'src="{share["link"]}/embed"' in oembed["html"]


@pytest.mark.promise("P7")
@pytest.mark.parametrize(("saving", "longer"), [("on", 512), ("", 1536)])
def test_a_preview_is_as_large_as_the_reader_wants(
    studio: Studio, owner: TestClient, saving: str, longer: int
) -> None:
    wide = np.tile(drawing(), (3, 6, 1))
    image = keep(studio, studio.owner.subject_id, pixels=wide)
    assert max(wide.shape) > 1536
    answer = owner.get(f"/i/{image}/preview", headers={"save-data": saving})
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.format, picture.width) == ("WEBP", longer)
    assert "save-data" in answer.headers["vary"] and answer.headers["content-type"] == "image/webp"
    name = blob_name(image, "preview")
    assert (name in studio.stores.vault.blobs.names()) is not bool(saving)  # made when it is asked for, and kept
    owner.post("/api/images/delete", json={"ids": [image]})
    assert name not in studio.stores.vault.blobs.names()


@pytest.mark.parametrize("address", ["/showcase", "/verify", "/s/AAAAAAAAAAAAAAAAAAAAAA", "link", "link/report"])
def test_public_pages_speak_the_language_of_their_reader(owner: TestClient, image: str, address: str) -> None:
    if address.startswith("link"):
        address = path(publish(owner, image)) + address.removeprefix("link")
    german = owner.get(address, headers={"accept-language": "de-AT,de;q=0.9"})
    assert german.headers["vary"] == "accept-language"
    assert '<html lang="de">' in german.text
    assert words.say_in("de", "verify") in html.unescape(german.text)
    assert '<html lang="en">' in owner.get(address, headers={"accept-language": "tlh"}).text

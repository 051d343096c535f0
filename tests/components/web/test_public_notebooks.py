"""A whole notebook under one link: what is shown and what is not, each picture's own end, and the remix."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from components.actions import exports, gallery, notebooks, sources
from components.studio import Studio
from pipelines import credentials, images
from policies.actor import Actor
from policies.notebook import Notebook
from store.notebooks import TAKE_BACK
from store.settings import Settings
from tests.components.web.public import keep, served, sharp
from tests.components.web.test_showcase import EVIL, Elements, path
from tests.conftest import ON_BOTH

SECRET = "a secret note about alice"


@pytest.fixture
def owner(studio: Studio) -> TestClient:
    return served(studio)


def add(studio: Studio, actor: Actor, notebook_id: str, image_id: str, **draft: object) -> None:
    """A cell with a picture that a finished job made."""
    kept = notebooks.get(studio, actor, notebook_id)
    change = {"op": "add", "draft": {"prompt": "waves at sea", **draft}}
    cell = notebooks.change(studio, actor, notebook_id, kept.version, change).document.cells[-1]
    assert cell.draft is not None
    image = gallery.get(studio, actor, image_id)
    jobs, book = studio.stores.jobs, studio.stores.notebooks
    book.run(actor.subject_id, notebook_id, cell.id, cell.draft, lambda: jobs.get(actor.subject_id, image.job_id))


def book(studio: Studio, actor: Actor, count: int = 2, **draft: object) -> tuple[str, list[str]]:
    """A notebook with a note and some pictures; answers its id and theirs."""
    kept = notebooks.create(studio, actor)
    notebooks.change(studio, actor, kept.id, kept.version, {"op": "add", "kind": "note", "text": f"{SECRET} {EVIL}"})
    made = [keep(studio, actor.subject_id, pixels=sharp()) for _ in range(count)]
    for image_id in made:
        add(studio, actor, kept.id, image_id, **draft)
    return kept.id, made


def publish(client: TestClient, notebook: str, **wish: object) -> dict[str, object]:
    answer = client.post("/api/shares", json={"notebook": notebook, "agreed": True, **wish})
    assert answer.status_code == 201, answer.text
    share: dict[str, object] = answer.json()
    return share


@pytest.mark.parametrize(("kind", "words"), [("grid", "X/Y grid"), ("every", "Series of prompts")])
def test_a_series_is_shown_like_every_other_cell(
    studio: Studio, owner: TestClient, kind: str, words: str
) -> None:
    notebook, _ = book(studio, studio.owner, 1)
    kept = notebooks.get(studio, studio.owner, notebook)
    many = {"op": "edit", "cell": kept.document.cells[-1].id, "series": {"kind": kind}}
    notebooks.change(studio, studio.owner, notebook, kept.version, many)
    page = served(studio).get(path(publish(owner, notebook, title="Many")))
    assert page.status_code == 200 and words in page.text


@ON_BOTH
@pytest.mark.promise("P42")
def test_a_notebook_is_private_until_published_and_gone_after(studio: Studio, owner: TestClient) -> None:
    notebook, _ = book(studio, studio.owner)
    refused = owner.post("/api/shares", json={"notebook": notebook})
    assert refused.json()["error"]["code"] == "no_consent"
    share = publish(owner, notebook, title="Two waves", listed=True)
    link, stranger = path(share), served(studio)
    names = [f"{kind}{number}.{end}" for kind, end in (("image", "png"), ("preview", "jpg"), ("thumb", "webp"))
             for number in ("", "-1", "-2")]
    addresses = [link, *(f"{link}/{name}" for name in names), f"{link}/embed", f"{link}/code", f"/oembed?url=x{link}"]
    assert [stranger.get(one).status_code for one in addresses] == [200] * len(addresses)
    assert stranger.get(f"{link}/image-3.png").status_code == 404
    assert stranger.get(f"{link}/image-x.png").status_code == 404
    assert link in stranger.get("/showcase").text
    data = stranger.get(f"{link}/image-2.png").content
    report = credentials.verify(data, studio.signer.credentials.root)
    assert report is not None and report.intact and report.ours and report.ai_made
    blobs = studio.stores.shares.names()
    assert len(blobs & set(studio.stores.vault.blobs.names())) == 6

    owner.post(f"/api/shares/{share['id']}/take-back")
    assert [stranger.get(one).status_code for one in addresses] == [410] * len(addresses)
    assert not blobs & set(studio.stores.vault.blobs.names())
    assert all(one.withdrawn_at for one in studio.stores.consents.of_subject(studio.owner.subject_id))


@pytest.mark.promise("P43")
def test_a_public_notebook_says_nothing_that_was_not_chosen(studio: Studio, owner: TestClient) -> None:
    notebook, _ = book(studio, studio.owner)
    hidden = path(publish(owner, notebook, title="Waves"))
    stranger = served(studio)
    for address in (hidden, f"{hidden}/embed"):
        text = stranger.get(address).text
        assert "waves at sea" not in text and SECRET not in text and studio.owner.subject_id not in text
    assert stranger.get(f"{hidden}/settings").status_code == 404
    assert owner.post("/api/shares", json={"notebook": notebook, "agreed": True, "remix": True}).status_code == 422
    shown = path(publish(owner, notebook, title="Waves", prompt=True, notes=True))
    text = stranger.get(shown).text
    assert "waves at sea" in text and SECRET in text and text.count("<figure") == 0
    assert len(re.findall(r'<img src="/s/[^"]+/preview-\d+.jpg"', text)) == 2


def test_words_of_a_notebook_stay_words(studio: Studio, owner: TestClient) -> None:
    notebook, _ = book(studio, studio.owner, prompt=EVIL)
    wish = {"title": EVIL, "pseudonym": "<b>x", "prompt": True, "notes": True, "remix": True, "listed": True}
    link = path(publish(owner, notebook, **wish))
    preview = owner.get("/api/shares/preview", params={"notebook": notebook} | wish)
    for page in (preview, *map(served(studio).get, (link, f"{link}/embed", "/showcase"))):
        assert page.status_code == 200
        elements = Elements(page.text)
        assert elements.tags.count("script") == 1 and "b" not in elements.tags
        assert not {name for name in elements.attributes if name.startswith("on")}


@ON_BOTH
@pytest.mark.promise("P26")
def test_each_picture_goes_with_its_own_deletion_and_comes_back_with_its_undo(
    studio: Studio, owner: TestClient
) -> None:
    notebook, (first, second) = book(studio, studio.owner)
    link = path(publish(owner, notebook))
    stranger = served(studio)
    tag = stranger.get(f"{link}/preview.jpg").headers["etag"]
    gallery.discard(studio, studio.owner, [first])
    assert stranger.get(f"{link}/image-1.png").status_code == 404
    assert stranger.get(f"{link}/preview.jpg", headers={"if-none-match": tag}).status_code == 200
    gallery.restore(studio, studio.owner, [first])
    assert stranger.get(f"{link}/image-1.png").status_code == 200
    names = studio.stores.shares.names()
    gallery.delete(studio, studio.owner, [first])
    assert stranger.get(f"{link}/image-1.png").status_code == 404
    assert "preview-1.jpg" not in stranger.get(link).text
    assert len(names & set(studio.stores.vault.blobs.names())) == 3
    gallery.delete(studio, studio.owner, [second])
    assert not names & set(studio.stores.vault.blobs.names())
    assert stranger.get(link).status_code == 200 and "og:image" not in stranger.get(link).text
    assert stranger.get(f"{link}/preview.jpg").status_code == 404


@ON_BOTH
def test_deleting_the_notebook_ends_its_link(studio: Studio, owner: TestClient) -> None:
    notebook, _ = book(studio, studio.owner)
    link = path(publish(owner, notebook))
    names = studio.stores.shares.names()
    notebooks.delete(studio, studio.owner, notebook)
    assert served(studio).get(link).status_code == 410
    notebooks.restore(studio, studio.owner, notebook)
    assert served(studio).get(link).status_code == 200
    notebooks.delete(studio, studio.owner, notebook)
    studio.stores.notebooks.purge(studio.clock() + TAKE_BACK)
    studio.stores.gallery.sweep_doomed()
    assert not names & set(studio.stores.vault.blobs.names())


def test_an_account_that_goes_leaves_no_copy(studio: Studio, owner: TestClient) -> None:
    notebook, _ = book(studio, studio.owner)
    link = path(publish(owner, notebook))
    names = studio.stores.shares.files_of(studio.owner.subject_id)
    assert len(set(names) & set(studio.stores.vault.blobs.names())) == 6
    assert studio.stores.shares.withdraw_all(studio.owner.subject_id) == 1
    studio.stores.gallery.sweep_doomed()
    assert not set(names) & set(studio.stores.vault.blobs.names())
    assert served(studio).get(link).status_code == 410


def test_what_is_held_is_left_out_and_nothing_alone_is_refused(studio: Studio, owner: TestClient) -> None:
    notebook, made = book(studio, studio.owner, count=1)
    strict = replace(studio, settings=Settings(data=studio.settings.data, scan_explicit=0.0))
    held = keep(strict, studio.owner.subject_id, pixels=sharp())
    add(studio, studio.owner, notebook, held)
    share = publish(owner, notebook, prompt=True)
    assert share["pictures"] == 1 and share["thumb"] == f"/i/{made[0]}/thumb512"
    assert held not in served(studio).get(path(share)).text
    gallery.delete(studio, studio.owner, made)
    refused = owner.post("/api/shares", json={"notebook": notebook, "agreed": True})
    assert refused.json()["error"]["code"] == "share_pictures"


def test_a_remix_is_the_document_without_anything_of_its_owners(studio: Studio, owner: TestClient, bob: Actor) -> None:
    upload = sources.upload(studio, studio.owner, images.png(sharp()), "upload")
    notebook, _ = book(studio, studio.owner, kind="image_to_image", image=upload.id)
    link = path(publish(owner, notebook, prompt=True, remix=True))
    taken = served(studio).get(f"{link}/settings").json()["notebook"]
    text = str(taken)
    assert upload.id not in text and SECRET not in text
    read = Notebook.from_dict(taken)
    assert [cell.kind for cell in read] == ["image_to_image"] * 2
    kept = exports.read(studio, bob, json.dumps(taken).encode())
    assert [cell.draft.prompt for cell in kept.document if cell.draft] == ["waves at sea"] * 2
    with_notes = path(publish(owner, notebook, prompt=True, remix=True, notes=True))
    assert SECRET in str(served(studio).get(f"{with_notes}/settings").json())


def test_a_reported_notebook_is_taken_down_with_all_its_pictures(studio: Studio, owner: TestClient) -> None:
    notebook, made = book(studio, studio.owner)
    link = path(publish(owner, notebook))
    served(studio).post(f"{link}/report", data={"reason": "rights"})
    [case] = owner.get("/api/review").json()["cases"]
    address = f"/api/review/report/{case['id']}"
    assert owner.post(f"{address}/claim").json()["page"] == link
    assert owner.get(f"{address}/picture?clear=1").status_code == 200
    assert owner.post(f"{address}/decide", json={"decision": "take_down", "answer": "Not yours."}).status_code == 200
    assert served(studio).get(link).status_code == 410
    assert {owner.get(f"/api/images/{one}").json()["flag"]["label"] for one in made} == {"reported"}
    refused = owner.post("/api/shares", json={"notebook": notebook, "agreed": True})
    assert refused.json()["error"]["code"] == "share_pictures"


def test_a_password_guards_a_notebook_and_its_files(studio: Studio, owner: TestClient) -> None:
    notebook, _ = book(studio, studio.owner)
    link, stranger = path(publish(owner, notebook, password="open sesame")), served(studio)
    assert stranger.get(link).status_code == 401
    assert stranger.get(f"{link}/image-1.png").status_code == 404
    page = stranger.post(link, data={"password": "open sesame"})
    found = re.search(rf'{link}/image-1.png\?key=[\w.]+', page.text)
    assert page.status_code == 200 and found and stranger.get(found[0]).status_code == 200
    assert 'content="noindex"' in page.text


def test_another_persons_notebook_cannot_be_published_or_looked_at(studio: Studio, alice: Actor) -> None:
    notebook, _ = book(studio, alice)
    client = served(studio)  # the owner of the home is somebody else
    assert client.post("/api/shares", json={"notebook": notebook, "agreed": True}).status_code == 404
    assert client.get(f"/api/shares/preview?notebook={notebook}").status_code == 404

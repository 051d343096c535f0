"""A person from sign-up to a verified deletion, by HTTP alone: their canary is in the download, and then nowhere."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import logging
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import app
from components.actions import housekeeping, leaving, taking_out
from components.jobs import Dispatcher
from components.postman import Postman
from components.studio import Studio
from policies import data_map
from store.settings import Settings
from tests.components.actions.conftest import PASSWORD, QUICK, Mailbox, token_of
from tests.conftest import ended

CANARY = "kanarienvogel-5814"  # fits every field, also the username
PAGE = {"accept": "text/html"}

# Sealed columns that hold no words of the person after this life, and why.
WORDLESS = {
    ("content.job", "reason"): "why a job failed; none did",
    ("content.export", "plan"): "which pictures it holds",
    ("content.series", "value"): "no grid was drawn",
    ("content.notebook_cell", "refused"): "no planned cell was refused",
    ("content.cell_run", "content"): "numbers of what was drawn",
    ("content.preference", "value"): "choices from lists",
    ("content.image_check", "appeal"): "nothing was held back",
    ("content.image_check", "answer"): "nothing was held back",
    ("content.ticket", "answer"): "words of staff",
    ("content.ticket", "extended"): "words of staff",
    ("content.report", "answer"): "words of staff",
    ("content.audit_entry", "reason"): "words of staff",
    ("identity.session", "address"): "an address of the network",
    ("identity.login", "subject"): "signed up with a password",
    ("identity.ticket", "value"): "no change of the address waits",
}


@pytest.fixture
def hosted(studio: Studio) -> Iterator[Studio]:
    hosted = replace(studio, settings=Settings(data=studio.settings.data, home="hosted"), passwords=QUICK)
    dispatcher = Dispatcher(hosted)
    dispatcher.start()
    yield hosted
    dispatcher.stop()


class Browser(TestClient):
    """A person's browser, and their mailbox beside it."""

    def __init__(self, studio: Studio, server: FastAPI) -> None:
        super().__init__(server, base_url="http://studio.example")
        self.studio = studio

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self.request(method, path, json=body, **more)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def letter(self) -> str:
        box = Mailbox()
        Postman(self.studio, box).deliver()
        return token_of(box.letters[-1].mail)

    def sign_up(self, name: str) -> None:
        self.get("/", headers=PAGE)
        form = {"name": name, "email": f"{name}@example.org", "username": name, "password": PASSWORD, "consent": "yes"}
        form |= {"birth_day": "7", "birth_month": "3", "birth_year": "1990"}
        self.post("/account/sign-up", data=form)
        token = self.letter()
        assert f"{name}@example.org" in self.get(f"/account/verify/{token}").text
        self.post(f"/account/verify/{token}", data={})
        assert self.ask("GET", "/api/account")["account"]["username"] == name

    def subject(self) -> str:
        account = self.studio.stores.accounts.of_email(self.ask("GET", "/api/account")["account"]["email"])
        assert account is not None
        return account.subject_id


def upload() -> bytes:
    """A picture of chance that nothing else on disk looks like, with the canary in its metadata."""
    pixels = np.random.default_rng(5814).integers(0, 255, (96, 96, 3), np.uint8)
    words, file = PngInfo(), io.BytesIO()
    words.add_text("parameters", f"{CANARY}\nNegative prompt: {CANARY}\nSteps: 3, Seed: 1, Size: 96x96")
    Image.fromarray(pixels).save(file, "png", pnginfo=words)
    return file.getvalue()


def live(person: Browser) -> str:
    """Fills every field there is. Answers the link of what was published."""
    ask = person.ask
    ask("PUT", "/api/account/profile", {"name": f"{CANARY} the second", "username": CANARY})
    draft = {"prompt": f"a {CANARY}", "negative_prompt": CANARY, "steps": 2, "model": "starter", "seed": 1}
    job = ask("POST", "/api/jobs", {"draft": draft})
    subject = person.subject()
    done = ended(person.studio, person.studio.stores.jobs.get(subject, job["id"]))
    assert done.state == "done"
    [picture] = [one["id"] for one in ask("GET", "/api/images")["images"]]
    ask("POST", "/api/images/tag", {"ids": [picture], "tag": CANARY, "present": True})
    board = ask("POST", "/api/boards", {"title": CANARY})
    ask("POST", "/api/images/move", {"ids": [picture], "board": board["id"]})
    ask("POST", "/api/styles", {"name": CANARY, "prompt": f"{CANARY} {{prompt}}"})
    file = {"file": (f"{CANARY}.png", upload(), "image/png")}
    ask("POST", "/api/inputs", files=file)
    ask("POST", "/api/imports", files=file)
    book = ask("GET", "/api/notebooks/current")
    for change in ({"op": "rename", "title": CANARY}, {"op": "add", "kind": "note", "text": f"Note: {CANARY}"}):
        book = ask("POST", f"/api/notebooks/{book['id']}/changes", {"version": book["version"], "change": change})
    ask("POST", "/api/exports", {"q": CANARY})
    ask("PUT", "/api/preferences", {"theme": "dark"})
    for kind in ("question", "privacy"):
        note = {"kind": kind, "subject": f"{kind} of {CANARY}", "text": f"Where is {CANARY}?"}
        ask("POST", "/api/privacy/messages", note)
    ask("PUT", "/api/privacy/choices", {"purpose": "model_improvement", "given": True, "locale": "de"})
    wish = {"image": picture, "title": CANARY, "pseudonym": CANARY, "prompt": True, "agreed": True}
    link: str = ask("POST", "/api/shares", wish)["link"]
    assert CANARY in person.get(link).text
    return link


def take_everything(person: Browser) -> zipfile.ZipFile:
    asked = person.ask("POST", "/api/privacy/exports")
    assert taking_out.pack_next(person.studio) is not None
    return zipfile.ZipFile(io.BytesIO(person.get(f"/api/privacy/exports/{asked['id']}/file").content))


def sealed_columns() -> set[tuple[str, str]]:
    owned = (table for table in data_map.TABLES if table.owner and table.export)
    return {(table.id, column.name) for table in owned for column in table.columns if column.sealed}


def forms() -> list[bytes]:
    """The canary as it could lie in a file."""
    plain = CANARY.encode()
    digests = [hashlib.new(name, plain).hexdigest().encode() for name in ("md5", "sha1", "sha256")]
    coded = [base64.b64encode(plain)[:-4], plain.hex().encode(), CANARY.encode("utf-16-le"), CANARY.upper().encode()]
    return [plain, *coded, *digests]


def found(folder: Path, needles: list[bytes]) -> list[str]:
    """Looks through a copy: to open and close a database's file here would let go of the locks that SQLite holds."""
    copy = folder.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(["cp", "-r", folder, copy], check=True)
    files = [(path, path.read_bytes()) for path in copy.rglob("*") if path.is_file()]
    return [f"{path.name}: {needle[:24]!r}" for path, data in files for needle in needles if needle in data]


def opened(studio: Studio) -> str:
    """Everything that any key which still exists opens: rows of everybody who is left, letters, public pages."""
    keys = studio.stores.databases[1].execute_sql("SELECT DISTINCT subject_id FROM data_key").fetchall()
    left = [list(studio.stores.person.tables(subject_id)) for (subject_id,) in keys]
    rows = studio.stores.outbox._rows
    letters = [studio.stores.outbox._letter(row).mail for row in rows.select().where(rows.sealed.is_null(False))]
    return f"{left} {letters}"


@pytest.mark.promise("P3")
@pytest.mark.promise("P21")
@pytest.mark.promise("P29")
@pytest.mark.promise("P45")
@pytest.mark.promise("P46")
def test_a_whole_life_leaves_nothing(hosted: Studio, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    server = app.build(hosted)
    bob = Browser(hosted, server)
    bob.sign_up("bobolink")
    person, pixels = Browser(hosted, server), upload()[200:264]
    person.sign_up(CANARY)
    link, data = live(person), hosted.settings.data
    assert found(data, [*forms(), pixels]) == [], "it is sealed from the first moment"
    assert CANARY in opened(hosted), "what opens is looked through"

    with take_everything(person) as taken:
        rows = json.loads(taken.read("data.json"))
        told = {place for place in sealed_columns() if CANARY in str([row[place[1]] for row in rows[place[0]]])}
        assert told == sealed_columns() - set(WORDLESS)
        names = taken.namelist()
        assert all(CANARY in taken.read(name).decode() for name in ("csv/identity.account.csv", "images.csv"))
        brought = [name for name in names if name.startswith("uploads/")]
        assert [Image.open(taken.open(name)).size for name in brought] == [(96, 96)]
        files = json.loads(taken.read("manifest.json"))["files"]
        assert {name: hashlib.sha256(taken.read(name)).hexdigest() for name in files} == {
            name: file["sha256"] for name, file in files.items()
        }

    asked = person.ask("POST", "/api/privacy/deletion", {"days": 0})
    assert leaving.run_due(hosted) == 1
    receipt = bob.ask("GET", f"/trust/receipt/{asked['receipt']}")
    assert receipt["state"] == "done" and receipt["verified_at"] and receipt["found"]["uploads"] == 1
    assert person.get("/api/account").status_code == 401
    assert bob.get(link).status_code in (404, 410)

    housekeeping.sweep(hosted, force=True)
    hosted.stores.person.flush()
    assert found(data, [*forms(), pixels]) == []
    assert CANARY not in opened(hosted)
    assert CANARY not in caplog.text
    assert bob.ask("GET", "/api/account")["account"]["username"] == "bobolink"
    Browser(hosted, server).sign_up(CANARY)  # the name and the address are free again

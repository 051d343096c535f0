"""Content credentials: signed, read back by the library's own reader, broken by one changed byte."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import c2pa
import numpy as np
import pytest
from cryptography import x509

from pipelines import credentials, images, provenance
from pipelines.credentials import Credentials

PIXELS = np.random.default_rng(4).integers(0, 256, (48, 64, 3), np.uint8)
PNG = images.png(PIXELS)
SETTINGS = {"prompt": "a red apple", "steps": 4, "scheduler": "ddim", "guidance": 3.0, "seed": 1}
pytestmark = pytest.mark.promise("P84")


@pytest.fixture(scope="module")
def home() -> Credentials:
    return credentials.create(datetime.now(UTC))


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_a_signed_file_is_intact_ours_and_made_by_a_model(home: Credentials, format: images.Format) -> None:
    signed = credentials.sign(provenance.write(PNG, format, SETTINGS), home)
    found = credentials.verify(signed, home.root)
    assert found is not None
    assert (found.intact, found.ours, found.ai_made, found.training) == (True, True, True, "notAllowed")
    assert (found.signer, found.generator) == ("PixCosmos home", "PixCosmos")
    assert found.actions == ("c2pa.created",) and found.problems == ()
    assert provenance.read(signed) == provenance.read(provenance.write(PNG, format, SETTINGS))
    with c2pa.Reader(f"image/{format}", io.BytesIO(signed)) as reader:
        assert reader.get_validation_state() == "Valid"


def test_one_changed_byte_breaks_it(home: Credentials) -> None:
    signed = bytearray(credentials.sign(PNG, home))
    signed[signed.index(b"IDAT") + 200] ^= 1
    found = credentials.verify(bytes(signed), home.root)
    assert found is not None and not found.intact and not found.ours
    assert "assertion.dataHash.mismatch" in found.problems


def test_another_homes_picture_is_intact_but_not_ours(home: Credentials) -> None:
    found = credentials.verify(credentials.sign(PNG, credentials.create(datetime.now(UTC))), home.root)
    assert found is not None and found.intact and not found.ours


def test_an_edit_names_its_parent_and_keeps_its_history(home: Credentials) -> None:
    parent = credentials.sign(images.jpeg(PIXELS), home)
    found = credentials.verify(credentials.sign(PNG, home, parent=parent, allow_training=True), home.root)
    assert found is not None and found.intact and found.ours and found.ai_made
    assert found.ingredients == 1 and found.actions == ("c2pa.opened", "c2pa.edited")
    assert found.training == "constrained"


def test_a_copy_of_what_was_brought_says_nothing_but_where_it_comes_from(home: Credentials) -> None:
    camera = credentials.create(datetime.now(UTC))
    original = credentials.sign(images.jpeg(PIXELS), camera, allow_training=True)
    kept = credentials.carry(PNG, home, original)
    found = credentials.verify(kept, home.root)
    assert found is not None and found.intact and found.ours and found.ai_made
    assert (found.actions, found.ingredients, found.training) == (("c2pa.opened", "c2pa.transcoded"), 1, "")
    with c2pa.Reader("image/png", io.BytesIO(credentials.sign(PNG, home, parent=kept))) as reader:
        assert len(json.loads(reader.json())["manifests"]) == 3


def test_a_parent_without_credentials_is_an_ingredient_too(home: Credentials) -> None:
    found = credentials.verify(credentials.sign(PNG, home, parent=images.webp(PIXELS)), home.root)
    assert found is not None and found.intact and found.ingredients == 1


@pytest.mark.parametrize("data", [b"", b"hello", PNG, images.jpeg(PIXELS)])
def test_a_file_without_credentials_gives_none(data: bytes) -> None:
    assert credentials.verify(data) is None


def test_what_cannot_carry_credentials_is_refused(home: Credentials) -> None:
    with pytest.raises(ValueError, match="file: 5 bytes that are no picture"):
        credentials.sign(b"hello", home)


def test_no_identity_is_inside(home: Credentials) -> None:
    leaf, root = x509.load_pem_x509_certificates(home.chain)
    assert {part.value for one in (leaf, root) for part in one.subject} == {
        "PixCosmos",
        "PixCosmos home",
        "PixCosmos home root",
    }
    assert "PRIVATE" not in repr(home) and b"CERTIFICATE" in home.root and home.root != home.chain


def test_removing_metadata_removes_the_credentials(home: Credentials) -> None:
    assert credentials.verify(provenance.write(credentials.sign(PNG, home), "png", None)) is None


def test_a_signature_costs_a_few_kilobytes(home: Credentials) -> None:
    assert len(credentials.sign(PNG, home)) - len(PNG) < 40_000

"""Marks what leaves the studio: watermark, then settings, then signature. Knows the home's certificate, no users."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pipelines import credentials, images, provenance, watermark
from pipelines.credentials import Credentials
from pipelines.images import Format
from store.files import write_atomic
from store.settings import PREFIX, Settings, SettingsError

logger = logging.getLogger(__name__)

FILE = "credentials.pem"  # in the data folder: the chain, then the key
KEY_MARK = b"-----BEGIN PRIVATE KEY-----"
TAG_BITS = 16
MARK = b"c2pa"  # the label of credentials in every kind of file: without it nobody has to look for them


@dataclass(frozen=True)
class Signer:
    credentials: Credentials

    @cached_property
    def home(self) -> int:
        """16 bits that name this home in its watermarks."""
        return int.from_bytes(hashlib.sha256(self.credentials.root).digest()[: TAG_BITS // 8])

    def tag(self, image_id: str) -> int:
        """16 bits that only this home can turn back into a picture: of its thousands, one or a few."""
        secret = hashlib.sha256(b"watermark" + self.credentials.key).digest()
        return int.from_bytes(hashlib.blake2b(image_id.encode(), key=secret, digest_size=TAG_BITS // 8).digest())

    def kept(self, png: bytes, parent: bytes | None, allow_training: bool) -> bytes:
        """A PNG as the studio keeps it: the very pixels, marked as made by AI and signed, no settings inside."""
        marked = provenance.write(png, "png", None, ai_made=True)
        return credentials.sign(marked, self.credentials, parent, allow_training)

    def packed(
        self,
        png: bytes,
        format: Format,
        settings: Mapping[str, Any] | None,
        *,
        image_id: str,
        parent: bytes | None = None,
        allow_training: bool = False,
        signed: bool = True,
        quality: int = 95,
    ) -> bytes:
        """A file that leaves the studio. The watermark changes pixels by at most 3 of 255 levels; small ones have none.

        With `signed` off it carries no word and no signature that says AI made it; the watermark stays.
        """
        pixels = np.asarray(images.decode(png).convert("RGB"))
        fits = watermark.fits(pixels.shape[1], pixels.shape[0])
        if fits:
            payload = self.home << TAG_BITS | self.tag(image_id)
            png = images.png(watermark.embed(pixels, payload))
        packed = provenance.write(png, format, settings, ai_made=signed, quality=quality)
        return credentials.sign(packed, self.credentials, parent, allow_training, fits) if signed else packed

    def carried(self, data: bytes, original: bytes) -> bytes:
        """A picture that was brought, re-encoded: the credentials that its file had go on as its history.

        One without credentials stays as it is; so does one whose credentials cannot be read.
        """
        if MARK not in original or credentials.verify(original) is None:
            return data
        try:
            return credentials.carry(data, self.credentials, original)
        except Exception:
            logger.exception("the credentials of a picture that was brought could not be kept")
            return data


def open_signer(settings: Settings, now: datetime) -> Signer:
    """The certificate of the settings, or the home's own, made on the first call. Raises SettingsError."""
    if settings.certificate is not None and settings.certificate_key is not None:
        return Signer(given(settings.certificate, settings.certificate_key))
    path = settings.data / FILE
    if not path.exists():
        fresh = credentials.create(now)
        try:
            write_atomic(path, fresh.chain + fresh.key, once=True)
        except FileExistsError:  # two first starts at once: one certificate wins, both read it
            pass
    chain, mark, key = path.read_bytes().partition(KEY_MARK)
    if not mark:
        raise SettingsError(f"{PREFIX}DATA: {FILE} in {str(settings.data)!r} is damaged. Expected a chain and its key.")
    return Signer(Credentials(chain, mark + key))


def given(chain: Path, key: Path) -> Credentials:
    try:
        found = Credentials(chain.read_bytes(), key.read_bytes())
        credentials.sign(images.png(np.zeros((8, 8, 3), np.uint8)), found)
    except Exception as error:
        raise SettingsError(
            f"{PREFIX}CERTIFICATE: {str(chain)!r} with {str(key)!r} cannot sign a picture ({error}). "
            "Expected a PEM chain that C2PA accepts, and its P-256 key in PKCS 8."
        ) from error
    return found

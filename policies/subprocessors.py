"""Who else handles data for this home: worked out from where it stores, mails and is paid. Knows settings as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subprocessor:
    """`sees` is what reaches them; what is sealed stays sealed there."""

    name: str
    purpose: str
    sees: str
    country: str = "as its operator says"


def in_use(
    *, blobs: str | None = None, mail: str | None = None, sign_in: str | None = None, payments: bool = False
) -> tuple[Subprocessor, ...]:
    """`blobs` is an address such as `s3://bucket`; `mail` and `sign_in` are hosts."""
    found = []
    if blobs and "://" in blobs and not blobs.startswith(("file://", "memory://")):
        scheme, _, rest = blobs.partition("://")
        found.append(
            Subprocessor(f"Storage ({scheme}, {rest.partition('/')[0]})", "keeps encrypted pictures", "ciphertext only")
        )
    if mail:
        found.append(Subprocessor(f"Mail server ({mail})", "delivers mail", "your address and the message"))
    if sign_in:
        sees = "that you sign in here, and when"
        found.append(Subprocessor(f"Hugging Face ({sign_in})", "confirms who you are when you sign in", sees))
    if payments:
        found.append(Subprocessor("Stripe", "takes payments", "what you type on its own page"))
    return tuple(found)

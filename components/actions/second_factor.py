"""Codes from an authenticator app (TOTP, RFC 6238) and codes on paper for the day the phone is lost."""

from __future__ import annotations

import hashlib
import hmac
import io
import secrets
from dataclasses import dataclass

import pyotp
import segno

from components import words
from components.actions import mail
from components.actions.accounts import mine, prove
from components.studio import Studio
from policies.actor import Actor
from policies.verdict import refuse, require
from store.accounts import Account
from store.sessions import Session

DRIFT = (0, -1, 1)  # time steps of 30 s that a phone's clock may be off
RECOVERY_CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # without what looks alike


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret that is not in use until a code of it is shown: as text, as an address, and as a picture (SVG)."""

    secret: str
    uri: str
    picture: str


def offer(studio: Studio, actor: Actor, password: str, session: Session | None = None) -> Offer:
    account = mine(studio, actor)
    prove(studio, account, password, session)
    if account.totp_since is not None:
        require(refuse("factor_on", field="factor", value="on", expected="to switch it off first"))
    secret = pyotp.random_base32()
    studio.stores.accounts.set_totp(account, secret, None)
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=words.say("app_name"))
    drawn = io.BytesIO()
    segno.make(uri, error="m").save(drawn, kind="svg", border=2, xmldecl=False, svgns=True, omitsize=True)
    return Offer(secret, uri, drawn.getvalue().decode())


def switch_on(studio: Studio, actor: Actor, session: Session, code: str) -> list[str]:
    """A right code puts the offered secret to use. Answers the recovery codes, which are shown this once."""
    account = mine(studio, actor)
    stores, now = studio.stores, studio.clock()
    secret = stores.accounts.totp_secret(account)
    if secret is None or account.totp_since is not None or right_step(studio, secret, code) is None:
        require(refuse("factor_code", field="code", value=code[:10], expected="the six digits that the app shows now"))
    with stores.accounts.together():
        stores.accounts.set_totp(account, secret, now)
        stores.sessions.confirm(session.id, now, second_factor=True)
        stores.sessions.revoke_all(account.id, but=session.id)
        mail.post(studio, account, "factor_on", f"factor on {account.id} {now.isoformat()}")
        return new_recovery_codes(studio, account)


def switch_off(studio: Studio, actor: Actor, password: str, code: str, session: Session | None = None) -> None:
    """Staff keep theirs: their rights need it."""
    account = mine(studio, actor)
    if account.role != "user":
        require(refuse("factor_staff", field="factor", value="off", expected="to keep it while you are staff"))
    prove(studio, account, password, session)
    check(studio, account, code)
    now = studio.clock()
    with studio.stores.accounts.together():
        studio.stores.accounts.set_totp(account, None, None)
        studio.stores.sessions.forget_factor(account.id)
        studio.stores.accounts.set_recovery_codes(account.id, [])
        mail.post(studio, account, "factor_off", f"factor off {account.id} {now.isoformat()}")


def fresh_recovery_codes(
    studio: Studio, actor: Actor, password: str, code: str, session: Session | None = None
) -> list[str]:
    """Ten new ones; the old ones open nothing any more. A password alone gets none: each of them passes for a code."""
    account = mine(studio, actor)
    prove(studio, account, password, session)
    if account.totp_since is None:
        require(refuse("factor_off", field="factor", value="off", expected="to switch it on first"))
    check(studio, account, code)
    return new_recovery_codes(studio, account)


def check(studio: Studio, account: Account, code: str) -> None:
    """A code of the app, or one from paper. Each counts once; wrong ones are counted and lock the second step."""
    stores, now = studio.stores, studio.clock()
    name = f"code {account.id}"
    if stores.attempts.locked_until(name, now):
        require(refuse("account_locked", field="code", value="…", expected="a few minutes of patience"))
    secret = stores.accounts.totp_secret(account)
    step = right_step(studio, secret, code) if secret else None
    if step is not None and stores.accounts.use_totp(account.id, step):
        stores.attempts.forget(name)
        return
    if stores.accounts.use_recovery_code(account.id, hashed(account.id, code)):
        left = stores.accounts.recovery_codes_left(account.id)
        mail.post(studio, account, "recovery_used", f"recovery {account.id} {now.isoformat()}", left=left)
        stores.attempts.forget(name)
        return
    stores.attempts.fail(name, now)
    require(refuse("factor_code", field="code", value="…", expected="the six digits that the app shows now"))


def right_step(studio: Studio, secret: str, code: str) -> int | None:
    """The time step whose code it is, if it is one of those around now."""
    totp = pyotp.TOTP(secret)
    now = totp.timecode(studio.clock())
    digits = "".join(code.split()).encode()
    return next((now + d for d in DRIFT if hmac.compare_digest(totp.generate_otp(now + d).encode(), digits)), None)


def new_recovery_codes(studio: Studio, account: Account) -> list[str]:
    codes = [f"{chance(5)}-{chance(5)}" for _ in range(RECOVERY_CODES)]
    studio.stores.accounts.set_recovery_codes(account.id, [hashed(account.id, code) for code in codes])
    return codes


def chance(letters: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(letters))


def hashed(account_id: str, code: str) -> str:
    """A code has 49 bits of chance and a place of its own: a plain hash of it tells nothing."""
    letters = "".join(letter for letter in code.lower() if letter in ALPHABET)
    return hashlib.sha256(f"{account_id} {letters}".encode()).hexdigest()

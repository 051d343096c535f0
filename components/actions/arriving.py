"""People who another service vouches for: they come in, begin an account, prove themselves again, connect and part.

An account is found by the service's number for the person and by nothing else. An address never joins two accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from components.actions import accounts as own
from components.actions import mail, second_factor, signing_in
from components.actions.signing_in import SignedIn
from components.studio import Studio
from policies import accounts
from policies.actor import Actor
from policies.verdict import Refused, Verdict, refuse, require
from store.accounts import Account, Profile, Taken
from store.blobs import Missing
from store.logins import Login, Tied
from store.receipts import POLICY, Receipt
from store.sessions import Device, Session

CONFIRMING = "confirm_factor"


class Proven(Protocol):
    """What the service confirmed. `email` is empty unless it confirmed that too."""

    @property
    def issuer(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def email(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What the first form holds. The birth date is judged and dropped."""

    name: str
    username: str
    birth: tuple[int, int, int]
    consent: bool
    policy_version: str
    locale: str


def arrive(studio: Studio, proven: Proven, device: Device) -> SignedIn | None:
    """Signs in, up to the second step where there is one. None for somebody who has no account here."""
    stores = studio.stores
    account_id = stores.accounts.logins.account_of(proven.issuer, proven.subject)
    if account_id is None:
        return None
    account = stores.accounts.get(account_id)
    if account.totp_since is not None:
        ticket = stores.sessions.issue(account.id, "second_factor", studio.clock(), accounts.CODE_WITHIN)
        return SignedIn(account, ticket=ticket)
    return SignedIn(account, token=signing_in.begin(studio, account, device, second_factor=False))


def join(studio: Studio, guest: Actor, proven: Proven, form: Beginning) -> Account:
    """Makes the account of somebody who was not here before, or raises Refused. The age comes first."""
    require(accounts.born(*form.birth, studio.clock().date()))
    require(accounts.name(form.name), accounts.username(form.username), own.consent(form.consent))
    stores, now = studio.stores, studio.clock()
    profile = Profile(name=form.name.strip(), email=free_address(studio, guest, proven), username=form.username.strip())
    receipt = Receipt(POLICY, form.policy_version, True, form.locale, now)
    if stores.accounts.logins.account_of(proven.issuer, proven.subject) is not None:
        require(taken_login())
    try:
        with stores.accounts.together():
            account = stores.accounts.add(guest.subject_id, profile, "", form.locale, now)
            stores.accounts.logins.tie(account.id, proven.issuer, proven.subject, now)
            stores.receipts.add(account.id, receipt)
            account = stores.accounts.update(account, verified_at=now)
    except Taken as taken:
        expected = "a name that is free"
        raise Refused(refuse("account_taken", field=taken.field, value=form.username, expected=expected)) from None
    except Tied:
        raise Refused(taken_login()) from None
    stores.subjects.set_kind(guest.subject_id, "user")
    stores.subjects.end_guest_sessions(guest.subject_id)
    return account


def free_address(studio: Studio, guest: Actor, proven: Proven) -> str:
    """The confirmed address, unless it is another account's: that one is told, and nothing is joined."""
    own.forget_unverified(studio, guest.subject_id, proven.email)
    known = studio.stores.accounts.of_email(proven.email) if proven.email else None
    if known is not None:
        event = f"elsewhere {known.id} {studio.clock():%Y-%m-%d}"
        with studio.stores.accounts.together():
            mail.post(studio, known, "elsewhere", event, link=mail.link(studio, "sign-in"))
    usable = known is None and proven.email and own.email(proven.email).allowed
    return proven.email.strip() if usable else ""


def prove_again(studio: Studio, actor: Actor, session: Session, proven: Proven) -> str:
    """What cannot be undone is open to the person for a while. Answers a ticket when their second factor is due.

    Raises Refused when the service vouches for somebody else.
    """
    account = own.mine(studio, actor)
    if studio.stores.accounts.logins.account_of(proven.issuer, proven.subject) != account.id:
        require(refuse("login_other", field="login", value="…", expected="the person of this account"))
    if account.totp_since is not None:
        return studio.stores.sessions.issue(account.id, CONFIRMING, studio.clock(), accounts.CODE_WITHIN)
    studio.stores.sessions.confirm(session.id, studio.clock())
    return ""


def prove_with_code(studio: Studio, actor: Actor, session: Session, ticket: str, code: str) -> None:
    """The second step of that. Raises Missing when the ticket is too old or another's, Refused for a wrong code."""
    account = own.mine(studio, actor)
    sessions, now = studio.stores.sessions, studio.clock()
    if sessions.look(ticket, CONFIRMING, now).account_id != account.id:
        raise Missing("ticket: it is another's")
    second_factor.check(studio, account, code)
    sessions.use(ticket, CONFIRMING, now)
    sessions.confirm(session.id, now, second_factor=True)


def connect(studio: Studio, actor: Actor, session: Session, proven: Proven) -> Login:
    """One more way into the account, asked for by who is in it and gave the password just now. Raises Refused."""
    account = own.mine(studio, actor)
    signing_in.require_confirmed(studio, actor, session)
    stores, now = studio.stores, studio.clock()
    try:
        with stores.accounts.together():
            login = stores.accounts.logins.tie(account.id, proven.issuer, proven.subject, now)
            mail.post(studio, account, "connected", f"connected {login.id}")
    except Tied:
        raise Refused(taken_login()) from None
    stores.audit.add(now, actor.kind, "login.connected", account.subject_id)
    return login


def disconnect(studio: Studio, actor: Actor, session: Session, login_id: str) -> None:
    """Only who has a password may: nobody locks themselves out. Raises Refused or Missing."""
    account = own.mine(studio, actor)
    signing_in.require_confirmed(studio, actor, session)
    if studio.stores.accounts.password_hash(account.id) is None:
        require(refuse("no_password", field="login", value="…", expected="a password beside it"))
    studio.stores.accounts.logins.cut(account.id, login_id)
    studio.stores.audit.add(studio.clock(), actor.kind, "login.ended", account.subject_id)


def logins(studio: Studio, account: Account) -> tuple[Login, ...]:
    return studio.stores.accounts.logins.of_account(account.id)


def taken_login() -> Verdict:
    return refuse("login_taken", field="login", value="…", expected="one that no account here has")

"""Sign in and out, reset a password, see and end sessions. An unknown name is answered as a wrong password is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from components.actions import mail, second_factor
from components.actions.accounts import mine, prove, set_password
from components.studio import Studio
from policies import access, accounts
from policies.actor import NOBODY, Actor, kind_of
from policies.verdict import Refused, refuse, require
from store.accounts import Account
from store.sessions import SEEN_EVERY, Device, Session


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Either the token of a new session, or a ticket to come back with and a code; or neither: confirm the address."""

    account: Account
    token: str = ""
    ticket: str = ""


WRONG = refuse("account_wrong_pair", field="password", value="…", expected="a name and password that belong together")
LOCKED = refuse("account_locked", field="password", value="…", expected="a few minutes of patience")


Later = Callable[[Callable[[], None]], None]


def at_once(work: Callable[[], None]) -> None:
    work()


def sign_in(studio: Studio, typed: str, password: str, device: Device, later: Later = at_once) -> SignedIn:
    """Raises Refused. The same work is done, and the same is counted, for names that exist and that do not.

    `later` gets what only a name that exists needs, to be done after the answer: its time tells nothing.
    """
    stores, now = studio.stores, studio.clock()
    found = stores.accounts.credentials(typed)
    account_id, hashed = found or (None, None)
    name = account_id or typed
    right, renewed = studio.passwords.check(password, hashed)
    if stores.attempts.locked_until(name, now):
        raise Refused(LOCKED)
    if account_id is None or not right:
        if stores.attempts.fail(name, now) and account_id is not None:
            later(partial(tell_locked, studio, account_id))
        raise Refused(WRONG)
    stores.attempts.forget(name)
    account = stores.accounts.get(account_id)
    if renewed is not None:
        account = stores.accounts.update(account, password_hash=renewed)
    if account.verified_at is None:
        return SignedIn(account)
    if account.totp_since is not None:
        return SignedIn(account, ticket=stores.sessions.issue(account.id, "second_factor", now, accounts.CODE_WITHIN))
    return SignedIn(account, token=begin(studio, account, device, second_factor=False))


def tell_locked(studio: Studio, account_id: str) -> None:
    account = studio.stores.accounts.get(account_id)
    with studio.stores.accounts.together():
        event = f"locked {account_id} {studio.clock().isoformat()}"
        mail.post(studio, account, "locked", event, link=mail.link(studio, "reset"))


def sign_in_with_code(studio: Studio, ticket: str, code: str, device: Device) -> SignedIn:
    """The second step. Raises Missing when the ticket is too old, Refused for a wrong code; wrong codes are counted."""
    stores, now = studio.stores, studio.clock()
    account = stores.accounts.get(stores.sessions.look(ticket, "second_factor", now).account_id)
    second_factor.check(studio, account, code)
    stores.sessions.use(ticket, "second_factor", now)
    return SignedIn(account, token=begin(studio, account, device, second_factor=True))


def begin(studio: Studio, account: Account, device: Device, *, second_factor: bool) -> str:
    """A new session. A browser that was never seen beside others is told about by mail."""
    stores, now = studio.stores, studio.clock()
    others = stores.sessions.of_account(account.id, now)
    with stores.accounts.together():
        token, session = stores.sessions.start(account.id, device, now, second_factor=second_factor)
        stores.accounts.touch(account.id, now)
        if others and not any(same_device(other.device, device) for other in others):
            mail.post(studio, account, "new_device", f"new device {session.id}", device=shown(device))
    return token


def same_device(one: Device, other: Device) -> bool:
    return (one.browser, one.system, one.device) == (other.browser, other.system, other.device)


def shown(device: Device) -> str:
    return ", ".join(part for part in (device.browser, device.system, device.device) if part) or "?"


def recognise(studio: Studio, token: str) -> tuple[Actor, Session | None]:
    """Who is behind a cookie: a person with an account, a guest, or nobody."""
    stores, now = studio.stores, studio.clock()
    session = stores.sessions.of_token(token, now)
    if session is not None:
        standing = stores.accounts.standing(session.account_id)
        if standing is None:
            return NOBODY, None
        if now - session.seen_at >= SEEN_EVERY:
            stores.accounts.touch(session.account_id, now)
        kind = kind_of(standing.role, second_factor=session.second_factor)
        return Actor(standing.subject_id, kind), session
    subject_id = stores.subjects.of_token(token, now)
    return (Actor(subject_id, "guest"), None) if subject_id else (NOBODY, None)


def is_alive(studio: Studio, session: Session | None, token: str) -> bool:
    """Whether an open page may go on. Asking counts as no visit: a page left open keeps nobody active."""
    stores, now = studio.stores, studio.clock()
    if session is None:
        return stores.subjects.of_token(token, now) is not None
    return stores.sessions.is_alive(session.id, now)


def sign_out(studio: Studio, session: Session) -> None:
    studio.stores.sessions.revoke(session.account_id, session.id)


def ask_for_reset(studio: Studio, address: str) -> None:
    """Mails a link when the address has an account. The caller answers before this runs: its time tells nothing."""
    account = studio.stores.accounts.of_email(address)
    if account is None:
        return
    now = studio.clock()
    if studio.stores.accounts.password_hash(account.id) is None:
        with studio.stores.accounts.together():
            event = f"no password {account.id} {now:%Y-%m-%d}"
            mail.post(studio, account, "no_password", event, link=mail.link(studio, "sign-in"))
        return
    with studio.stores.accounts.together():
        token = studio.stores.sessions.issue(account.id, "reset", now, accounts.RESET_WITHIN)
        link = mail.link(studio, f"reset/{token}")
        mail.post(studio, account, "reset", f"reset {account.id} {now.isoformat()}", link=link)


def to_reset(studio: Studio, token: str) -> Account:
    """Whose link it is. Raises Missing when it was used or is too old."""
    return studio.stores.accounts.get(studio.stores.sessions.look(token, "reset", studio.clock()).account_id)


def reset_password(studio: Studio, token: str, new: str) -> None:
    """Who opens the link owns the address, so it is confirmed too. Raises Missing or Refused."""
    stores, now = studio.stores, studio.clock()
    account = to_reset(studio, token)
    set_password(studio, account, new, ticket=token)
    if account.verified_at is None:
        stores.accounts.update(account, verified_at=now)
    stores.attempts.forget(account.id)
    stores.subjects.end_guest_sessions(account.subject_id)


def sessions(studio: Studio, actor: Actor) -> tuple[Session, ...]:
    """With their addresses opened, the last used first."""
    return studio.stores.sessions.of_account(mine(studio, actor).id, studio.clock())


def end_session(studio: Studio, actor: Actor, session_id: str) -> None:
    studio.stores.sessions.revoke(mine(studio, actor).id, session_id)


def end_other_sessions(studio: Studio, actor: Actor, session: Session) -> int:
    return studio.stores.sessions.revoke_all(mine(studio, actor).id, but=session.id)


def confirm(studio: Studio, actor: Actor, session: Session, password: str, code: str = "") -> None:
    """The person proves again who they are: for a quarter of an hour, what cannot be undone is open to them."""
    account = mine(studio, actor)
    if studio.stores.accounts.password_hash(account.id) is None:
        require(refuse("no_password", field="password", value="…", expected="the way that you signed in"))
    prove(studio, account, password)
    passed = account.totp_since is not None
    if passed:
        second_factor.check(studio, account, code)
    studio.stores.sessions.confirm(session.id, studio.clock(), second_factor=passed)


def require_confirmed(studio: Studio, actor: Actor, session: Session | None) -> None:
    """Raises Refused when the password was not given a short while ago."""
    require(access.confirmed(actor, session.confirmed_at if session else None, studio.clock()))

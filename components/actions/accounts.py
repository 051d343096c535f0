"""Make an account, prove its address, change what it says. Every rule is asked before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from components.actions import mail
from components.studio import Studio
from policies import access, accounts
from policies.actor import OPERATOR, Actor
from policies.verdict import ALLOWED, Refused, Verdict, refuse, require
from store.accounts import Account, Profile, Taken
from store.blobs import Missing
from store.passwords import strength
from store.receipts import POLICY, Receipt
from store.sessions import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """What the form holds. The birth date is judged and dropped; the rest becomes an account."""

    name: str
    email: str
    username: str
    password: str
    birth: tuple[int, int, int]
    consent: bool
    policy_version: str
    locale: str


def sign_up(studio: Studio, guest: Actor, form: SignUp) -> None:
    """Makes the account and mails its link, or raises Refused.

    An address that has an account gets a letter that says so, and the answer is the same: nobody learns who is here.
    """
    profile = check_sign_up(studio, form)
    hashed = studio.passwords.hash(form.password)
    stores, now = studio.stores, studio.clock()
    forget_unverified(studio, guest.subject_id, profile.email)
    known = stores.accounts.of_email(profile.email)
    if known is not None:
        with stores.accounts.together():
            mail.post(studio, known, "known", f"known {known.id} {now:%Y-%m-%d}", link=mail.link(studio, "reset"))
    if stores.accounts.credentials(profile.username) is not None:  # said whether the address is known or not
        require(taken("username", form.username))
    if known is not None:
        return
    receipt = Receipt(POLICY, form.policy_version, True, form.locale, now)
    try:
        with stores.accounts.together():
            account = stores.accounts.add(guest.subject_id, profile, hashed, form.locale, now)
            stores.receipts.add(account.id, receipt)
            post_verification(studio, account)
    except Taken as error:
        require(taken(error.field, form.username))
    stores.subjects.set_kind(guest.subject_id, "user")


def check_sign_up(studio: Studio, form: SignUp) -> Profile:
    """The age comes first: nothing else that a child typed is looked at."""
    require(accounts.born(*form.birth, studio.clock().date()))
    require(
        accounts.name(form.name),
        email(form.email),
        accounts.username(form.username),
        accounts.password(form.password, strength(form.password, form.name, form.username, form.email)),
        consent(form.consent),
    )
    return Profile(name=form.name.strip(), email=form.email.strip(), username=form.username.strip())


def forget_unverified(studio: Studio, subject_id: str, address: str) -> None:
    """A later sign-up replaces one that was never confirmed: with a mistyped address, or with another's."""
    of_address = studio.stores.accounts.of_email(address)
    try:
        of_subject = studio.stores.accounts.of_subject(subject_id)
    except Missing:
        of_subject = None
    for account in {one.id: one for one in (of_address, of_subject) if one is not None}.values():
        if account.verified_at is None:
            remove_unverified(studio, account.id)


def remove_unverified(studio: Studio, account_id: str) -> bool:
    """What its visitor drew is a guest's again. False when it was confirmed a moment ago, or is gone."""
    with studio.stores.accounts.together():
        standing = studio.stores.accounts.standing(account_id)
        if standing is None or standing.verified:
            return False
        studio.stores.accounts.remove(account_id)
    studio.stores.subjects.set_kind(standing.subject_id, "guest")
    return True


def post_verification(studio: Studio, account: Account) -> None:
    now = studio.clock()
    token = studio.stores.sessions.issue(account.id, "verify", now, accounts.VERIFY_WITHIN)
    link = mail.link(studio, f"verify/{token}")
    mail.post(studio, account, "verify", f"verify {account.id} {now.isoformat()}", link=link)


def to_verify(studio: Studio, visitor: Actor, token: str) -> tuple[Account, bool]:
    """Whose link it is, and whether the password is asked for: by every browser but the one that signed up.

    Raises Missing for an old link, and for every other link to an address that is confirmed.
    """
    ticket = studio.stores.sessions.look(token, "verify", studio.clock())
    account = studio.stores.accounts.get(ticket.account_id)
    if account.verified_at is not None:
        raise Missing("ticket: this address is confirmed")
    return account, visitor.subject_id != account.subject_id


def verify(studio: Studio, visitor: Actor, token: str, password: str = "") -> Account:
    """Confirms the address. Raises Missing for an old link, Refused for a wrong password.

    The password is asked for because the address alone proves nothing about who signed up with it.
    """
    account, asks = to_verify(studio, visitor, token)
    stores = studio.stores
    if asks:
        prove(studio, account, password)
    with stores.accounts.together():
        stores.sessions.use(token, "verify", studio.clock())
        account = stores.accounts.update(account, verified_at=studio.clock())
    stores.subjects.end_guest_sessions(account.subject_id)
    return account


def mine(studio: Studio, actor: Actor) -> Account:
    """The actor's account. Raises Refused for guests and for a personal home, which have none."""
    require(access.account(actor))
    return studio.stores.accounts.of_subject(actor.subject_id)


def change_profile(studio: Studio, actor: Actor, name: str, username: str) -> Account:
    account = mine(studio, actor)
    require(accounts.name(name), accounts.username(username))
    try:
        return studio.stores.accounts.update(account, name=name.strip(), username=username.strip())
    except Taken:
        raise Refused(taken("username", username)) from None


def ask_for_email(
    studio: Studio, actor: Actor, address: str, password: str, session: Session | None = None
) -> None:
    """Mails a link to the old address and one to the new: both must be opened before anything changes.

    Who had no address so far opens the one that there is.
    """
    account = mine(studio, actor)
    require(email(address))
    prove(studio, account, password, session)
    stores, now = studio.stores, studio.clock()
    wanted = address.strip()
    if accounts.folded(wanted) == accounts.folded(account.email):
        require(refuse("account_same_email", field="email", value=wanted, expected="an address that is not yours yet"))
    known = stores.accounts.of_email(wanted)
    with stores.accounts.together():
        stores.sessions.tear_up(account.id, *EMAIL_TICKETS)
        for side, to in (("old", account.email), ("new", wanted)):
            if not to:
                continue
            token = stores.sessions.issue(account.id, f"email_{side}", now, accounts.CHANGE_WITHIN, wanted)
            if side == "new" and known is not None:  # its link goes nowhere, and what is seen of it is the same
                mail.post(studio, known, "known", f"known {known.id} {now:%Y-%m-%d}", link=mail.link(studio, "reset"))
                continue
            link = mail.link(studio, f"email/{side}/{token}")
            letter = f"email_{side}" if account.email else "email_first"
            mail.post(studio, account, letter, f"email {token[:16]}", to=to, link=link, email=wanted)


EMAIL_TICKETS = ("email_old", "email_new", "email_old_done", "email_new_done")


def email_changing(studio: Studio, account: Account) -> bool:
    """Whether a change of the address waits for one of its links."""
    sessions, now = studio.stores.sessions, studio.clock()
    return any(sessions.has_ticket(account.id, purpose, now) for purpose in EMAIL_TICKETS)


def confirm_email(studio: Studio, side: str, token: str) -> bool:
    """One of the two links. True when it was the second, and the address is changed. Raises Missing."""
    stores, now = studio.stores, studio.clock()
    other = "old" if side == "new" else "new"
    with stores.accounts.together():
        ticket = stores.sessions.use(token, f"email_{side}", now)
        account = stores.accounts.get(ticket.account_id)
        if account.email and not stores.sessions.has_ticket(account.id, f"email_{other}_done", now):
            stores.sessions.issue(account.id, f"email_{side}_done", now, accounts.CHANGE_WITHIN, ticket.value)
            return False
        before = account.email
        try:
            account = stores.accounts.update(account, email=ticket.value)
        except Taken:  # somebody else confirmed it meanwhile
            raise Missing("ticket: this link was used or is too old") from None
        stores.sessions.tear_up(account.id, *EMAIL_TICKETS, "reset")  # those lie in the old mailbox
        for to in filter(None, (before, account.email)):
            mail.post(studio, account, "email_changed", f"email changed {now.isoformat()} {to == before}", to=to)
    return True


def change_password(studio: Studio, actor: Actor, session: Session, current: str, new: str) -> None:
    """All other sessions end."""
    account = mine(studio, actor)
    if studio.stores.accounts.password_hash(account.id) is None:
        require(refuse("no_password", field="current", value="…", expected="an account with a password"))
    prove(studio, account, current)
    set_password(studio, account, new, keep=session.id)


def set_password(studio: Studio, account: Account, new: str, *, keep: str = "", ticket: str = "") -> None:
    """Sessions end but for `keep`, links that were mailed before open nothing. A `ticket` to reset it counts once."""
    score = strength(new, account.name, account.username, account.email)
    require(accounts.password(new, score))
    hashed, now = studio.passwords.hash(new), studio.clock()
    with studio.stores.accounts.together():
        if ticket:
            studio.stores.sessions.use(ticket, "reset", now)
        studio.stores.accounts.update(account, password_hash=hashed)
        studio.stores.sessions.revoke_all(account.id, but=keep)
        studio.stores.sessions.tear_up(account.id, "reset", "second_factor", *EMAIL_TICKETS)
        mail.post(studio, account, "password_changed", f"password {account.id} {now.isoformat()}")


def prove(studio: Studio, account: Account, password: str, session: Session | None = None) -> None:
    """The password once more. Wrong ones count as wrong sign-ins do.

    Who signs in elsewhere has none, and proved themselves there a short while ago, in this session.
    """
    stores, now = studio.stores, studio.clock()
    hashed = stores.accounts.password_hash(account.id)
    if hashed is None:
        require(access.confirmed(Actor(account.subject_id, "user"), session.confirmed_at if session else None, now))
        return
    right, _ = studio.passwords.check(password, hashed)
    if stores.attempts.locked_until(account.id, now):
        require(refuse("account_locked", field="password", value="…", expected="a few minutes of patience"))
    if not right:
        stores.attempts.fail(account.id, now)
        require(refuse("account_wrong", field="password", value="…", expected="the password of this account"))


def set_switches(studio: Studio, actor: Actor, wanted: dict[str, bool]) -> dict[str, bool]:
    """Only kinds that may be switched off are kept; what a person sends for the others has no effect."""
    account = mine(studio, actor)
    for kind, value in wanted.items():
        mail.switch(studio, account.id, kind, value, account.locale)
    return mail.switches(studio, account.id)


def grant(studio: Studio, address: str, role: str, premium: bool | None = None) -> Account:
    """Gives a role; used by who can run commands on the machine."""
    account = studio.stores.accounts.named(address)
    if account is None:
        expected = "the address or username of an account"
        raise Refused(refuse("account_unknown", field="email", value=address, expected=expected))
    values: dict[str, object] = {"role": role} | ({} if premium is None else {"premium": premium})
    granted = studio.stores.accounts.update(account, **values)
    facts: dict[str, int | str] = {"role": granted.role, "before": account.role, "premium": int(granted.premium)}
    studio.stores.audit.add(studio.clock(), OPERATOR.kind, "account.granted", account.subject_id, facts)
    return granted


def email(text: str) -> Verdict:
    """Whether it is written like an address; that it is one, its letter will show."""
    try:
        validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return refuse("account_email", field="email", value=text[:80], expected="an address such as you@example.org")
    return ALLOWED


def taken(field: str, value: str) -> Verdict:
    return refuse("account_taken", field=field, value=value, expected="a name that is free")


def consent(given: bool) -> Verdict:
    if given:
        return ALLOWED
    return refuse("account_consent", field="consent", value=given, expected="your consent to the privacy policy")

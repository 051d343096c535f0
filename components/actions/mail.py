"""Writes letters into the outbox, in words, for kinds that the person wants. Sends nothing: see postman.py."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

from components import words
from components.actions import choices
from components.studio import Studio
from policies import notifications
from policies.actor import Actor
from store.accounts import Account
from store.blobs import Missing
from store.outbox import Mail

# letter -> its kind, the keys of its subject and its text
LETTERS = {
    "verify": ("service", "mail_verify_subject", "mail_verify_text"),
    "known": ("security", "mail_known_subject", "mail_known_text"),
    "reset": ("security", "mail_reset_subject", "mail_reset_text"),
    "locked": ("security", "mail_locked_subject", "mail_locked_text"),
    "new_device": ("security", "mail_new_device_subject", "mail_new_device_text"),
    "password_changed": ("security", "mail_password_changed_subject", "mail_password_changed_text"),
    "email_old": ("security", "mail_email_old_subject", "mail_email_old_text"),
    "email_new": ("security", "mail_email_new_subject", "mail_email_new_text"),
    "email_changed": ("security", "mail_email_changed_subject", "mail_email_changed_text"),
    "factor_on": ("security", "mail_factor_on_subject", "mail_factor_on_text"),
    "factor_off": ("security", "mail_factor_off_subject", "mail_factor_off_text"),
    "recovery_used": ("security", "mail_recovery_used_subject", "mail_recovery_used_text"),
    "email_first": ("security", "mail_email_first_subject", "mail_email_first_text"),
    "no_password": ("security", "mail_no_password_subject", "mail_no_password_text"),
    "elsewhere": ("security", "mail_elsewhere_subject", "mail_elsewhere_text"),
    "connected": ("security", "mail_connected_subject", "mail_connected_text"),
    "policy": ("service", "mail_policy_subject", "mail_policy_text"),
    "answered": ("service", "mail_answered_subject", "mail_answered_text"),
    "extended": ("service", "mail_extended_subject", "mail_extended_text"),
    "finished": ("finished", "mail_finished_subject", "mail_finished_text"),
}


def post(studio: Studio, account: Account, letter: str, event: str, *, to: str = "", **values: object) -> bool:
    """Puts a letter into the caller's transaction. False when it is not wanted, or when the event has its letter."""
    kind, subject, text = LETTERS[letter]
    said: dict[str, Any] = {"name": account.name, "link": address(studio), **values}
    subject, text = (words.say_in(language_of(account), key, **said) for key in (subject, text))
    return post_text(studio, account, kind, event, subject, text, to=to)


def wants(studio: Studio, account_id: str, kind: str) -> bool:
    """Whether letters of that kind may go to the account now."""
    return switches(studio, account_id)[kind]


def switches(studio: Studio, account_id: str) -> dict[str, bool]:
    """Every kind of mail and whether it comes: by its switch, or by the choice about what it uses."""
    kept, standing = studio.stores.accounts.switches(account_id), studio.stores.accounts.standing(account_id)
    person = Actor(standing.subject_id if standing else "", "user")
    chosen = {kind.name: choices.may(studio, person, kind.purpose) for kind in notifications.KINDS if kind.purpose}
    return {kind.name: notifications.wants(kind.name, kept | chosen) for kind in notifications.KINDS}


def switch(studio: Studio, account_id: str, kind: str, wanted: bool, locale: str = "") -> None:
    """Only kinds that may be switched off are kept; for the others it has no effect."""
    known, standing = notifications.BY_NAME.get(kind), studio.stores.accounts.standing(account_id)
    if known is None or known.fixed or standing is None:
        return
    if known.purpose:
        choices.choose(studio, Actor(standing.subject_id, "user"), known.purpose, wanted, locale)
    else:
        studio.stores.accounts.set_switch(account_id, kind, wanted)


def language_of(account: Account) -> str:
    """That of the page they signed up on."""
    return words.spoken(account.locale)


def post_text(
    studio: Studio, account: Account, kind: str, event: str, subject: str, text: str, *, to: str = ""
) -> bool:
    """As post(), with words that are already written. Every letter ends with why it came.

    Who has no address gets none.
    """
    if not (to or account.email) or not wants(studio, account.id, kind):
        return False
    unsubscribe = "" if notifications.BY_NAME[kind].fixed else unsubscribe_link(studio, account.id, kind)
    key, language = "mail_why_switch" if unsubscribe else "mail_why_fixed", language_of(account)
    why = words.say_in(language, key, link=unsubscribe)
    text = f"{text}\n\n-- \n{why}\n{words.say_in(language, 'mail_from', link=address(studio))}\n"
    mail = Mail(to or account.email, subject, text, unsubscribe)
    return studio.stores.outbox.add(event, kind, mail, studio.clock(), account.id)


def address(studio: Studio) -> str:
    """Where the studio is, by its settings: never by what a request says about itself."""
    return studio.settings.address


def link(studio: Studio, path: str) -> str:
    return f"{address(studio)}/account/{path}"


def unsubscribe_link(studio: Studio, account_id: str, kind: str) -> str:
    return link(studio, f"unsubscribe/{unsubscribe_token(studio, account_id, kind)}")


def unsubscribe_token(studio: Studio, account_id: str, kind: str) -> str:
    """Says for which account and kind, and is signed by the home, so that no row must be kept for it."""
    said = f"{account_id}.{kind}"
    return f"{said}.{signature(said, studio.stores.keys.ring.link_keys()[0])}"


def unsubscribe(studio: Studio, token: str) -> str:
    """Switches that kind off and answers its name. Raises Missing for a token that this home did not sign."""
    said, _, signed = token.rpartition(".")
    keys = studio.stores.keys.ring.link_keys()
    if not any(hmac.compare_digest(signature(said, key).encode(), signed.encode()) for key in keys):
        raise Missing("unsubscribe: this link is not complete")
    account_id, _, kind = said.partition(".")
    switch(studio, account_id, kind, False)
    return kind


def signature(said: str, key: bytes) -> str:
    return base64.urlsafe_b64encode(hmac.digest(key, said.encode(), hashlib.sha256)[:16]).decode().rstrip("=")

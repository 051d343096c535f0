"""Carries a letter out of the house: over SMTP, or onto the console of a home that has no mail server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from store.outbox import Letter
from store.settings import Settings

TIMEOUT = 30.0  # seconds for one letter
PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


class Refused(Exception):
    """The mail server will never take this letter: the address does not exist, or is not allowed."""


class Carrier(Protocol):
    def carry(self, letter: Letter) -> None:
        """Raises Refused for good, or any other exception for now."""


class Smtp:
    """One connection for each letter; mails are few. The password is never logged."""

    def __init__(self, settings: Settings) -> None:
        assert settings.smtp is not None
        parts = urlsplit(settings.smtp.get_secret_value())
        self._sender = sender(settings)
        self._server = {
            "hostname": parts.hostname,
            "port": parts.port or PORTS[parts.scheme],
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            "use_tls": parts.scheme == "smtps",
            "start_tls": True if parts.scheme == "smtp+starttls" else None if parts.scheme == "smtp" else False,
        }

    def carry(self, letter: Letter) -> None:
        message = message_of(letter, self._sender)
        try:
            asyncio.run(aiosmtplib.send(message, timeout=TIMEOUT, **self._server))  # type: ignore[arg-type]
        except aiosmtplib.SMTPRecipientsRefused as error:
            if all(refused.code >= 500 for refused in error.recipients):
                raise Refused from None
            raise
        except aiosmtplib.SMTPResponseException as error:
            if 500 <= error.code < 600 and not isinstance(error, aiosmtplib.SMTPAuthenticationError):
                raise Refused from None
            raise


class Console:
    """Prints the letter for who runs this home."""

    def __init__(self, settings: Settings, write: Callable[[str], None] = print) -> None:
        self._sender = sender(settings)
        self._write = write

    def carry(self, letter: Letter) -> None:
        mail = letter.mail
        self._write(f"--- letter to {mail.to}: {mail.subject}\n{mail.text}\n---")


def carrier_of(settings: Settings) -> Carrier:
    return Smtp(settings) if settings.smtp is not None else Console(settings)


def sender(settings: Settings) -> str:
    return settings.mail_from or f"PixCosmos <pixcosmos@{urlsplit(settings.address).hostname}>"


def message_of(letter: Letter, sender: str) -> EmailMessage:
    """Its id is the letter's: a server that gets it twice, because we died in between, can tell."""
    mail = letter.mail
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = " ".join(mail.subject.split())  # a header has no line breaks
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2].strip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    return message

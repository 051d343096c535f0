"""What an account may look like: names, passwords, ages, and when a name is locked. Pure rules over plain values."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta

from policies.verdict import ALLOWED, Verdict, refuse

LEAST_AGE = 13
OLDEST = 120
LONGEST_NAME = 80
USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{1,28})[a-z0-9]")
TAKEN_BY_US = frozenset({"admin", "administrator", "moderator", "owner", "pixcosmos", "root", "staff", "support"})

LEAST_PASSWORD = 8
MOST_PASSWORD = 128  # characters; the hash takes any, the strength estimate does not
LEAST_SCORE = 2  # of 4: more than a hundred million guesses

FAILURES = 10
WINDOW = timedelta(minutes=15)
LOCKED_FOR = timedelta(minutes=15)

VERIFY_WITHIN = timedelta(days=3)
RESET_WITHIN = timedelta(hours=1)
CHANGE_WITHIN = timedelta(days=1)
CODE_WITHIN = timedelta(minutes=10)
REFUSED_FOR = timedelta(days=1)  # how long a browser remembers that its person is too young


def folded(text: str) -> str:
    """One spelling of what people type in two: case, width and spaces at the ends make no difference."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def name(text: str) -> Verdict:
    if 1 <= len(text.strip()) <= LONGEST_NAME and text.isprintable():
        return ALLOWED
    return refuse("account_name", field="name", value=text[:LONGEST_NAME], expected=f"1 to {LONGEST_NAME} characters")


def username(text: str) -> Verdict:
    if not USERNAME.fullmatch(folded(text)):
        expected = "3 to 30 letters, digits, - or _, with a letter or digit at both ends"
        return refuse("account_username", field="username", value=text[:40], expected=expected)
    if folded(text) in TAKEN_BY_US:
        return refuse("account_taken", field="username", value=text, expected="a name that is free")
    return ALLOWED


def password(text: str, score: int) -> Verdict:
    """`score` is the estimate of 0 to 4. The refusal does not repeat the password."""
    if not LEAST_PASSWORD <= len(text) <= MOST_PASSWORD:
        expected = f"{LEAST_PASSWORD} to {MOST_PASSWORD} characters"
        return refuse("account_password_length", field="password", value="…", expected=expected)
    if score < LEAST_SCORE:
        expected = "one that is harder to guess, such as four unrelated words"
        return refuse("account_password_weak", field="password", value="…", expected=expected)
    return ALLOWED


def born(year: int, month: int, day: int, today: date) -> Verdict:
    """The neutral question for a birth date. The refusal of an age names no limit: nobody learns what to say."""
    try:
        birth = date(year, month, day)
    except ValueError:
        return refuse("account_birth", field="birth", value="", expected="a day that exists")
    age = today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))
    if not 0 <= age <= OLDEST:
        return refuse("account_birth", field="birth", value="", expected="the day you were born")
    if age < LEAST_AGE:
        return refuse("account_age", field="birth", value="", expected="somebody else")
    return ALLOWED


def failed(failures: int, since: datetime, now: datetime) -> tuple[int, datetime, datetime | None]:
    """Wrong tries in the window, its start, and until when the name is locked now, if it is."""
    if now - since >= WINDOW:
        failures, since = 0, now
    failures += 1
    return failures, since, now + LOCKED_FOR if failures >= FAILURES else None

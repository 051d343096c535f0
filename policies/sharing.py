"""What a public page may say, for how long, and where its link may go. Pure rules over what its owner chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from policies.labels import one_line
from policies.verdict import ALLOWED, Verdict, refuse

PURPOSE, LISTING = "showcase", "showcase_listing"  # what a person agrees to: a public link, and the public gallery
VERSION = "2026-11"  # of the words beside "Publish"
LONGEST_NAME = 40
LONGEST_TITLE = 120
LONGEST_NOTE = 1000
MOST_PICTURES = 60  # of a notebook under one link
LEAST_PASSWORD = 4
MOST_PASSWORD = 128
DAYS = (0, 1, 7, 30, 90, 365)  # 0: until it is taken back
REASONS = ("unsafe", "minor", "rights", "personal", "other")
PASS_FOR = timedelta(hours=1)

# Where a link can be shared: (name shown, address, names of the link and of the words in it).
PLACES: Mapping[str, tuple[str, str, str, str]] = {
    "bluesky": ("Bluesky", "https://bsky.app/intent/compose", "text", ""),
    "reddit": ("Reddit", "https://www.reddit.com/submit", "url", "title"),
    "x": ("X", "https://x.com/intent/post", "url", "text"),
    "facebook": ("Facebook", "https://www.facebook.com/sharer/sharer.php", "u", ""),
    "mail": ("Mail", "mailto:", "body", "subject"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the owner of a picture or a notebook chose for its public page. Everything private stays so unless chosen.

    `notes` are those of a notebook.
    """

    title: str = ""
    pseudonym: str = ""
    prompt: bool = False
    metadata: bool = False
    remix: bool = False
    notes: bool = False
    listed: bool = False
    days: int = 0
    password: str = ""
    agreed: bool = False


def check(options: Options) -> Verdict:
    """The first refusal, or ALLOWED."""
    rules = (words(options), hidden_prompt(options), guarded(options), lasting(options.days), consent(options))
    return next((verdict for verdict in rules if not verdict.allowed), ALLOWED)


def words(options: Options) -> Verdict:
    fields = (("title", options.title, LONGEST_TITLE), ("pseudonym", options.pseudonym, LONGEST_NAME))
    for field, text, most in fields:
        if len(text) > most or not one_line(text):
            expected = f"one line of at most {most} letters"
            return refuse("too_long", field=field, value=f"{text[:20]}…", expected=expected)
    return ALLOWED


def hidden_prompt(options: Options) -> Verdict:
    """A file with its settings inside, and a remix, both tell the prompt."""
    if options.prompt or not (options.metadata or options.remix):
        return ALLOWED
    field = "metadata" if options.metadata else "remix"
    expected = "the prompt to be shown too, because this tells it"
    return refuse("prompt_hidden", field=field, value=True, expected=expected)


def guarded(options: Options) -> Verdict:
    if not options.password:
        return ALLOWED
    if not LEAST_PASSWORD <= len(options.password) <= MOST_PASSWORD:
        expected = f"{LEAST_PASSWORD} to {MOST_PASSWORD} letters"
        return refuse("share_password", field="password", value=f"{len(options.password)} letters", expected=expected)
    if options.listed:
        expected = "no password on a page that the public gallery shows"
        return refuse("share_password", field="listed", value=True, expected=expected)
    return ALLOWED


def lasting(days: int) -> Verdict:
    if days in DAYS:
        return ALLOWED
    return refuse("unknown", field="days", value=days, expected=" or ".join(map(str, DAYS)))


def consent(options: Options) -> Verdict:
    """Nothing becomes public that its owner did not agree to, in so many words, this time."""
    if options.agreed:
        return ALLOWED
    return refuse("no_consent", field="agreed", value=False, expected="your agreement that this becomes public")


def made_here(kind: str) -> Verdict:
    """A public page says that AI made the picture and signs for it: that is known of what was made here alone."""
    if kind != "imported":
        return ALLOWED
    return refuse("imported", field="image", value=kind, expected="a picture that was made in this studio")


def enough(pictures: int) -> Verdict:
    """A public notebook shows something, and each of its pictures is marked and signed anew."""
    if 1 <= pictures <= MOST_PICTURES:
        return ALLOWED
    expected = f"1 to {MOST_PICTURES} pictures that the scan has not held back"
    return refuse("share_pictures", field="notebook", value=f"{pictures} pictures", expected=expected)


def expiry(days: int, now: datetime) -> datetime | None:
    return now + timedelta(days=days) if days else None


def reason(value: str) -> Verdict:
    if value in REASONS:
        return ALLOWED
    return refuse("unknown", field="reason", value=value, expected=" or ".join(REASONS))


def address(place: str, link: str, title: str) -> str:
    """Where a visitor goes after saying so. Raises KeyError for a place that is not ours to offer."""
    _, base, link_name, title_name = PLACES[place]
    if not title_name:
        return f"{base}?{urlencode({link_name: link})}"
    joined = urlencode({link_name: link, title_name: title}, safe="" if place == "mail" else "/")
    return f"{base}?{joined.replace('+', '%20')}"

"""What the identity database lets go of in time: old sessions, whole addresses, sign-ups that nobody confirmed."""

from __future__ import annotations

from datetime import timedelta

from components.actions.accounts import remove_unverified
from components.studio import Studio
from policies.accounts import VERIFY_WITHIN
from policies.addresses import cut


def tidy(studio: Studio) -> dict[str, int]:
    """How many of each. Doing it twice, or in two processes at once, does it once."""
    return {
        "sessions": studio.stores.sessions.sweep(studio.clock()),
        "attempts": studio.stores.attempts.sweep(studio.clock()),
        "letters": studio.stores.outbox.sweep(studio.clock()),
        "addresses": cut_addresses(studio),
        "unverified": forget_unconfirmed(studio),
    }


def cut_addresses(studio: Studio) -> int:
    """Addresses of sessions that were not used for some days become networks: /24, or /48 for IPv6."""
    aged = studio.stores.sessions.aged(studio.clock() - timedelta(days=studio.settings.address_days))
    for session in aged:
        studio.stores.sessions.set_address(session, cut(session.device.address))
    return len(aged)


def forget_unconfirmed(studio: Studio) -> int:
    """A sign-up whose links were not opened in time never was; what its visitor drew is a guest's again.

    A link that was mailed once more, at a sign-in, has its whole time.
    """
    sessions, now = studio.stores.sessions, studio.clock()
    old = studio.stores.accounts.unverified(now - VERIFY_WITHIN)
    return sum(remove_unverified(studio, one) for one in old if not sessions.has_ticket(one, "verify", now))

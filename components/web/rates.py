"""How often one address may ask for what costs work or mail. Counted in memory: a restart forgets it."""

from __future__ import annotations

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.requests import HTTPConnection

from policies.addresses import household
from policies.verdict import Refused, refuse

RULES = {
    "guest": parse("120/hour"),
    "sign_in": parse("40/minute"),
    "sign_up": parse("20/hour"),
    "mail": parse("20/hour"),
    "strength": parse("120/minute"),
}


class Rates:
    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, rule: str, connection: HTTPConnection) -> None:
        """Raises Refused when the address of the connection asked too often."""
        if not self._limiter.hit(RULES[rule], rule, household(address_of(connection))):
            raise Refused(refuse("too_many", field="", value=rule, expected=f"at most {RULES[rule]}"))


def address_of(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else ""

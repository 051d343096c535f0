"""What a browser says about itself, cut down to families: enough to know one's own device again."""

from __future__ import annotations

from functools import lru_cache

from starlette.requests import HTTPConnection

from components.web.rates import address_of
from store.sessions import Device

LONGEST = 512  # characters of a user agent that are looked at


def device_of(connection: HTTPConnection) -> Device:
    browser, system, device = families(connection.headers.get("user-agent", "")[:LONGEST])
    return Device(browser, system, device, address_of(connection))


@lru_cache(1024)
def families(agent: str) -> tuple[str, str, str]:
    """Browser, operating system and device, without versions. The parser is loaded when it is first needed."""
    import ua_parser

    parsed = ua_parser.parse(agent)
    device = parsed.device.family if parsed.device and parsed.device.family not in ("Other", "Mac") else ""
    return (
        parsed.user_agent.family[:64] if parsed.user_agent else "",
        parsed.os.family[:64] if parsed.os else "",
        device[:64],
    )

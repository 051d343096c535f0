"""How much of a network address is kept, and for how long."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

KEPT_BITS = {4: 24, 6: 48}


def cut(address: str) -> str:
    """The network that the address is in: /24, or /48 for IPv6. What is no address becomes nothing."""
    try:
        parsed = plain(address)
    except ValueError:
        return ""
    return str(ip_network((parsed, KEPT_BITS[parsed.version]), strict=False))


def household(address: str) -> str:
    """What rates are counted by: the address, or for IPv6 the /64 that one household has."""
    try:
        parsed = plain(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


def plain(address: str) -> IPv4Address | IPv6Address:
    """A server that listens on both kinds sees IPv4 addresses inside IPv6 ones. Raises ValueError."""
    parsed = ip_address(address)
    return parsed.ipv4_mapped or parsed if isinstance(parsed, IPv6Address) else parsed

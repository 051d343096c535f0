"""How much of an address is kept, and by what visitors are counted."""

from __future__ import annotations

import pytest

from policies.addresses import cut, household


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("testclient", ""),
    ],
)
def test_an_address_is_cut_to_its_network(address: str, network: str) -> None:
    assert cut(address) == network


def test_one_household_is_counted_once_and_two_are_two() -> None:
    """Also on a server that listens on both kinds of addresses, where IPv4 comes inside IPv6."""
    assert household("2001:db8:1:2::3") == household("2001:db8:1:2:ffff::9")
    assert household("2001:db8:1:2::3") != household("2001:db8:1:3::3")
    assert household("::ffff:203.0.113.77") == household("203.0.113.77") != household("::ffff:198.51.100.1")

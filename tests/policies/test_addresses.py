"""What remains of an address: a network that many share."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.addresses import cut, household


@pytest.mark.promise("P6")
@given(st.ip_addresses())
def test_a_cut_address_is_a_network_of_256_or_more(address: object) -> None:
    parsed = ip_address(str(address))
    network = ip_network(cut(str(parsed)))
    assert network.num_addresses >= 256
    if getattr(parsed, "ipv4_mapped", None) is None:
        assert parsed in network


@pytest.mark.promise("P6")
@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.0/24", ""),
        ("testclient", ""),
    ],
)
def test_addresses_of_each_kind(address: str, kept: str) -> None:
    assert cut(address) == kept


def test_a_household_is_an_address_or_a_network_of_64_bits() -> None:
    assert household("203.0.113.77") == "203.0.113.77"
    assert household("2001:db8:1:2::3") == household("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"

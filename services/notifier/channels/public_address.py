"""Which network addresses a webhook may reach: public ones, so that nobody makes us knock on doors inside."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

Ip = IPv4Address | IPv6Address

# Networks that carry an IPv4 address inside: at which bit from the right it begins.
_CARRIERS: Final = ((IPv6Network("64:ff9b::/96"), 0), (IPv6Network("2002::/16"), 80))


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet, also when it carries another one inside."""
    # A zone, as in fe80::1%eth0, is of a local network by definition.
    return "%" not in text and all(address.is_global and not address.is_multicast for address in _within(text))


def all_public(addresses: Iterable[str]) -> bool:
    """Whether each of these is public: one that is not is enough to stay away."""
    return all(is_public(address) for address in addresses)


def _within(text: str) -> Iterable[Ip]:
    """The address and those it stands for."""
    address = ip_address(text)
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    carried = [IPv4Address(int(address) >> shift & 0xFFFF_FFFF) for network, shift in _CARRIERS if address in network]
    return (address, *carried)

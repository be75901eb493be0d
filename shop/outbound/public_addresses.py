"""Which IP addresses belong to the Internet: those that staff may have the shop call.

An address of the shop's own network could read what only machines inside may read
(server-side request forgery). So everything is refused that the registries of special
addresses do not give to everybody:
https://www.iana.org/assignments/iana-ipv4-special-registry
https://www.iana.org/assignments/iana-ipv6-special-registry
"""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8"),
            *("169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
            *("192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
            *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15"),
            *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            # Within 2000::/3, to which all other addresses of the Internet belong.
            # Teredo (2001::/32) and 6to4 (2002::/16) hold an IPv4 address of any kind.
            *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48"),
            "3fff::/20",
        ),
    )
)
_GIVEN_OUT = IPv6Network("2000::/3")
# A network without IPv4 reaches the IPv4 Internet through these: RFC 6052.
_TRANSLATED = IPv6Network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Return whether the address is one of the Internet's."""
    if isinstance(address, IPv6Address):
        if address in _TRANSLATED:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        # Mapped and compatible ones, local and private ones are all outside of it.
        if address not in _GIVEN_OUT:
            return False
    return not any(address in network for network in _SPECIAL)


def may_reach(address: Address, private: Iterable[Network] = ()) -> bool:
    """Return whether it is public, or in one of the ``private`` networks allowed."""
    return is_public(address) or any(address in network for network in private)

"""The IP address of the visitor who sent a request."""

from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# One household, or one rented machine, has all addresses of such a network.
_IPV6_PREFIX = 64
# What one customer of a provider has at most, and what anybody can rent.
_IPV6_SITE_PREFIX = 48


def client_address(request: HttpRequest) -> str:
    """Return the visitor's address, as ``client_of`` writes it, or "" if unknown.

    Each of the TRUSTED_PROXIES appends the address of its client to X-Forwarded-For.
    Everything before that comes from the visitor and can be forged.
    """
    address = request.META.get("REMOTE_ADDR", "")
    proxies = settings.TRUSTED_PROXIES
    if proxies:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        address = forwarded[-proxies] if len(forwarded) >= proxies else ""
    client = client_of(address.strip())
    # Visitors of a public shop have public addresses. A private one is that of a proxy
    # missing from TRUSTED_PROXIES; counting it would lock out all visitors.
    if settings.PRODUCTION and client and not _is_public(client):
        return ""
    return client


def _is_public(client: str) -> bool:
    return ip_address(client.partition("/")[0]).is_global


def client_of(address: str) -> str:
    """Return the form in which an address is counted, or "" if it is not an address.

    IPv6 addresses are counted by network, for example ``2001:db8::/64``.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _IPV6_PREFIX), strict=False))


def network_of(client: str) -> str:
    """Return the wider network of a client as ``client_of`` writes it, or "".

    Only IPv6 is counted by wider networks, for example ``2001:db8:1::/48``.
    """
    if "/" not in client:
        return ""
    return str(IPv6Network(client).supernet(new_prefix=_IPV6_SITE_PREFIX))

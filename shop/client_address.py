"""The internet address from which a request comes."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# One household, or one rented machine, has a whole network of these.
_IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str:
    """Return the name under which the visitor's cards are counted; empty: unknown.

    Each of the TRUSTED_PROXIES has added whom it heard to X-Forwarded-For, at its end;
    everything before that is the visitor's own word.
    """
    heard = request.META.get("REMOTE_ADDR", "")
    proxies = settings.TRUSTED_PROXIES
    if proxies:
        told = request.headers.get("X-Forwarded-For", "").split(",")
        heard = told[-proxies] if len(told) >= proxies else ""
    client = client_of(heard.strip())
    # A public shop is not visited from a private address: that is a proxy of which
    # TRUSTED_PROXIES does not know, and to count it would shut everybody out.
    if settings.PRODUCTION and client and not _is_public(client):
        return ""
    return client


def _is_public(client: str) -> bool:
    return ip_address(client.partition("/")[0]).is_global


def client_of(address: str) -> str:
    """Return by which name an address is counted; empty when it is none."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found, _IPV6_PREFIX), strict=False))

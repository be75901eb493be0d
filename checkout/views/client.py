"""From which internet address a request comes, and what is said to one too many."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from checkout.card_testing import client_of
from checkout.errors import TooManyCards


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


def turned_away(refusal: TooManyCards) -> str:
    """Tell the customer what happened and what can be done."""
    until = timezone.localtime(refusal.until)
    return _(
        "Too many cards were tried from your internet connection within an hour, so "
        "this one was not tried and nothing was charged. Please try again after "
        "%(time)s (Japan time), or use another connection. We do this to protect card "
        "holders."
    ) % {"time": f"{until:%H:%M}"}


def _is_public(client: str) -> bool:
    return ip_address(client.partition("/")[0]).is_global

"""The settings of customers' sign-in by OpenID Connect that belong together."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, register

from shop.checks.rules import Rule, messages


@register(Tags.security)
def check_issuer(**_options: Any) -> list[CheckMessage]:
    return messages(issuer_rules())


def issuer_rules() -> Iterator[Rule]:
    yield Rule(
        "shop.E060",
        bool(settings.OIDC_ISSUER)
        != bool(settings.OIDC_CLIENT_ID and settings.OIDC_CLIENT_SECRET),
        "OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are not all set: customers "
        "could not sign in there.",
        "Set all three, or none.",
    )
    yield Rule(
        "shop.E061",
        settings.PRODUCTION and settings.OIDC_ISSUER.startswith("http://"),
        "PRODUCTION is set but OIDC_ISSUER begins with http://: whoever listens could "
        "sign in as any customer.",
        "Set OIDC_ISSUER to an address that begins with https://",
    )

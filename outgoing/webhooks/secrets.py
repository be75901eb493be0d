"""The secrets of endpoints: made, shown once, replaced with an overlap."""

import base64
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from outgoing.webhooks.models import Endpoint, EndpointSecret
from shop.database_clock import Now
from shop.text.sealed import seal, unseal

_BYTES = 32
_PURPOSE = "webhook secret"
# How long the replaced secret signs as well, if nothing else is said.
OVERLAP = timedelta(days=1)


def make(endpoint: Endpoint, actor: str) -> EndpointSecret:
    """Give an endpoint that has none its first secret."""
    text = "whsec_" + base64.b64encode(secrets.token_bytes(_BYTES)).decode()
    return EndpointSecret.objects.create(
        endpoint=endpoint, sealed=seal(text, _PURPOSE), made_by=actor
    )


@transaction.atomic
def rotate(endpoint: Endpoint, actor: str, overlap: timedelta) -> EndpointSecret:
    """Make a new secret; those of before sign for ``overlap`` longer, or not at all.

    Of two people who do so at once, the second replaces the first one's secret.
    """
    # Serialises them on both databases.
    Endpoint.objects.filter(pk=endpoint.pk).update(name=F("name"))
    mine = EndpointSecret.objects.filter(endpoint=endpoint)
    mine.filter(ends_at=None).update(ends_at=Now(overlap))
    if overlap <= timedelta(0):
        mine.valid().update(ends_at=Now())
    return make(endpoint, actor)


def reveal(secret: EndpointSecret) -> str | None:
    """Return the secret in the clear, or None if it was shown before.

    Raises CannotBeRead.
    """
    text = unseal(secret.sealed, _PURPOSE)
    mine = EndpointSecret.objects.filter(pk=secret.pk, shown_at=None)
    return text if mine.update(shown_at=Now()) else None


def signing(endpoint: Endpoint) -> list[str]:
    """Return the secrets that sign now, the newest first. Raises CannotBeRead."""
    valid = EndpointSecret.objects.valid().filter(endpoint=endpoint).order_by("-pk")
    return [unseal(row.sealed, _PURPOSE) for row in valid]


def forget_ended() -> int:
    """Remove secrets that sign nothing any more. Return how many."""
    ended = EndpointSecret.objects.filter(ends_at__lte=Now())
    return ended.delete()[0]

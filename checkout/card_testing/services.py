"""Limit the cards that one internet address may try, to stop tests of stolen cards.

Card testers try many cards, and most are declined. So only declined cards of the last
hour count: a mobile carrier's one address, behind which thousands buy in the minutes
after a programme, is not shut out by its good customers (docs/adr/0022).
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from checkout.card_testing.errors import TooManyCards
from checkout.card_testing.limits import Origin, origins_of, refused_until
from checkout.card_testing.models import Client
from orders.models import PaymentAttempt
from shop import database_clock
from shop.database_clock import Now
from shop.logs.privacy import mark

logger = logging.getLogger(__name__)

# Long enough to look into what happened over a weekend.
KEPT = timedelta(days=7)
_BATCH = 1000


def admit(client: str) -> None:
    """Raise TooManyCards when this client has used up its tries of the hour.

    Must be called in the transaction that writes the try, and before that is written:
    it locks the client's row, so that the tries of a client are written one by one.
    """
    is_limited = settings.CARD_TRIES_PER_HOUR or settings.CARDS_PER_HOUR
    origins = list(origins_of(client))
    if not (is_limited and origins):
        return
    _touch(origins)
    for origin in origins:
        until = refused_until(origin)
        if until is not None:
            raise TooManyCards(origin.address, until)


@transaction.atomic
def record_refusal(error: TooManyCards) -> None:
    """Count and log the refusal, after the refused transaction has rolled back."""
    now = database_clock.read()
    fresh = Client(address=error.client, tried_at=now)
    Client.objects.bulk_create([fresh], ignore_conflicts=True)
    Client.objects.filter(address=error.client).update(
        refusals=F("refusals") + 1, refused_at=now
    )
    logger.warning(
        "%s may not try another card before %s", mark(error.client), error.until
    )


def forget_clients(now: datetime) -> int:
    """Remove addresses older than KEPT; return how many."""
    before = now - KEPT
    old = PaymentAttempt.objects.exclude(client="").filter(created_at__lt=before)
    pks = list(old.values_list("pk", flat=True)[:_BATCH])
    PaymentAttempt.objects.filter(pk__in=pks).update(client="", network="")
    return Client.objects.filter(tried_at__lt=before).delete()[0]


def _touch(origins: Sequence[Origin]) -> None:
    """Lock the rows of the addresses, which are made if they are new."""
    Client.objects.bulk_create(
        [Client(address=origin.address, tried_at=Now()) for origin in origins],
        update_conflicts=True,
        unique_fields=["address"],
        update_fields=["tried_at"],
    )

"""Limit the cards that one internet address may try, to stop tests of stolen cards.

Card testers try many cards, and most are declined. So only tries of the last hour that
were not accepted count: a mobile carrier's one address, behind which thousands buy in
the minutes after a programme, is not shut out by its good customers (docs/adr/0010).
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from checkout.card_testing.errors import TooManyCards
from checkout.card_testing.models import Client
from orders.models import PaymentAttempt

logger = logging.getLogger(__name__)

WINDOW = timedelta(hours=1)
# Long enough to look into what happened over a weekend.
KEPT = timedelta(days=7)
_BATCH = 1000


def admit(client: str) -> None:
    """Raise TooManyCards when this client has used up its tries of the hour.

    Must be called in the transaction that writes the try: it locks the client's row, so
    that of two at once the second one counts the first.
    """
    limit = settings.CARD_TRIES_PER_HOUR
    if not (client and limit):
        return
    now = timezone.now()
    Client.objects.bulk_create(
        [Client(address=client, tried_at=now)],
        update_conflicts=True,
        unique_fields=["address"],
        update_fields=["tried_at"],
    )
    tries = PaymentAttempt.objects.filter(client=client, created_at__gt=now - WINDOW)
    counted = tries.exclude(outcome=PaymentAttempt.Outcome.ACCEPTED)
    newest = counted.order_by("-created_at").values_list("created_at", flat=True)
    times = list(newest[:limit])
    if len(times) >= limit:
        raise TooManyCards(client, times[-1] + WINDOW)


@transaction.atomic
def record_refusal(error: TooManyCards) -> None:
    """Count and log the refusal, after the refused transaction has rolled back."""
    now = timezone.now()
    fresh = Client(address=error.client, tried_at=now)
    Client.objects.bulk_create([fresh], ignore_conflicts=True)
    Client.objects.filter(address=error.client).update(
        refusals=F("refusals") + 1, refused_at=now
    )
    logger.warning("%s", error)


def forget_clients(now: datetime) -> int:
    """Remove addresses older than KEPT; return how many."""
    before = now - KEPT
    old = PaymentAttempt.objects.exclude(client="").filter(created_at__lt=before)
    pks = list(old.values_list("pk", flat=True)[:_BATCH])
    PaymentAttempt.objects.filter(pk__in=pks).update(client="")
    return Client.objects.filter(tried_at__lt=before).delete()[0]

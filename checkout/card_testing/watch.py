"""Alert staff to waves of declined cards, and to many cards from one address."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q

from checkout.card_testing.limits import DECLINED, WINDOW
from checkout.card_testing.models import Client
from checkout.card_testing.notices import DECLINES, MANY_CARDS, WAVE
from checkout.status.names import CHECKOUT_NAME
from orders.models import PaymentAttempt
from saga.alerting import raise_notice
from saga.retention import is_due

_WAVE_JOB = "wave of declined cards"


def watch_cards(now: datetime) -> int:
    """Alert staff once an hour to each address and wave that calls for it.

    Returns how many alerts were raised. Several sweepers may do this at once.
    """
    rows = PaymentAttempt.objects.filter(created_at__gt=now - WINDOW).order_by()
    counts = {"cards": Count("pk"), "declined": Count("pk", filter=DECLINED)}
    raised = 0
    for row in rows.exclude(client="").values("client").annotate(**counts):
        topic = _topic(row["cards"], row["declined"])
        raised += bool(topic) and _alarm(topic, row["client"], now)
    return raised + _watch_shop(rows.aggregate(**counts), now)


def _topic(cards: int, declined: int) -> str:
    """Return what staff are to be told of an address with such counts, or ""."""
    most, tries = settings.CARDS_PER_HOUR, settings.CARD_TRIES_PER_HOUR
    if tries and declined >= tries:
        return DECLINES
    return MANY_CARDS if most and cards >= most / 3 else ""


@transaction.atomic
def _alarm(topic: str, address: str, now: datetime) -> bool:
    client, _is_new = Client.objects.get_or_create(
        address=address, defaults={"tried_at": now}
    )
    recent = Q(alarmed_at__gt=now - WINDOW)
    if not Client.objects.filter(~recent, pk=client.pk).update(alarmed_at=now):
        return False
    raise_notice(CHECKOUT_NAME, f"{topic} {address}", now)
    return True


@transaction.atomic
def _watch_shop(counts: dict[str, int], now: datetime) -> bool:
    """Alert staff when most of the hour's cards were declined, wherever they came from.

    Returns whether it did now.
    """
    limit, declined = settings.CARDS_DECLINED_ALERT, counts["declined"]
    is_wave = limit and declined >= limit and 2 * declined > counts["cards"]
    if not is_wave or not is_due(_WAVE_JOB, WINDOW, now):
        return False
    raise_notice(CHECKOUT_NAME, f"{WAVE} {declined}", now)
    return True
